import { amountOf } from '../protocol/values.ts'
import type { Binding } from '../state/bindings.ts'
import { PAYMENT_STATUS, type Payment } from '../state/payments.ts'

/** A notification without the headers that signing adds. */
export interface Message {
  readonly kind: 'payment' | 'binding'
  /** The partnerReferenceNo of the payment, or the custIdMerchant of the binding. */
  readonly about: string
  readonly body: Readonly<Record<string, unknown>>
  /** Headers in addition to those that every notification has. */
  readonly headers: Readonly<Record<string, string>>
}

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-2 */
export function paymentMessage(payment: Payment): Message {
  return {
    kind: 'payment',
    about: payment.partnerReferenceNo,
    headers: {
      'authorization-customer': `Bearer ${payment.customerToken}`,
      ...(payment.deviceId !== undefined && { 'x-device-id': payment.deviceId }),
    },
    body: {
      originalPartnerReferenceNo: payment.partnerReferenceNo,
      originalReferenceNo: payment.referenceNo,
      originalExternalId: payment.externalId,
      latestTransactionStatus: payment.status,
      transactionStatusDesc: PAYMENT_STATUS[payment.status],
      amount: amountOf(payment.sen),
      additionalInfo: additionalInfoOf(payment),
    },
  }
}

function additionalInfoOf({ binding, failedUrl, successUrl, paymentType }: Payment): Record<string, unknown> {
  return {
    acquirerId: 'OVO',
    custIdMerchant: binding.custIdMerchant,
    accountType: 'WALLET',
    channelId: 'EMONEY_OVO_SNAP',
    failedPaymentUrl: failedUrl,
    successPaymentUrl: successUrl,
    origin: { apiFormat: 'SNAP' },
    ...(paymentType && { paymentType }),
  }
}

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#6-1 */
export function bindingMessage({ externalId, custIdMerchant, authCode, status }: Binding): Message {
  const told = {
    linked: 'SUCCESS',
    failed: 'FAILED',
    unlinked: 'FAILED',
    'awaiting-otp': 'PENDING',
    'awaiting-pin': 'PENDING',
  }
  const additionalInfo = { status: told[status], custIdMerchant, authCode }
  return {
    kind: 'binding',
    about: custIdMerchant,
    headers: {},
    body: { originalExternalId: externalId, additionalInfo },
  }
}
