import type { NewEvent } from './outbox.ts'
import { type OrderRecord, type PaymentRecord, toPayment } from './payment-record.ts'
import { tookMoney } from './payment-state.ts'
import { toRefund } from './refund-record.ts'

/** What the host is to be told of the change of one payment: everything that has another status now. */
export function orderEvents(order: OrderRecord, before: PaymentRecord, after: PaymentRecord): NewEvent[] {
  return [...paymentEvents(order, before, after), ...refundEvents(order, before, after)]
}

function paymentEvents(order: OrderRecord, before: PaymentRecord, after: PaymentRecord): NewEvent[] {
  if (before.status === after.status) return []
  const { orderId, attempts } = order
  const { customerId } = after
  const payment = toPayment(orderId, after)
  const changed: NewEvent = { type: 'paymentChanged', customerId, previousStatus: before.status, payment }
  const paid = attempts.filter(({ status }) => tookMoney(status))
  const isSecond = paid.length > 1 && tookMoney(after.status) && !tookMoney(before.status)
  if (!isSecond) return [changed]
  return [changed, { type: 'orderPaidTwice', orderId, payments: paid.map((one) => toPayment(orderId, one)) }]
}

function refundEvents({ orderId }: OrderRecord, before: PaymentRecord, after: PaymentRecord): NewEvent[] {
  return (after.refunds ?? []).flatMap((record) => {
    const earlier = before.refunds?.find(({ partnerRefundNo }) => partnerRefundNo === record.partnerRefundNo)
    if (!earlier || earlier.status === record.status) return []
    const refund = toRefund(record)
    const payment = toPayment(orderId, after)
    return [{ type: 'refundChanged', customerId: after.customerId, previousStatus: earlier.status, refund, payment }]
  })
}
