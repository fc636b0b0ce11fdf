import { declinePayment, enterPaymentPin, openPayment, standingOfPayment } from '../customer.ts'
import { finish } from '../operations/charge.ts'
import { fromSen } from '../protocol/values.ts'
import type { Account, Part } from '../state/accounts.ts'
import type { Payment } from '../state/payments.ts'
import type { World } from '../world.ts'
import { escapeHtml, facts, form, rupiah, sandboxHelp, say } from './html.ts'
import type { Page } from './page.ts'
import type { Language } from './words.ts'

/**
 * Shows the amount and its source, and asks for the PIN, as the page behind DOKU's `webRedirectUrl` does.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-2
 */
export function paymentPage(world: World, payment: Payment): Page {
  return {
    purpose: 'payment',
    title: 'payTitle',
    openedAt: payment.history[0]?.at ?? 0,
    failedUrl: payment.failedUrl,
    standing: () => standingOfPayment(payment),
    open: () => openPayment(world, payment),
    expire: () => finish(world, payment, '06'),
    render: (language, message) => render(payment, language, message),
    help: (language) => sandboxHelp(world, payment.binding.account, language),
    submit(sent) {
      if (sent.get('action') === 'cancel') return declinePayment(world, payment)
      return enterPaymentPin(world, payment, sent.get('pin') ?? '')
    },
  }
}

function render(payment: Payment, language: Language, message: string | undefined): string {
  const { sen, parts, binding, partnerReferenceNo, successUrl } = payment
  const value = fromSen(sen)
  const rows = [
    [say('merchant', language), escapeHtml(new URL(successUrl).host)],
    [say('account', language), escapeHtml(binding.account.phoneNo)],
    ...parts.map((part) => [say('payFrom', language), source(part, binding.account, language)] as const),
    [say('reference', language), `<span class="small">${escapeHtml(partnerReferenceNo)}</span>`],
  ] as const
  const isShort = parts.some(({ payMethod, sen: due }) => binding.account.balances[payMethod] < due)
  return `<data class="amount" value="IDR ${value}">${rupiah(value)}</data>
${facts(rows)}
${isShort ? `<p class="alert">${say('insufficient', language)}</p>\n` : ''}${form({ name: 'pin', submit: 'pay', language, message })}`
}

function source({ payMethod }: Part, { balances }: Account, language: Language): string {
  const name = say(payMethod === 'CASH' ? 'cash' : 'points', language)
  return `${name}<br><span class="small faint">${say('balance', language)} ${rupiah(fromSen(balances[payMethod]))}</span>`
}
