/** Where a payment stands. Everything up to `awaiting-customer` is live: it can still take the customer's money. */
export type PaymentStatus =
  | 'sending'
  | 'unknown'
  | 'processing'
  | 'awaiting-customer'
  | 'failed'
  | 'cancelled'
  | 'paid'
  | 'partially-refunded'
  | 'refunded'

/**
 * From the least to the most that can be known about a payment. A status only ever moves to the right, whoever brings
 * the news and in whatever order: so duplicates and late arrivals change nothing, and need no table of what was seen.
 * `paid` overrules `failed` and `cancelled`, because DOKU does not call those final; only a refund overrules `paid`.
 */
export const paymentStatuses: readonly PaymentStatus[] = [
  'sending',
  'unknown',
  'processing',
  'awaiting-customer',
  'failed',
  'cancelled',
  'paid',
  'partially-refunded',
  'refunded',
]

/** The status after hearing `news`, or `undefined` when that changes nothing. */
export function advance(current: PaymentStatus, news: PaymentStatus): PaymentStatus | undefined {
  return paymentStatuses.indexOf(news) > paymentStatuses.indexOf(current) ? news : undefined
}

const firstFinal = paymentStatuses.indexOf('failed')

/** Whether the payment can still take the customer's money. */
export function isLive(status: PaymentStatus): boolean {
  return paymentStatuses.indexOf(status) < firstFinal
}

/** Whether the customer's money was taken, given back since or not. */
export function tookMoney(status: PaymentStatus): boolean {
  return paymentStatuses.indexOf(status) >= paymentStatuses.indexOf('paid')
}

/** `latestTransactionStatus` of notifications and status answers; `07` (not found) says nothing. @see protocol.md §7.2, §9 */
const statusByCode: ReadonlyMap<string, PaymentStatus> = new Map([
  ['00', 'paid'],
  ['01', 'processing'],
  ['02', 'processing'],
  ['03', 'processing'],
  ['04', 'refunded'],
  ['05', 'cancelled'],
  ['06', 'failed'],
])

/** What DOKU's two digits say about the payment; `undefined` when they say nothing. */
export function statusFromDoku(latestTransactionStatus: string): PaymentStatus | undefined {
  return statusByCode.get(latestTransactionStatus)
}
