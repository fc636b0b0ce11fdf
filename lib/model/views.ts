import type { Amount } from '../primitives/money.ts'

/** The signed-in customer, and where the request came from. */
export interface Customer {
  /** The host's id of the customer: 1 to 64 printable ASCII characters. DOKU gets it as `custIdMerchant`. */
  readonly id: string
  /** Becomes `X-DEVICE-ID`. Default: a stable value made from the customer's id. */
  readonly deviceId?: string | undefined
  /** Becomes `X-IP-ADDRESS` if it is IPv4. */
  readonly ipAddress?: string | undefined
}

/** The money in the customer's linked OVO account. */
export interface Balance {
  readonly cash: Amount
  /** Absent if OVO names none. */
  readonly points?: Amount
}

/** ISO 8601, UTC. */
export function toIso(ms: number): string {
  return new Date(ms).toISOString()
}

/** Each state of a binding. Only an `active` one can pay. */
export const bindingStatuses = ['pending', 'active', 'failed', 'unlinked', 'unbound'] as const

/** Each state of a binding. Only an `active` one can pay. */
export type BindingStatus = (typeof bindingStatuses)[number]

/** A customer's linked OVO account, as the customer and the host see it. */
export interface Binding {
  readonly status: BindingStatus
  /** Masked: `62*******7890`. */
  readonly phoneNo: string
  /** OVO's page, where the customer agrees with OTP and PIN. Only while `pending`. */
  readonly redirectUrl?: string
  /** ISO 8601, UTC. */
  readonly updatedAt: string
}

/**
 * Each state of a payment, from the least to the most that can be known about it. Everything up to `awaiting-customer`
 * is live: the payment can still take the customer's money.
 */
export const paymentStatuses = [
  'sending',
  'unknown',
  'processing',
  'awaiting-customer',
  'failed',
  'cancelled',
  'paid',
  'partially-refunded',
  'refunded',
] as const

/** Each state of a payment, from the least to the most that can be known about it. A payment only moves forward. */
export type PaymentStatus = (typeof paymentStatuses)[number]

/** The reason why a payment or a refund failed. */
interface Failure {
  /** DOKU's responseCode, or `NOT_SENT` if DOKU could not be reached. */
  readonly code: string
  readonly message: string
}

/** The reason why a payment failed or was cancelled. `code` may also be `NOT_FOUND` (DOKU never received it) or `EXPIRED` (7 days without an end). */
export interface PaymentFailure extends Failure {}

/** One attempt to pay an order, as the customer and the host see it. */
export interface Payment {
  /** At most 32 characters: OVO cannot refund a payment with a longer one. */
  readonly partnerReferenceNo: string
  readonly orderId: string
  readonly status: PaymentStatus
  readonly amount: Amount
  /** OVO's page, where the customer confirms with the PIN. Only while `awaiting-customer`. */
  readonly webRedirectUrl?: string
  /** DOKU's own reference. */
  readonly referenceNo?: string
  /** Only while `failed` or `cancelled`. */
  readonly failure?: PaymentFailure
  /** Oldest first; absent if there are none. */
  readonly refunds?: readonly Refund[]
  /** ISO 8601, UTC. */
  readonly createdAt: string
  /** ISO 8601, UTC. */
  readonly updatedAt: string
}

/**
 * Each state of a refund, from the least to the most that can be known about it. Everything up to `processing` is open:
 * DOKU can still give the money back.
 */
export const refundStatuses = ['sending', 'unknown', 'processing', 'failed', 'succeeded'] as const

/** Each state of a refund, from the least to the most that can be known about it. A refund only moves forward. */
export type RefundStatus = (typeof refundStatuses)[number]

/** The reason why a refund failed. `code` may also be `NOT_CONFIRMED` (7 days without a confirmation). */
export interface RefundFailure extends Failure {}

/** One refund, whole or part, as the host sees it. */
export interface Refund {
  readonly partnerRefundNo: string
  readonly status: RefundStatus
  readonly amount: Amount
  readonly reason?: string
  /** DOKU's own number. */
  readonly refundNo?: string
  /** Only while `failed`. */
  readonly failure?: RefundFailure
  /** ISO 8601, UTC. */
  readonly createdAt: string
  /** ISO 8601, UTC. */
  readonly updatedAt: string
}
