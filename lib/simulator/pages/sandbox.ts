import { fromSen } from '../protocol/money.ts'
import type { Account } from '../state/accounts.ts'
import type { World } from '../world.ts'
import { escapeHtml, rupiah, say } from './html.ts'
import type { Language } from './language.ts'

/** What no real OVO would tell: the answers to its questions, and the numbers to try other things with. */
export function sandboxHelp(world: World, { otp, pin }: Account, language: Language): string {
  const rows = [...world.accounts.values()].map((account) => row(account, language))
  const columns = [say('phone', language), 'OTP', 'PIN', 'Cash'].map((name) => `<th scope="col">${name}</th>`)
  return `<h2>${say('sandbox', language)}</h2>
<p>OTP <b>${escapeHtml(otp)}</b> · PIN <b>${escapeHtml(pin)}</b></p>
<details><summary>${say('otherAccounts', language)}</summary>
<table><thead><tr>${columns.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></details>`
}

function row({ phoneNo, otp, pin, balances, blocked }: Account, language: Language): string {
  const cash = blocked ? say('blocked', language) : rupiah(fromSen(balances.CASH))
  return `<tr>${[phoneNo, otp, pin, cash].map((text) => `<td>${escapeHtml(text)}</td>`).join('')}</tr>`
}
