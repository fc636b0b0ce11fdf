import type { StatusAnswer } from '../doku/answers.ts'
import { parseAmountValue } from '../primitives/money.ts'
import { isGivenUp, neverArrived, withNotFound } from './check-schedule.ts'
import type { PaymentRecord } from './payment-record.ts'
import { advance, isLive, type PaymentStatus, statusFromDoku } from './payment-state.ts'
import { advanceRefund, isOpen, type RefundRecord, refundable, refundedSen } from './refund-record.ts'

/** What was heard of a payment, and what came with it. */
export type News = { readonly status: PaymentStatus } & Partial<
  Pick<PaymentRecord, 'webRedirectUrl' | 'referenceNo' | 'failure'>
>

/** The fields that notifications and status answers share. */
export interface DokuWords {
  readonly latestTransactionStatus: string
  readonly transactionStatusDesc?: string | undefined
  readonly originalReferenceNo?: string | undefined
}

/** What DOKU says of a payment, in a notification or when asked. @see protocol.md §7.2, §9 */
export function newsFromDoku(status: PaymentStatus, words: DokuWords): News {
  const { latestTransactionStatus: code, transactionStatusDesc: message = '', originalReferenceNo: referenceNo } = words
  return {
    status,
    ...(referenceNo && { referenceNo }),
    ...((status === 'failed' || status === 'cancelled') && { failure: { code, message } }),
  }
}

/** The payment after the news, or `undefined` when they change nothing. */
export function withNews(payment: PaymentRecord, news: News, now: number): PaymentRecord | undefined {
  if (news.status === 'refunded' && payment.refunds) return withRefundNews(payment, payment.refunds, news, now)
  if (advance(payment.status, news.status) === undefined) return undefined
  return { ...payment, ...news, updatedAt: now }
}

/** "Refunded" does not say how much: when we asked for less than the whole, it was less than the whole. */
function withRefundNews(payment: PaymentRecord, refunds: readonly RefundRecord[], news: News, now: number) {
  const isWhole = refundable(payment.amount, refunds) === '0.00'
  const status = isWhole ? 'refunded' : 'partially-refunded'
  if (advance(payment.status, status) === undefined) return undefined
  const settled = isWhole ? refunds.map((refund) => withRefundStatus(refund, 'succeeded', now)) : refunds
  return { ...payment, ...news, status, refunds: settled, updatedAt: now } as const
}

function withRefundStatus(refund: RefundRecord, status: RefundRecord['status'], now: number): RefundRecord {
  return isOpen(refund.status) && advanceRefund(refund.status, status) ? { ...refund, status, updatedAt: now } : refund
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
  const settled = (payment.refunds ?? []).reduce((one, refund) => withHistory(one, refund, answer, now), payment)
  const finding = statusFromDoku(answer.latestTransactionStatus)
  const told = finding && withNews(settled, newsFromDoku(finding, answer), now)
  const next = told ?? settled
  const isOver = isLive(next.status) && finding !== undefined && isLive(finding) && isGivenUp(next, now)
  return isOver ? ended(next, 'EXPIRED', 'The payment was not confirmed in time.', now) : next
}

/** `00` succeeded, `03` pending, `06` failed. @see protocol.md §9 */
const refundStatuses: Readonly<Record<string, RefundRecord['status']>> = {
  '00': 'succeeded',
  '03': 'processing',
  '06': 'failed',
}

/** One refund after the answer's `refundHistory`; one that is never in it was never received. */
function withHistory(payment: PaymentRecord, refund: RefundRecord, { refundHistory }: StatusAnswer, now: number) {
  const entry = refundHistory?.find(({ partnerRefundNo }) => partnerRefundNo === refund.partnerRefundNo)
  const heard = entry && refundStatuses[entry.refundStatus ?? '']
  if (heard) {
    const status = advanceRefund(refund.status, heard)
    const refundNo = entry.refundNo ?? refund.refundNo
    return status
      ? withRefund(payment, { ...refund, status, ...(refundNo && { refundNo }), updatedAt: now }, now)
      : payment
  }
  if (!isOpen(refund.status) || entry) return payment
  const counted = { ...payment, checks: withNotFound(payment, now) }
  if (!neverArrived(counted)) return counted
  const failure = { code: 'NOT_FOUND', message: 'DOKU never received the refund.' }
  return withRefund(counted, { ...refund, status: 'failed', failure, updatedAt: now }, now)
}

/** The payment after DOKU did not know it: that decides nothing until it was said twice, long after it was sent. */
export function withUnknown(payment: PaymentRecord, now: number): PaymentRecord {
  const counted = { ...payment, checks: withNotFound(payment, now) }
  if (!isLive(payment.status) || !neverArrived(counted)) return counted
  return ended(counted, 'NOT_FOUND', 'DOKU never received the payment; nothing was charged.', now)
}

function ended(payment: PaymentRecord, code: string, message: string, now: number): PaymentRecord {
  return { ...payment, status: 'failed', failure: { code, message }, updatedAt: now }
}
