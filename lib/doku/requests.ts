import type { Amount } from '../primitives/money.ts'

/** From where the customer calls. */
export interface Device {
  /** Becomes `X-DEVICE-ID`: letters and digits are kept, at most 64. */
  readonly deviceId?: string | undefined
  /** Becomes `X-IP-ADDRESS` when it is IPv4, also when it is IPv4 mapped into IPv6. */
  readonly ipAddress?: string | undefined
}

/** What a transactional call carries besides its body. */
export interface Credentials {
  readonly accessToken: string
  readonly customerToken?: string | undefined
  readonly device?: Device | undefined
  /** `X-EXTERNAL-ID`: numeric, unique within a day. */
  readonly externalId: string
}

/** @see protocol.md §5.4 */
export interface BindingRequest {
  readonly phoneNo: string
  readonly additionalInfo: {
    readonly custIdMerchant: string
    readonly customerName?: string | undefined
    readonly email?: string | undefined
    readonly idCard?: string | undefined
    readonly country?: string | undefined
    readonly address?: string | undefined
    readonly dateOfBirth?: string | undefined
    readonly successRegistrationUrl: string
    readonly failedRegistrationUrl: string
  }
}

/** @see protocol.md §5.6 */
export interface PaymentRequest {
  readonly partnerReferenceNo: string
  readonly amount: Amount
  readonly feeType?: string
  readonly payOptionDetails: readonly { payMethod: string; transAmount: Amount; feeAmount: Amount }[]
  readonly additionalInfo: {
    readonly lineItems?: readonly { name: string; price: string; quantity: number }[]
    readonly successPaymentUrl: string
    readonly failedPaymentUrl: string
    readonly paymentType?: string
    readonly remarks?: string
  }
}

export interface StatusRequest {
  readonly originalPartnerReferenceNo: string
  readonly originalReferenceNo?: string
  readonly amount: Amount
}

/** @see protocol.md §10 */
export interface RefundRequest {
  readonly originalPartnerReferenceNo: string
  readonly originalExternalId?: string
  readonly partnerRefundNo: string
  readonly refundAmount: Amount
  readonly reason?: string
}
