import { declineBinding, declinePayment, enterBindingPin, enterOtp, enterPaymentPin, openPayment } from './customer.ts'
import { succeedLate } from './operations/charge.ts'
import type { Simulator } from './simulator.ts'
import type { Binding } from './state/bindings.ts'
import type { Payment } from './state/payments.ts'
import type { World } from './world.ts'

type CustomerActions = Pick<
  Simulator,
  'succeedLate' | 'approveBinding' | 'declineBinding' | 'approvePayment' | 'declinePayment' | 'unlink'
>

/** Lets a test act as the customer, on the pages and in the OVO app, without a browser. */
export function customerActions(world: World): CustomerActions {
  return {
    approveBinding(redirectUrl, { otp, pin } = {}) {
      const binding = bindingOn(world, redirectUrl)
      const afterOtp = enterOtp(binding, otp ?? binding.account.otp)
      return afterOtp.message ? afterOtp : enterBindingPin(world, binding, pin ?? binding.account.pin)
    },
    declineBinding: (redirectUrl) => declineBinding(world, bindingOn(world, redirectUrl)),
    approvePayment(webRedirectUrl, { pin } = {}) {
      const payment = paymentOn(world, webRedirectUrl)
      openPayment(world, payment)
      return enterPaymentPin(world, payment, pin ?? payment.binding.account.pin)
    },
    declinePayment: (webRedirectUrl) => declinePayment(world, paymentOn(world, webRedirectUrl)),
    succeedLate(partnerReferenceNo) {
      const payment = world.payments.byPartnerReferenceNo(partnerReferenceNo)
      if (!payment) throw new Error(`no payment ${partnerReferenceNo}`)
      return succeedLate(world, payment)
    },
    unlink: (custIdMerchant) => world.bindings.unlink(linkedOf(world, custIdMerchant)),
  }
}

function bindingOn({ bindings }: World, redirectUrl: string): Binding {
  const binding = bindings.byId(lastPartOf(redirectUrl))
  if (!binding) throw new Error(`no binding page at ${redirectUrl}`)
  return binding
}

function paymentOn({ payments }: World, webRedirectUrl: string): Payment {
  const payment = payments.byPageId(lastPartOf(webRedirectUrl))
  if (!payment) throw new Error(`no payment page at ${webRedirectUrl}`)
  return payment
}

function linkedOf({ bindings }: World, custIdMerchant: string): Binding {
  const binding = bindings.linkedOf(custIdMerchant)
  if (!binding) throw new Error(`no account is linked to ${custIdMerchant}`)
  return binding
}

function lastPartOf(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1)
}
