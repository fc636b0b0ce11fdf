import type { StatusAnswer } from '../../doku/answers.ts'
import type { PaymentStatus } from '../../model/views.ts'
import { parseAmountValue } from '../../primitives/money.ts'
import { maskPhoneNosIn } from '../../redaction.ts'
import { isGivenUp, isOverdue, neverArrived, restarted, withNotFound } from '../check-schedule.ts'
import type { PaymentRecord } from './payment-record.ts'
import { advance, isLive, statusFromDoku, tookMoney } from './payment-state.ts'
import { advanceRefund, isOpen, type RefundRecord, refundedSen } from './refund-record.ts'

/** What was heard of a payment, and what came with it. */
export type StatusUpdate = { readonly status: PaymentStatus } & Partial<
  Pick<PaymentRecord, 'webRedirectUrl' | 'referenceNo' | 'failure'>
>

/** The fields that notifications and status answers share. */
export interface DokuWords {
  readonly latestTransactionStatus: string
  readonly transactionStatusDesc?: string | undefined
  readonly originalReferenceNo?: string | undefined
}

/**
 * What DOKU says of a payment, in a notification or when asked.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-2
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#9
 */
export function updateFromDoku(status: PaymentStatus, words: DokuWords): StatusUpdate {
  const { latestTransactionStatus: code, transactionStatusDesc: message = '', originalReferenceNo: referenceNo } = words
  return {
    status,
    ...(referenceNo && { referenceNo }),
    ...((status === 'failed' || status === 'cancelled') && { failure: { code, message: maskPhoneNosIn(message) } }),
  }
}

/** @returns the payment after the update; undefined if it changes nothing */
export function withUpdate(payment: PaymentRecord, update: StatusUpdate, now: number): PaymentRecord | undefined {
  if (update.status === 'refunded' && payment.refunds) return withRefundUpdate(payment, payment.refunds, update, now)
  if (advance(payment.status, update.status) === undefined) return undefined
  return { ...payment, ...update, updatedAt: now }
}

/**
 * "Refunded" does not say how much, nor which of several parts: only when we asked for the whole at once it is the whole,
 * and that refund has succeeded. Parts that are open are decided by their own answers, or by DOKU's `refundHistory`.
 */
function withRefundUpdate(payment: PaymentRecord, refunds: readonly RefundRecord[], update: StatusUpdate, now: number) {
  const standing = refunds.filter(({ status }) => status !== 'failed')
  const isWhole = (standing.length > 0 ? standing : refunds).every(({ amount }) => amount === payment.amount)
  const status = isWhole ? 'refunded' : 'partially-refunded'
  if (advance(payment.status, status) === undefined) return undefined
  const settled = isWhole ? refunds.map((refund) => succeeded(refund, now)) : refunds
  return { ...payment, ...update, status, refunds: settled, updatedAt: now } as const
}

function succeeded(refund: RefundRecord, now: number): RefundRecord {
  return isOpen(refund.status) ? { ...refund, status: 'succeeded', updatedAt: now } : refund
}

/** The payment with one refund changed; its status follows from what was given back for certain. */
export function withRefund(payment: PaymentRecord, refund: RefundRecord, now: number): PaymentRecord {
  const others = payment.refunds?.some((one) => one.partnerRefundNo === refund.partnerRefundNo)
  const refunds = others
    ? payment.refunds?.map((one) => (one.partnerRefundNo === refund.partnerRefundNo ? refund : one))
    : [...(payment.refunds ?? []), refund]
  const status = advance(payment.status, statusByRefunds(payment, refunds))
  return { ...payment, refunds: refunds ?? [], ...(status && { status, updatedAt: now }) }
}

function statusByRefunds({ amount, status }: PaymentRecord, refunds: readonly RefundRecord[] = []): PaymentStatus {
  const given = refundedSen(refunds)
  if (given === 0n) return status
  return given >= (parseAmountValue(amount) ?? 0n) ? 'refunded' : 'partially-refunded'
}

/** The payment after DOKU has answered what became of it. */
export function withAnswer(payment: PaymentRecord, answer: StatusAnswer, now: number): PaymentRecord {
  const settled = withHistory(payment, answer.refundHistory, now)
  const finding = statusFromDoku(answer.latestTransactionStatus)
  const told = finding && withUpdate(settled, updateFromDoku(finding, answer), now)
  const next = told ?? settled
  const isOver = isLive(next.status) && finding !== undefined && isLive(finding) && isGivenUp(next, now)
  const last = isOver ? ended(next, 'EXPIRED', 'The payment was not confirmed in time.', now) : next
  return withoutDoubt(last, now)
}

/** The payment that a late notification has cast doubt on. */
export function withDoubt(payment: PaymentRecord, now: number): PaymentRecord {
  return { ...payment, isDoubted: true, checks: restarted(payment, now) }
}

/** Doubt ends when the money was taken after all, or when DOKU has had the time to say so. */
function withoutDoubt(payment: PaymentRecord, now: number): PaymentRecord {
  if (!payment.isDoubted || !(tookMoney(payment.status) || isOverdue(payment, now))) return payment
  const { isDoubted: _settled, ...rest } = payment
  return rest
}

type HistoryEntry = NonNullable<StatusAnswer['refundHistory']>[number]

/**
 * `00` succeeded, `03` pending, `06` failed.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#9
 */
const refundStatuses: Readonly<Record<string, RefundRecord['status']>> = {
  '00': 'succeeded',
  '03': 'processing',
  '06': 'failed',
}

/** The payment's refunds after the answer's `refundHistory`. One answer counts once, however many are not in it. */
function withHistory(payment: PaymentRecord, history: readonly HistoryEntry[] | undefined, now: number): PaymentRecord {
  const entryOf = ({ partnerRefundNo }: RefundRecord) => history?.find((one) => one.partnerRefundNo === partnerRefundNo)
  const refunds = payment.refunds ?? []
  const settled = refunds.reduce<PaymentRecord>((one, refund) => withEntry(one, refund, entryOf(refund), now), payment)
  const missing = refunds.filter((refund) => isOpen(refund.status) && !entryOf(refund))
  if (missing.length === 0) return settled
  // The history is optional ([protocol §9](https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#9)): an answer without one says nothing about what is not in it.
  const counted = history ? { ...settled, checks: withNotFound(settled, now) } : settled
  return missing.reduce<PaymentRecord>((one, refund) => withMissing(one, refund, now), counted)
}

function withEntry(
  payment: PaymentRecord,
  refund: RefundRecord,
  entry: HistoryEntry | undefined,
  now: number,
): PaymentRecord {
  const heard = entry && refundStatuses[entry.refundStatus ?? '']
  const status = heard && advanceRefund(refund.status, heard)
  if (!status) return payment
  const refundNo = entry?.refundNo ?? refund.refundNo
  const failure = { code: entry?.refundStatus ?? '', message: 'DOKU could not give the money back.' }
  const details = { ...(refundNo && { refundNo }), ...(status === 'failed' && { failure }) }
  return withRefund(payment, { ...refund, ...details, status, updatedAt: now }, now)
}

/** A refund that DOKU's history lacks never arrived; one that DOKU has acknowledged, or that has no history, gets a week. */
function withMissing(payment: PaymentRecord, refund: RefundRecord, now: number): PaymentRecord {
  const isLost = refund.status !== 'processing' && neverArrived(payment)
  if (!isLost && !isGivenUp(refund, now)) return payment
  const failure = isLost
    ? { code: 'NOT_FOUND', message: 'DOKU never received the refund.' }
    : { code: 'NOT_CONFIRMED', message: 'DOKU never confirmed the refund.' }
  return withRefund(payment, { ...refund, status: 'failed', failure, updatedAt: now }, now)
}

/** The payment after DOKU did not know it: that decides nothing until it was said twice, long after it was sent. */
export function withUnknown(payment: PaymentRecord, now: number): PaymentRecord {
  const counted = withoutDoubt({ ...payment, checks: withNotFound(payment, now) }, now)
  if (!isLive(payment.status) || !neverArrived(counted)) return counted
  return ended(counted, 'NOT_FOUND', 'DOKU never received the payment; nothing was charged.', now)
}

function ended(payment: PaymentRecord, code: string, message: string, now: number): PaymentRecord {
  return { ...payment, status: 'failed', failure: { code, message }, updatedAt: now }
}
