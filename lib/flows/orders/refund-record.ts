import { type RandomBytes, randomBase32 } from '../../primitives/ids.ts'
import { type Amount, formatAmountValue, parseAmountValue } from '../../primitives/money.ts'

/** Where a refund stands. Everything up to `processing` is open: DOKU can still give the money back. */
export type RefundStatus = 'sending' | 'unknown' | 'processing' | 'failed' | 'succeeded'

/** From the least to the most that can be known; like a payment's, a refund's status only moves to the right. */
const order: readonly RefundStatus[] = ['sending', 'unknown', 'processing', 'failed', 'succeeded']

/** The status after hearing `news`, or `undefined` when that changes nothing. */
export function advanceRefund(current: RefundStatus, news: RefundStatus): RefundStatus | undefined {
  return order.indexOf(news) > order.indexOf(current) ? news : undefined
}

export function isOpen(status: RefundStatus): boolean {
  return order.indexOf(status) < order.indexOf('failed')
}

/** One refund of a payment, as the store keeps it in the payment. */
export interface RefundRecord {
  readonly partnerRefundNo: string
  /** X-EXTERNAL-ID of the request that was first sent. */
  readonly externalId: string
  readonly status: RefundStatus
  /** Rupiah with two decimals. */
  readonly amount: string
  readonly reason?: string
  readonly refundNo?: string
  readonly failure?: RefundFailure
  readonly createdAt: number
  readonly updatedAt: number
}

export interface RefundFailure {
  /** DOKU's responseCode, or `NOT_SENT` when DOKU could not be reached. */
  readonly code: string
  readonly message: string
}

/** One refund, whole or part, as the host sees it. */
export interface Refund {
  readonly partnerRefundNo: string
  readonly status: RefundStatus
  readonly amount: Amount
  readonly reason?: string
  /** DOKU's own number. */
  readonly refundNo?: string
  readonly failure?: RefundFailure
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly updatedAt: string
}

export function toRefund(record: RefundRecord): Refund {
  const { partnerRefundNo, status, amount, reason, refundNo, failure, createdAt, updatedAt } = record
  return {
    partnerRefundNo,
    status,
    amount: { value: amount, currency: 'IDR' },
    ...(reason !== undefined && { reason }),
    ...(refundNo !== undefined && { refundNo }),
    ...(failure !== undefined && status === 'failed' && { failure }),
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  }
}

export function newRefundNo(randomBytes?: RandomBytes): string {
  return randomBase32(32, randomBytes)
}

const sum = (refunds: readonly RefundRecord[]) =>
  refunds.reduce((total, { amount }) => total + (parseAmountValue(amount) ?? 0n), 0n)

/** What was given back for certain, in sen. */
export function refundedSen(refunds: readonly RefundRecord[] = []): bigint {
  return sum(refunds.filter(({ status }) => status === 'succeeded'))
}

/** What can still be given back, as rupiah with two decimals: open refunds count as given. */
export function refundable(paid: string, refunds: readonly RefundRecord[] = []): string {
  const taken = sum(refunds.filter(({ status }) => status !== 'failed'))
  const left = (parseAmountValue(paid) ?? 0n) - taken
  return formatAmountValue(left > 0n ? left : 0n)
}
