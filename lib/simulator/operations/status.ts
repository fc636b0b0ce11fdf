import type { OperationFault } from '../faults/fault.ts'
import { Refusal } from '../protocol/answers.ts'
import { type JsonObject, textAt } from '../protocol/bodies.ts'
import { amountOf, jakartaTime } from '../protocol/values.ts'
import type { Refund } from '../state/payments.ts'
import { PAYMENT_STATUS, type Payment, type StatusChange } from '../state/payments.ts'
import type { World } from '../world.ts'
import type { Handler } from './call.ts'

/** Whichever service code was asked for, DOKU answers with its own (protocol.md C-14). */
const ECHOED_SERVICE_CODE = '55'

/** @see protocol.md section 9 */
export const checkStatus: Handler = (world, { body, fault }) => {
  const { statusServiceCode } = world.settings.dialect
  if (!['either', textAt(body, 'serviceCode')].includes(statusServiceCode)) {
    throw new Refusal('invalidFieldFormat', 'serviceCode')
  }
  const payment = findPayment(world, body)
  const seen = payment && asSeen(payment, fault, world.settings.clock())
  if (!seen) throw new Refusal('transactionNotFound')
  return {
    originalPartnerReferenceNo: payment.partnerReferenceNo,
    originalReferenceNo: payment.referenceNo,
    originalExternalId: payment.externalId,
    serviceCode: ECHOED_SERVICE_CODE,
    latestTransactionStatus: seen.status,
    transactionStatusDesc: PAYMENT_STATUS[seen.status].toUpperCase(),
    originalResponseCode: payment.answered.responseCode,
    originalResponseMessage: payment.answered.responseMessage,
    ...(seen.paidAt !== undefined && { paidTime: jakartaTime(seen.paidAt) }),
    transAmount: amountOf(payment.sen),
    ...(seen.paidAt !== undefined && { refundHistory: seen.refunds.map(pastRefund) }),
    additionalInfo: { acquirer: { id: 'OVO' } },
  }
}

function pastRefund({ refundNo, partnerRefundNo, sen, at, reason }: Refund): Record<string, unknown> {
  return {
    refundNo,
    partnerRefundNo,
    refundAmount: amountOf(sen),
    refundStatus: '00',
    refundDate: jakartaTime(at),
    ...(reason !== undefined && { reason }),
  }
}

type Seen = Pick<StatusChange, 'status'> & { readonly paidAt: number | undefined; readonly refunds: readonly Refund[] }

/** The payment as it is, or as a status that lags shows it. `undefined`: there was nothing yet. */
function asSeen({ history, paidAt, refunds, status }: Payment, fault: OperationFault, now: number): Seen | undefined {
  if (fault.kind !== 'lag') return { status, paidAt, refunds }
  if (fault.ms === undefined) return history[0] && { status: history[0].status, paidAt: undefined, refunds: [] }
  const then = now - fault.ms
  const change = history.findLast(({ at }) => at <= then)
  if (!change) return undefined
  const wasPaid = paidAt !== undefined && paidAt <= then
  const pastRefunds = refunds.filter(({ at }) => at <= then)
  return { status: change.status, paidAt: wasPaid ? paidAt : undefined, refunds: pastRefunds }
}

/** By either reference; every one that is given has to fit. */
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
