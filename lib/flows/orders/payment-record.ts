import { createHmac } from 'node:crypto'
import { digestLength, referenceLength } from '../../model/reference.ts'
import type { Payment } from '../../model/views.ts'
import { toBase32 } from '../../primitives/ids.ts'
import { earliest } from '../../records/records.ts'
import { type CheckHistory, isLongOver, nextCheckAfterFailure, nextCheckAt } from '../check-schedule.ts'
import { outboxDueAt, type WithOutbox } from '../outbox/outbox-state.ts'
import { isLive, tookMoney } from './payment-state.ts'
import { isOpen, type RefundRecord, toRefund } from './refund-record.ts'

/** One attempt to pay an order, as the store keeps it. */
export interface PaymentRecord
  extends Pick<Payment, 'partnerReferenceNo' | 'status' | 'webRedirectUrl' | 'referenceNo' | 'failure'> {
  /** X-EXTERNAL-ID of the request that was first sent. */
  readonly externalId: string
  readonly customerId: string
  /** Rupiah with two decimals. */
  readonly amount: string
  readonly payMethod: string
  readonly checks?: CheckHistory
  /** A late notification said more than DOKU's status inquiry does. DOKU is asked for a while whether it is true. */
  readonly isDoubted?: true
  /**
   * A notification called it paid, and `confirmPaid: 'ask'` asks DOKU before it is believed. Until DOKU answers 00, 05 or
   * 06 the order cannot be charged again. In ms since the epoch.
   */
  readonly claimedPaidAt?: number
  /** The numbers that DOKU gave to the charges of this attempt. A second number is a second charge. */
  readonly paidReferenceNos?: readonly string[]
  /** When DOKU was asked about it before a new charge, oldest first, in ms since the epoch. */
  readonly questions?: readonly number[]
  /** A charge that the customer agreed to beforehand: nobody but a person releases it. */
  readonly isRecurring?: true
  /** The member of staff who released it. */
  readonly releasedBy?: string
  /** How many of the checks that follow a failure were made. */
  readonly checksAfterFailure?: number
  readonly refunds?: readonly RefundRecord[]
  /** In ms since the epoch. */
  readonly createdAt: number
  readonly updatedAt: number
}

/** An order and all attempts to pay it, oldest first: one record, so that each rule about them is one compare-and-set. */
export interface OrderRecord extends WithOutbox {
  /** Empty as long as only a notification has spoken of the order; then `digest` names it. */
  readonly orderId: string
  readonly digest?: string
  readonly attempts: readonly PaymentRecord[]
  readonly unmatched?: readonly UnmatchedPayment[]
}

/**
 * A payment that a genuine notification called paid, and that no record knows: the storage has lost it. DOKU decides about
 * it before the order is charged.
 */
export interface UnmatchedPayment {
  readonly partnerReferenceNo: string
  /** Rupiah with two decimals, as the notification said. */
  readonly amount: string
  readonly referenceNo?: string
  /** When DOKU was asked about it, oldest first, in ms since the epoch. */
  readonly questions?: readonly number[]
  readonly checks?: CheckHistory
  /** When the notification came, in ms since the epoch. */
  readonly createdAt: number
}

/** So many unmatched payments are kept in an order's record. */
export const unmatchedAtMost = 10

export function toPayment(orderId: string, record: PaymentRecord): Payment {
  const { partnerReferenceNo, status, amount, webRedirectUrl, referenceNo, failure, refunds } = record
  return {
    partnerReferenceNo,
    orderId,
    status,
    amount: { value: amount, currency: 'IDR' },
    ...(status === 'awaiting-customer' && webRedirectUrl !== undefined && { webRedirectUrl }),
    ...(referenceNo !== undefined && { referenceNo }),
    ...(failure !== undefined && (status === 'failed' || status === 'cancelled') && { failure }),
    ...(refunds !== undefined && { refunds: refunds.map(toRefund) }),
    createdAt: new Date(record.createdAt).toISOString(),
    updatedAt: new Date(record.updatedAt).toISOString(),
  }
}

/** The view of an attempt. Its page is hidden while another attempt has taken the money, or is called paid. */
export function viewOf({ orderId, attempts }: OrderRecord, payment: PaymentRecord): Payment {
  const isOther = ({ partnerReferenceNo }: PaymentRecord) => partnerReferenceNo !== payment.partnerReferenceNo
  const isPaid = ({ status, claimedPaidAt }: PaymentRecord) => tookMoney(status) || claimedPaidAt !== undefined
  return toPayment(orderId, attempts.some((one) => isOther(one) && isPaid(one)) ? withoutPage(payment) : payment)
}

/** A customer who has paid must not be led to the page of another attempt. */
export function withoutPage({ webRedirectUrl: _page, ...payment }: PaymentRecord): PaymentRecord {
  return payment
}

/** How many attempts an order can have: two digits of its references count them. */
export const attemptsAtMost = 99

/**
 * `<20 order digest><2 attempt><10 keyed hash of both>`: leads back to its order without another record. The same attempt
 * of the same order gets the same reference again, also after a restore of the storage.
 */
function newReference(digest: string, attempt: number, key: Buffer): string {
  const named = digest + String(attempt).padStart(2, '0')
  const bytes = createHmac('sha256', key).update(named).digest()
  return named + toBase32(bytes.subarray(0, referenceLength - digestLength - 2))
}

/** The order's digest in a reference of ours; `undefined` when it is not of our making. */
export function digestInReference(partnerReferenceNo: string): string | undefined {
  return /^[0-9A-HJKMNP-TV-Z]{32}$/.test(partnerReferenceNo) ? partnerReferenceNo.slice(0, digestLength) : undefined
}

/**
 * The number of the next attempt: one more than there are, and than any reference of ours says. After a restore an attempt
 * can be known from its notification alone.
 */
export function nextAttempt(digest: string, earlier: readonly PaymentRecord[]): number {
  const known = earlier.map(({ partnerReferenceNo: reference }) =>
    digestInReference(reference) === digest ? Number(reference.slice(digestLength, digestLength + 2)) : 0,
  )
  return Math.max(earlier.length, ...known.filter(Number.isInteger)) + 1
}

/**
 * The reference of the next attempt. The first attempt has the one that the host chose. Later ones get a suffix, or a
 * reference of our own if the suffix does not fit or is taken.
 */
export function nextReference(digest: string, earlier: readonly PaymentRecord[], key: Buffer, chosen?: string): string {
  const attempt = nextAttempt(digest, earlier)
  if (chosen === undefined) return newReference(digest, attempt, key)
  const wanted = attempt === 1 ? chosen : `${chosen}-${String(attempt).padStart(2, '0')}`
  const isTaken = earlier.some(({ partnerReferenceNo }) => partnerReferenceNo === wanted)
  return isTaken || wanted.length > referenceLength ? newReference(digest, attempt, key) : wanted
}

/** Whether DOKU has yet to say the last word on it: on the payment, or on a refund of it. */
export function isUnfinished({ status, refunds, isDoubted, claimedPaidAt }: PaymentRecord): boolean {
  const isOpenQuestion = isLive(status) || isDoubted === true || claimedPaidAt !== undefined
  return isOpenQuestion || (refunds?.some((refund) => isOpen(refund.status)) ?? false)
}

/** Whether DOKU can still turn it into a success: it failed or was cancelled, and the request may have left. */
export function canStillSucceed({ status, failure }: PaymentRecord): boolean {
  return (status === 'failed' || status === 'cancelled') && failure?.code !== 'NOT_SENT'
}

/** The failures after which an order is charged again without asking DOKU about them. */
const endedFor = ['NOT_SENT', 'NOT_FOUND', 'EXPIRED']

/** Whether DOKU must be asked about this failed attempt before the order is charged again. */
export function isToBeAskedAbout(payment: PaymentRecord, now: number): boolean {
  if (payment.isDoubted) return !tookMoney(payment.status)
  const isEnded = endedFor.includes(payment.failure?.code ?? '') || isLongOver(payment.updatedAt, now)
  return (payment.status === 'failed' || payment.status === 'cancelled') && !isEnded
}

/** When DOKU is asked about the attempt next, in ms since the epoch; undefined if that is not needed any more. */
export function paymentDueAt(payment: PaymentRecord): number | undefined {
  if (isUnfinished(payment)) return nextCheckAt(payment)
  if (!canStillSucceed(payment)) return undefined
  return nextCheckAfterFailure(payment.updatedAt, payment.checksAfterFailure)
}

/** When the order needs work next, in ms since the epoch: a question about an attempt, or an event for the host. */
export function orderDueAt(order: OrderRecord): number | undefined {
  // Without an attempt nobody knows whose a notified payment is; the next `pay` asks about it.
  const unmatched = order.attempts.length > 0 ? (order.unmatched ?? []) : []
  return earliest(outboxDueAt(order), ...order.attempts.map(paymentDueAt), ...unmatched.map(nextCheckAt))
}
