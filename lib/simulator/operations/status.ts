import type { OperationFault } from '../faults/fault.ts'
import { Refusal } from '../protocol/answers.ts'
import { type JsonObject, textAt } from '../protocol/bodies.ts'
import { amountOf, jakartaTime } from '../protocol/values.ts'
import type { Refund } from '../state/payments.ts'
import { PAYMENT_STATUS, type Payment, type StatusChange } from '../state/payments.ts'
import type { World } from '../world.ts'
import type { Handler } from './call.ts'

/**
 * DOKU answers with its own service code, whichever one the request carried.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-14
 */
const ECHOED_SERVICE_CODE = '55'

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#9 */
export const checkStatus: Handler = (world, { body, fault }) => {
  const { statusServiceCode } = world.settings.dialect
  if (!['either', textAt(body, 'serviceCode')].includes(statusServiceCode)) {
    throw new Refusal('invalidFieldFormat', 'serviceCode')
  }
  const payment = findPayment(world, body)
  const view = payment && viewOf(payment, fault, world.settings.clock())
  if (!view) throw new Refusal('transactionNotFound')
  return {
    originalPartnerReferenceNo: payment.partnerReferenceNo,
    originalReferenceNo: payment.referenceNo,
    originalExternalId: payment.externalId,
    serviceCode: ECHOED_SERVICE_CODE,
    latestTransactionStatus: view.status,
    transactionStatusDesc: PAYMENT_STATUS[view.status].toUpperCase(),
    originalResponseCode: payment.answered.responseCode,
    originalResponseMessage: payment.answered.responseMessage,
    ...(view.paidAt !== undefined && { paidTime: jakartaTime(view.paidAt) }),
    transAmount: amountOf(payment.sen),
    ...(view.paidAt !== undefined && { refundHistory: view.refunds.map(refundRecord) }),
    additionalInfo: { acquirer: { id: 'OVO' } },
  }
}

function refundRecord({ refundNo, partnerRefundNo, sen, at, reason }: Refund): Record<string, unknown> {
  return {
    refundNo,
    partnerRefundNo,
    refundAmount: amountOf(sen),
    refundStatus: '00',
    refundDate: jakartaTime(at),
    ...(reason !== undefined && { reason }),
  }
}

type PaymentView = Pick<StatusChange, 'status'> & {
  readonly paidAt: number | undefined
  readonly refunds: readonly Refund[]
}

/** The payment as it is now, or at the earlier time that a `lag` fault asks for. @returns undefined if it did not exist then */
function viewOf(
  { history, paidAt, refunds, status }: Payment,
  fault: OperationFault,
  now: number,
): PaymentView | undefined {
  if (fault.kind !== 'lag') return { status, paidAt, refunds }
  if (fault.ms === undefined) return history[0] && { status: history[0].status, paidAt: undefined, refunds: [] }
  const then = now - fault.ms
  const change = history.findLast(({ at }) => at <= then)
  if (!change) return undefined
  const wasPaid = paidAt !== undefined && paidAt <= then
  const refundsThen = refunds.filter(({ at }) => at <= then)
  return { status: change.status, paidAt: wasPaid ? paidAt : undefined, refunds: refundsThen }
}

/** Finds a payment by either reference. Every reference in the request must fit. */
function findPayment({ payments }: World, body: JsonObject): Payment | undefined {
  const partnerReferenceNo = textAt(body, 'originalPartnerReferenceNo')
  const referenceNo = textAt(body, 'originalReferenceNo')
  if (partnerReferenceNo === undefined && referenceNo === undefined) {
    throw new Refusal('invalidMandatoryField', 'originalPartnerReferenceNo')
  }
  const payment =
    partnerReferenceNo === undefined
      ? payments.byReferenceNo(referenceNo ?? '')
      : payments.byPartnerReferenceNo(partnerReferenceNo)
  return referenceNo === undefined || payment?.referenceNo === referenceNo ? payment : undefined
}
