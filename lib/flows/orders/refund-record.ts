import { type Refund, type RefundStatus, refundStatuses } from '../../model/views.ts'
import { type RandomBytes, randomBase32 } from '../../primitives/ids.ts'
import { formatAmountValue, parseAmountValue } from '../../primitives/money.ts'

/**
 * Like a payment's status, a refund's only moves to the right in `refundStatuses`.
 * @returns undefined if `heard` changes nothing
 */
export function advanceRefund(current: RefundStatus, heard: RefundStatus): RefundStatus | undefined {
  return refundStatuses.indexOf(heard) > refundStatuses.indexOf(current) ? heard : undefined
}

/** Whether DOKU can still give the money back. */
export function isOpen(status: RefundStatus): boolean {
  return refundStatuses.indexOf(status) < refundStatuses.indexOf('failed')
}

/** One refund of a payment, as the store keeps it in the payment. */
export interface RefundRecord extends Omit<Refund, 'amount' | 'createdAt' | 'updatedAt'> {
  /** X-EXTERNAL-ID of the request that was first sent. */
  readonly externalId: string
  /** Rupiah with two decimals. */
  readonly amount: string
  /** The member of staff who settled or recorded it by hand, and what that was based on. */
  readonly by?: string
  readonly evidence?: string
  /** In ms since the epoch. */
  readonly createdAt: number
  readonly updatedAt: number
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

/** The sum of the refunds that have succeeded, in sen. */
export function refundedSen(refunds: readonly RefundRecord[] = []): bigint {
  return sum(refunds.filter(({ status }) => status === 'succeeded'))
}

/** The amount that can still be given back, as rupiah with two decimals. Open refunds count as given. */
export function refundable(paid: string, refunds: readonly RefundRecord[] = []): string {
  const taken = sum(refunds.filter(({ status }) => status !== 'failed'))
  const left = (parseAmountValue(paid) ?? 0n) - taken
  return formatAmountValue(left > 0n ? left : 0n)
}
