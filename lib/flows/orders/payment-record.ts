import { digestLength, referenceLength } from '../../model/reference.ts'
import type { Payment } from '../../model/views.ts'
import { type RandomBytes, randomBase32 } from '../../primitives/ids.ts'
import { earliest } from '../../records/records.ts'
import { type CheckHistory, nextCheckAt } from '../check-schedule.ts'
import { outboxDueAt, type WithOutbox } from '../outbox/outbox-state.ts'
import { isLive } from './payment-state.ts'
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
  readonly refunds?: readonly RefundRecord[]
  /** In ms since the epoch. */
  readonly createdAt: number
  readonly updatedAt: number
}

/** An order and all attempts to pay it, oldest first: one record, so that each rule about them is one compare-and-set. */
export interface OrderRecord extends WithOutbox {
  readonly orderId: string
  readonly attempts: readonly PaymentRecord[]
}

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

/** How many attempts an order can have: two digits of its references count them. */
export const attemptsAtMost = 99

/**
 * `<20 order digest><2 attempt><10 random>`: leads back to its order without another record, and is unique for ever,
 * also when two shops that number their orders alike share one client id.
 */
function newReference(digest: string, attempt: number, randomBytes?: RandomBytes): string {
  return digest + String(attempt).padStart(2, '0') + randomBase32(referenceLength - digestLength - 2, randomBytes)
}

/** The order's digest in a reference of ours; `undefined` when it is not of our making. */
export function digestInReference(partnerReferenceNo: string): string | undefined {
  return /^[0-9A-HJKMNP-TV-Z]{32}$/.test(partnerReferenceNo) ? partnerReferenceNo.slice(0, digestLength) : undefined
}

/**
 * The first attempt has the reference that the host chose; later ones get a suffix, or a reference of our own where the
 * host's leaves no room for one, or leads to one that an earlier attempt of the order has.
 */
export function nextReference(
  digest: string,
  earlier: readonly PaymentRecord[],
  chosen?: string,
  randomBytes?: RandomBytes,
): string {
  const attempt = earlier.length + 1
  if (chosen === undefined) return newReference(digest, attempt, randomBytes)
  const wanted = attempt === 1 ? chosen : `${chosen}-${String(attempt).padStart(2, '0')}`
  const isTaken = earlier.some(({ partnerReferenceNo }) => partnerReferenceNo === wanted)
  return isTaken || wanted.length > referenceLength ? newReference(digest, attempt, randomBytes) : wanted
}

/** Whether DOKU has yet to say the last word on it: on the payment, or on a refund of it. */
export function isUnfinished({ status, refunds, isDoubted }: PaymentRecord): boolean {
  return isLive(status) || isDoubted === true || (refunds?.some((refund) => isOpen(refund.status)) ?? false)
}

/** When somebody has to look after the order next, in ms since the epoch: ask about an attempt, or tell the host. */
export function orderDueAt(order: OrderRecord): number | undefined {
  return earliest(outboxDueAt(order), ...order.attempts.filter(isUnfinished).map(nextCheckAt))
}
