import { isIPv4 } from 'node:net'
import type { Amount } from '../primitives/money.ts'
import type { Endpoint, Operation } from './api.ts'

/** The device that the customer uses. */
export interface Device {
  /** Becomes `X-DEVICE-ID`. Only letters and digits are sent, at most 64. */
  readonly deviceId?: string | undefined
  /** Becomes `X-IP-ADDRESS` if it is IPv4, or IPv4 mapped into IPv6. */
  readonly ipAddress?: string | undefined
}

/** The parts of a transactional call besides its body. */
export interface Credentials {
  readonly accessToken: string
  readonly customerToken?: string | undefined
  readonly device?: Device | undefined
  /** `X-EXTERNAL-ID`: numeric, unique within a day. */
  readonly externalId: string
  /** Nothing is sent later than this, in ms since the epoch. Default: no bound. */
  readonly sendBefore?: number | undefined
}

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-4 */
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

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-6 */
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

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#10 */
export interface RefundRequest {
  readonly originalPartnerReferenceNo: string
  readonly originalExternalId?: string
  readonly partnerRefundNo: string
  readonly refundAmount: Amount
  readonly reason?: string
}

/**
 * `X-DEVICE-ID` "can't contain symbols".
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#12
 */
export function toDeviceId(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '').slice(0, 64)
}

function toIpAddress(text: string): string | undefined {
  const address = text.replace(/^::ffff:/i, '')
  return isIPv4(address) ? address : undefined
}

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#12 */
export function deviceHeaders(device: Device | undefined): Record<string, string> {
  const deviceId = device?.deviceId && toDeviceId(device.deviceId)
  const ipAddress = device?.ipAddress && toIpAddress(device.ipAddress)
  return { ...(deviceId && { 'X-DEVICE-ID': deviceId }), ...(ipAddress && { 'X-IP-ADDRESS': ipAddress }) }
}

/**
 * The headers that carry the tokens. The row says whether `Bearer ` stands before the customer token.
 * @throws TypeError if the operation needs a customer token and there is none
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-8
 */
export function authorization(
  operation: Operation,
  endpoint: Endpoint,
  credentials: Credentials,
): Record<string, string> {
  const headers = { Authorization: `Bearer ${credentials.accessToken}` }
  if (!endpoint.customerToken) return headers
  if (!credentials.customerToken) {
    // A customer who has unlinked can still get money back.
    if (operation === 'refund') return headers
    throw new TypeError(`${operation} needs a customer token`)
  }
  const scheme = endpoint.customerTokenAs === 'bearer' ? 'Bearer ' : ''
  return { ...headers, 'Authorization-customer': scheme + credentials.customerToken }
}
