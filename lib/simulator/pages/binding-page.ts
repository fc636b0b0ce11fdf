import { declineBinding, enterBindingPin, enterOtp, standingOfBinding } from '../customer.ts'
import type { Binding } from '../state/bindings.ts'
import type { World } from '../world.ts'
import { escapeHtml, facts, form, sandboxHelp, say } from './html.ts'
import type { Page } from './page.ts'
import type { Language } from './words.ts'

/**
 * Asks for the OTP, then for the PIN, as the page behind DOKU's `redirectUrl` does.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-2
 */
export function bindingPage(world: World, binding: Binding): Page {
  return {
    purpose: 'binding',
    title: 'linkTitle',
    openedAt: binding.createdAt,
    failedUrl: binding.failedUrl,
    standing: () => standingOfBinding(binding),
    expire: () => declineBinding(world, binding),
    render: (language, message) => render(binding, language, message),
    help: (language) => sandboxHelp(world, binding.account, language),
    submit(sent) {
      if (sent.get('action') === 'cancel') return declineBinding(world, binding)
      if (sent.has('otp')) return enterOtp(binding, sent.get('otp') ?? '')
      return enterBindingPin(world, binding, sent.get('pin') ?? '')
    },
  }
}

function render({ status, account, successUrl }: Binding, language: Language, message: string | undefined): string {
  const isFirst = status === 'awaiting-otp'
  const question = isFirst ? ({ name: 'otp', submit: 'next' } as const) : ({ name: 'pin', submit: 'link' } as const)
  const rows = [
    [say('merchant', language), escapeHtml(new URL(successUrl).host)],
    [say('account', language), escapeHtml(account.phoneNo)],
  ] as const
  const position = `${say('step', language)} ${isFirst ? 1 : 2} ${say('stepOf', language)} 2`
  return `<p class="faint">${position}</p>
<ol class="steps" aria-hidden="true"><li class="done"></li><li${isFirst ? '' : ' class="done"'}></li></ol>
<p>${say('terms', language)}</p>
${facts(rows)}
${form({ ...question, language, message })}`
}
