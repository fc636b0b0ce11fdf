import type { StatusAnswer } from '../../doku/answers.ts'
import type { PaymentStatus } from '../../model/views.ts'
import { parseAmountValue, readAmountValue } from '../../primitives/money.ts'
import { maskPhoneNosIn } from '../../redaction.ts'
import { isGivenUp, isOverdue, isWitness, restarted, withNotFound, withStillOpen } from '../check-schedule.ts'
import { type Heard, permits } from '../evidence.ts'
import type { PaymentRecord } from './payment-record.ts'
import { advance, isLive, statusFromDoku, tookMoney } from './payment-state.ts'
import { advanceRefund, isOpen, type RefundRecord, refundedSen } from './refund-record.ts'

/** A payment's new status, and the details that came with it. */
export type StatusUpdate = { readonly status: PaymentStatus } & Partial<
  Pick<PaymentRecord, 'webRedirectUrl' | 'referenceNo' | 'failure'>
>

/** DOKU's answer to a status inquiry. `known: false`: DOKU does not know the payment. */
export type Inquiry =
  | { readonly known: true; readonly answer: StatusAnswer; readonly heard: Heard }
  | { readonly known: false; readonly heard: Heard }

/** The fields that notifications and status answers share. */
export interface DokuWords {
  readonly latestTransactionStatus: string
  readonly transactionStatusDesc?: string | undefined
  readonly originalReferenceNo?: string | undefined
}

/**
 * Translates a notification or a status answer of DOKU.
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
  if (update.status === 'paid') return withCharge(payment, update, now)
  if (update.status === 'refunded' && payment.refunds) return withRefundUpdate(payment, payment.refunds, update, now)
  if (advance(payment.status, update.status) === undefined) return undefined
  return { ...payment, ...update, updatedAt: now }
}

/** A charge has one number at DOKU. Another number for the same attempt is a second charge; it is kept, so that the host hears of it. */
function withCharge(payment: PaymentRecord, update: StatusUpdate, now: number): PaymentRecord | undefined {
  const known = payment.paidReferenceNos ?? []
  const isNew = update.referenceNo !== undefined && !known.includes(update.referenceNo)
  const charges = isNew && known.length < mostCharges ? { paidReferenceNos: [...known, update.referenceNo ?? ''] } : {}
  if (advance(payment.status, 'paid') !== undefined) {
    const { claimedPaidAt: _confirmed, failure: _overruled, ...rest } = payment
    return { ...rest, ...update, ...charges, updatedAt: now }
  }
  return isNew && known.length < mostCharges ? { ...payment, ...charges, updatedAt: now } : undefined
}

/** More numbers than any attempt gets; a forger with DOKU's keys must not grow the record without end. */
const mostCharges = 10

/**
 * "Refunded" names neither the amount nor the part. It means the whole payment only if we asked for the whole at once; then
 * that refund has succeeded. For an open part, the answer to its own request or DOKU's `refundHistory` decides.
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

/** The payment with one refund changed. Its status follows from the refunds that have succeeded. */
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

/** The payment after DOKU's answer to a status inquiry. */
export function withAnswer(payment: PaymentRecord, answer: StatusAnswer, heard: Heard, now: number): PaymentRecord {
  const settled = withHistory(withoutWitness(payment), answer.refundHistory, now)
  const status = statusFromDoku(answer.latestTransactionStatus)
  const updated = status && withUpdate(settled, updateFromDoku(status, answer), now)
  const next = withoutClaim(updated ?? settled, status)
  if (status === undefined || !isLive(status)) return withoutDoubt(next, now)
  const waiting = isLive(next.status) ? { ...next, checks: withStillOpen(next, heard) } : next
  return withoutDoubt(isExpired(next, now, heard.dokuTime) ? expired(waiting, now) : waiting, now)
}

/** DOKU knows the payment now, so an earlier "not found" proves nothing any more. */
function withoutWitness(payment: PaymentRecord): PaymentRecord {
  if (!payment.checks?.firstNotFound) return payment
  const { firstNotFound: _disproved, ...checks } = payment.checks
  return { ...payment, checks }
}

/** The payment after a notification that is too old to believe has put it in doubt. */
export function withDoubt(payment: PaymentRecord, referenceNo: string | undefined, now: number): PaymentRecord {
  // DOKU's own number is an acknowledgement: "not found" never overrules it, not even after the doubt has ended.
  const acknowledged = payment.referenceNo === undefined && referenceNo ? { referenceNo } : {}
  return { ...payment, ...acknowledged, isDoubted: true, checks: restarted(payment, now) }
}

/** The payment after a notification called it paid, until DOKU confirms or denies that. */
export function withClaim(payment: PaymentRecord, now: number): PaymentRecord | undefined {
  if (tookMoney(payment.status) || payment.claimedPaidAt !== undefined) return undefined
  return { ...payment, claimedPaidAt: now, checks: restarted(payment, now) }
}

/** Only 00, 04, 05 or 06 decides about a claim; a payment that DOKU still works on stays blocked. */
function withoutClaim(payment: PaymentRecord, status: PaymentStatus | undefined): PaymentRecord {
  if (payment.claimedPaidAt === undefined || status === undefined || isLive(status)) return payment
  const { claimedPaidAt: _decided, ...rest } = payment
  return rest
}

/** A doubt ends if the money was taken after all, or if DOKU has had enough time to say so. */
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

/**
 * The payment's refunds after the answer's `refundHistory`. The history is optional and can lag, so a refund that is not
 * in it stays reserved: only 00, 06 or a person decides about it.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#9
 */
function withHistory(payment: PaymentRecord, history: readonly HistoryEntry[] | undefined, now: number): PaymentRecord {
  // Several entries can name one refund. 00 counts before 03, and 03 before any other: it failed only if every entry says so.
  const known = ['06', '', '03', '00']
  const rank = ({ refundStatus = '' }: HistoryEntry) => known.indexOf(known.includes(refundStatus) ? refundStatus : '')
  const isOf = (refund: RefundRecord) => (one: HistoryEntry) =>
    one.partnerRefundNo === refund.partnerRefundNo &&
    (one.refundAmount === undefined || readAmountValue(one.refundAmount.value) === parseAmountValue(refund.amount))
  const entryOf = (refund: RefundRecord) => history?.filter(isOf(refund)).sort((a, b) => rank(b) - rank(a))[0]
  const refunds = payment.refunds ?? []
  return refunds.reduce<PaymentRecord>((one, refund) => withEntry(one, refund, entryOf(refund), now), payment)
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

/**
 * The payment after DOKU answered "not found". Two witnesses end an attempt that DOKU never acknowledged; an acknowledged one
 * only expires.
 */
export function withUnknown(payment: PaymentRecord, heard: Heard, now: number): PaymentRecord {
  const counted = withoutDoubt({ ...payment, checks: withNotFound(payment, heard, now) }, now)
  if (isExpired(payment, now, heard.dokuTime)) return expired(counted, now)
  const isAcknowledged =
    payment.referenceNo !== undefined ||
    payment.isDoubted === true ||
    !(payment.status === 'sending' || payment.status === 'unknown')
  const first = payment.checks?.firstNotFound
  const witnesses = first && isWitness(payment, heard, now) ? [first, heard] : []
  if (isAcknowledged || isClaimed(payment) || !permits('free-order', 'payment not found', witnesses)) return counted
  return ended(counted, 'NOT_FOUND', 'DOKU never received the payment; nothing was charged.', now)
}

/** Whether nobody can confirm it any more. `dokuTime`: DOKU's clock, if the answer had a `Date`. */
function isExpired(payment: PaymentRecord, now: number, dokuTime: number | undefined): boolean {
  const isOver = isLive(payment.status) && !isClaimed(payment) && isGivenUp(payment, now, dokuTime)
  return isOver && permits('free-order', 'not confirmed for a week')
}

function expired(payment: PaymentRecord, now: number): PaymentRecord {
  return ended(payment, 'EXPIRED', 'The payment was not confirmed in time.', now)
}

function isClaimed({ claimedPaidAt }: PaymentRecord): boolean {
  return claimedPaidAt !== undefined
}

/** Whether DOKU has said twice, 15 minutes apart, that the payment still waits. */
export function isStillOpen({ checks }: PaymentRecord): boolean {
  const heard = [checks?.firstOpen, checks?.latestOpen].filter((one) => one !== undefined)
  return permits('free-order', 'payment still open', heard)
}

/** The attempt after the order was freed from it. Its page is not shown any more; DOKU is asked about it for a week. */
export function withRelease(payment: PaymentRecord, now: number): PaymentRecord {
  const { webRedirectUrl: _page, claimedPaidAt: _claim, isDoubted: _doubt, ...rest } = payment
  const failure = { code: 'RELEASED', message: 'The order was freed from this attempt before anybody confirmed it.' }
  return { ...rest, status: 'cancelled', failure, updatedAt: now }
}

export function ended(payment: PaymentRecord, code: string, message: string, now: number): PaymentRecord {
  return { ...payment, status: 'failed', failure: { code, message }, updatedAt: now }
}
