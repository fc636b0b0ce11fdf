import { declineBinding, enterBindingPin, enterOtp, standingOfBinding } from '../customer.ts'
import type { Binding } from '../state/bindings.ts'
import type { World } from '../world.ts'
import { escapeHtml, form } from './html.ts'
import type { Page } from './page.ts'

const QUESTIONS = {
  otp: { name: 'otp', label: 'OTP from the SMS', submit: 'Next' },
  pin: { name: 'pin', label: 'OVO PIN', submit: 'Link' },
} as const

/** First the OTP, then the PIN, as on the page behind DOKU's `redirectUrl`. @see protocol.md section 5.2 */
export function bindingPage(world: World, binding: Binding): Page {
  return {
    title: 'Link your OVO account',
    standing: () => standingOfBinding(binding),
    render(message) {
      const phone = `<p>OVO account ${escapeHtml(binding.account.phoneNo)}</p>`
      const question = binding.status === 'awaiting-otp' ? QUESTIONS.otp : QUESTIONS.pin
      return `${phone}\n${form({ ...question, message })}`
    },
    submit(sent) {
      if (sent.get('action') === 'cancel') return declineBinding(world, binding)
      if (sent.has('otp')) return enterOtp(binding, sent.get('otp') ?? '')
      return enterBindingPin(world, binding, sent.get('pin') ?? '')
    },
  }
}
