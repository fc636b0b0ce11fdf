import { type OrderRecord, orderDueAt } from '../../../lib/flows/orders/payment-record.ts'
import type { PaymentStatus } from '../../../lib/model/views.ts'
import type { Json } from '../../../lib/primitives/json.ts'
import { orderDigest, recordKeys } from '../../../lib/records/records.ts'
import { customerIds, orderAmount } from './shop.ts'

/** A payment as the package itself keeps it. */
export interface StoredPayment {
  readonly key: string
  readonly value: Json
  readonly dueAt: number | undefined
}

const attempt = '01'
const random = '0'.repeat(10)

/** The reference of the `number`th payment that was there before the load came. */
export function storedReference(clientId: string, number: number): string {
  return orderDigest(clientId, orderIdOf(number)) + attempt + random
}

function orderIdOf(number: number): string {
  return `stored-${number}`
}

export function storedPayment(clientId: string, number: number, status: PaymentStatus, now: number): StoredPayment {
  const orderId = orderIdOf(number)
  const payment = {
    partnerReferenceNo: storedReference(clientId, number),
    externalId: String(number).padStart(32, '1'),
    customerId: customerIds[number % customerIds.length] ?? '',
    status,
    amount: orderAmount,
    payMethod: 'CASH',
    referenceNo: String(number).padStart(20, '2'),
    createdAt: now,
    updatedAt: now,
  }
  const order: OrderRecord = { orderId, attempts: [payment] }
  const key = recordKeys(clientId).order(orderDigest(clientId, orderId))
  return { key, value: order as unknown as Json, dueAt: orderDueAt(order) }
}
