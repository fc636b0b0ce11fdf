import { type PaymentStatus, paymentStatuses } from '../../model/views.ts'

/**
 * A status only moves to the right in `paymentStatuses`, from any source and in any order: duplicates and late arrivals
 * change nothing, so no table of seen messages is needed. `paid` overrules `failed` and `cancelled`, because DOKU does not
 * call those final; only a refund overrules `paid`.
 * @returns undefined if `heard` changes nothing
 */
export function advance(current: PaymentStatus, heard: PaymentStatus): PaymentStatus | undefined {
  return paymentStatuses.indexOf(heard) > paymentStatuses.indexOf(current) ? heard : undefined
}

const firstFinal = paymentStatuses.indexOf('failed')

/** Whether the payment can still take the customer's money. */
export function isLive(status: PaymentStatus): boolean {
  return paymentStatuses.indexOf(status) < firstFinal
}

/** Whether the customer's money was taken. A refund does not change that. */
export function tookMoney(status: PaymentStatus): boolean {
  return paymentStatuses.indexOf(status) >= paymentStatuses.indexOf('paid')
}

/**
 * `latestTransactionStatus` of notifications and status answers; `07` (not found) says nothing.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-2
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#9
 */
const statusByCode: ReadonlyMap<string, PaymentStatus> = new Map([
  ['00', 'paid'],
  ['01', 'processing'],
  ['02', 'processing'],
  ['03', 'processing'],
  ['04', 'refunded'],
  ['05', 'cancelled'],
  ['06', 'failed'],
])

/** @returns the payment's status for DOKU's two digits; undefined if they say nothing */
export function statusFromDoku(latestTransactionStatus: string): PaymentStatus | undefined {
  return statusByCode.get(latestTransactionStatus)
}
