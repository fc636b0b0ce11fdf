/** The paths as they are printed in docs/protocol.md section 5.1, once more, and the bodies that fit them. */
export interface Api {
  readonly name: string
  readonly binding: string
  readonly balance: string
  readonly payment: string
  readonly unbinding: string
  /** What every body's additionalInfo has. */
  readonly channel: { readonly channel?: string }
  readonly bindingPage: RegExp
  readonly paymentPage: RegExp
}

export const OVO_V1: Api = {
  name: 'ovo-v1.0',
  binding: '/direct-debit/merchant/ovo/v1.0/registration-account-binding',
  balance: '/direct-debit/merchant/ovo/v1.0/balance-inquiry',
  payment: '/direct-debit/merchant/ovo/v1.0/payment-host-to-host',
  unbinding: '/direct-debit/ovo/v1.0/registration-account-unbinding',
  channel: {},
  bindingPage: /\/direct-debit\/ui\/binding\/\d+$/,
  paymentPage: /\/direct-debit\/ui\/payment\/\d+$/,
}

export const CORE_V1: Api = {
  name: 'core-v1',
  binding: '/direct-debit/core/v1/registration-account-binding',
  balance: '/direct-debit/core/v1/balance-inquiry',
  payment: '/direct-debit/core/v1/debit/payment-host-to-host',
  unbinding: '/direct-debit/core/v1/registration-account-unbinding',
  channel: { channel: 'EMONEY_OVO_SNAP' },
  bindingPage: /\/direct-debit\/ui\/binding\/core\/\d+$/,
  paymentPage: /\/direct-debit\/ui\/payment\/core\/\d+$/,
}

export const APIS = [OVO_V1, CORE_V1]
export const STATUS = '/orders/v1.0/debit/status'

export const ALICE = { phoneNo: '6281200000001', pin: '111111', otp: '111111' }
export const BOB = { phoneNo: '6281200000002', pin: '222222', otp: '222222' }
export const POOR = { phoneNo: '6281200000003', pin: '333333', otp: '333333' }
export const BLOCKED = { phoneNo: '6281200000004', pin: '444444', otp: '444444' }

export function bindingBody(api: Api, phoneNo = ALICE.phoneNo, custIdMerchant = 'alice') {
  return {
    phoneNo,
    additionalInfo: {
      ...api.channel,
      custIdMerchant,
      customerName: 'José & Siti <x>',
      email: 'jose@shop.example',
      dateOfBirth: '19990101',
      successRegistrationUrl: 'https://shop.example/bound?s=1&t=2',
      failedRegistrationUrl: 'https://shop.example/not-bound',
    },
  }
}

export function paymentBody(api: Api, partnerReferenceNo: string, value = '10000.00', additionalInfo: object = {}) {
  const amount = { value, currency: 'IDR' }
  return {
    partnerReferenceNo,
    amount,
    feeType: 'OUR',
    payOptionDetails: [
      { payMethod: 'CASH', transAmount: { ...amount }, feeAmount: { value: '0.00', currency: 'IDR' } },
    ],
    additionalInfo: {
      ...api.channel,
      lineItems: [{ name: 'masker', price: value, quantity: 1 }],
      successPaymentUrl: 'https://shop.example/paid?o=1',
      failedPaymentUrl: 'https://shop.example/not-paid',
      ...additionalInfo,
    },
  }
}
