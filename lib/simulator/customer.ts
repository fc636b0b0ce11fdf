import { bindingMessage } from './notifications/bodies.ts'
import { charge, finish } from './operations/charge.ts'
import type { Binding } from './state/bindings.ts'
import { isOpen, moveTo, type Payment } from './state/payments.ts'
import type { World } from './world.ts'

/** The state of a page after the customer did something on it. */
export interface Standing {
  /** `open`: the page needs more input. */
  readonly status: 'open' | 'succeeded' | 'failed'
  /** A message that the page shows, in English, for example `Wrong PIN`. Absent when nothing was wrong. */
  readonly message?: string
  /** The merchant's URL that the page sends the browser to. Absent while `status` is `open`. */
  readonly returnUrl?: string
}

export function standingOfBinding({ status, successUrl, failedUrl }: Binding): Standing {
  if (status === 'linked') return { status: 'succeeded', returnUrl: successUrl }
  if (status === 'awaiting-otp' || status === 'awaiting-pin') return { status: 'open' }
  return { status: 'failed', returnUrl: failedUrl }
}

export function standingOfPayment(payment: Payment): Standing {
  if (isOpen(payment)) return { status: 'open' }
  if (payment.status === '00') return { status: 'succeeded', returnUrl: payment.successUrl }
  return { status: 'failed', returnUrl: payment.failedUrl }
}

export function enterOtp(binding: Binding, otp: string): Standing {
  if (binding.status !== 'awaiting-otp') return standingOfBinding(binding)
  if (otp !== binding.account.otp) return { status: 'open', message: 'Wrong OTP' }
  binding.status = 'awaiting-pin'
  return { status: 'open' }
}

/** Links the account. Fails if the account or the customer was linked by another binding in the meantime. */
export function enterBindingPin(world: World, binding: Binding, pin: string): Standing {
  if (binding.status !== 'awaiting-pin') return standingOfBinding(binding)
  if (pin !== binding.account.pin) return { status: 'open', message: 'Wrong PIN' }
  const isFree = binding.account.linkedTo === undefined && !world.bindings.linkedOf(binding.custIdMerchant)
  if (isFree) world.bindings.link(binding)
  else binding.status = 'failed'
  return bindingEnded(world, binding)
}

export function declineBinding(world: World, binding: Binding): Standing {
  if (standingOfBinding(binding).status !== 'open') return standingOfBinding(binding)
  binding.status = 'failed'
  return bindingEnded(world, binding)
}

function bindingEnded(world: World, binding: Binding): Standing {
  if (world.settings.sendsBindingNotification) world.notifier.announce(bindingMessage(binding))
  return standingOfBinding(binding)
}

/** The customer has opened the PIN page. */
export function openPayment({ settings }: World, payment: Payment): void {
  if (payment.status === '01') moveTo(payment, '03', settings.clock())
}

export function enterPaymentPin(world: World, payment: Payment, pin: string): Standing {
  if (!isOpen(payment)) return standingOfPayment(payment)
  if (pin !== payment.binding.account.pin) return { status: 'open', message: 'Wrong PIN' }
  charge(world, payment)
  return standingOfPayment(payment)
}

export function declinePayment(world: World, payment: Payment): Standing {
  if (!isOpen(payment)) return standingOfPayment(payment)
  finish(world, payment, '05')
  return standingOfPayment(payment)
}
