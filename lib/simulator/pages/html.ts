import { createHash } from 'node:crypto'
import { fromSen } from '../protocol/values.ts'
import type { Account } from '../state/accounts.ts'
import type { World } from '../world.ts'
import { LANGUAGES, type Language, WORDS, type WordName } from './words.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

/** A text from WORDS. No such text has a character that HTML must escape. */
export function say(name: WordName, language: Language): string {
  return WORDS[name][language]
}

/** The parts of a document. */
export interface Content {
  readonly language: Language
  readonly title: WordName
  /** An error. The title begins with it, so that screen readers read it first. */
  readonly alert?: string | undefined
  /** Escaped HTML. */
  readonly main: string
  /** Escaped HTML: help that only a simulator gives. */
  readonly aside?: string | undefined
}

/** A whole HTML document in the shape of a phone. */
export function document({ language, title, alert, main, aside }: Content): string {
  const heading = say(title, language)
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(alert === undefined ? heading : `${alert} – ${heading}`)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<div class="phone">
<header class="bar"><span class="logo">OVO</span>${languages(language)}</header>
<main>
<h1>${heading}</h1>
${main}
</main>
${aside ? `<aside>${aside}</aside>\n` : ''}</div>
</body>
</html>
`
}

function languages(current: Language): string {
  const links = LANGUAGES.map((one) => {
    const mark = one === current ? ' aria-current="true"' : ''
    return `<a href="?lang=${one}" lang="${one}" hreflang="${one}"${mark}>${one.toUpperCase()}</a>`
  })
  return `<nav aria-label="${say('language', current)}">${links.join('')}</nav>`
}

/** Rows of a name and a value. The values are escaped HTML. */
export function facts(rows: readonly (readonly [name: string, value: string])[]): string {
  return `<dl>${rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`
}

/** A form with one secret field, and a button to cancel. */
export interface Question {
  readonly name: 'otp' | 'pin'
  readonly submit: WordName
  readonly language: Language
  /** The error of the previous answer. */
  readonly message: string | undefined
}

/** The cancel button skips the browser's own check of empty fields. The form posts to its own URL. */
export function form({ name, submit, language, message }: Question): string {
  const alert = message === undefined ? '' : `<p class="alert" id="wrong" role="alert">${escapeHtml(message)}</p>\n`
  const complaint = message === undefined ? '' : ' aria-invalid="true"'
  const describedBy = message === undefined ? 'hint' : 'wrong hint'
  const kind = name === 'otp' ? 'type="text" autocomplete="one-time-code"' : 'type="password" autocomplete="off"'
  return `<form method="post">
${alert}<label for="answer">${say(name, language)}</label>
<input id="answer" name="${name}" ${kind} inputmode="numeric" maxlength="6" required autofocus aria-describedby="${describedBy}"${complaint}>
<p class="hint" id="hint">${say('sixDigits', language)}</p>
<button name="action" value="confirm">${say(submit, language)}</button>
<button class="quiet" name="action" value="cancel" formnovalidate>${say('cancel', language)}</button>
</form>`
}

/** Rupiah as people write them: `Rp85.000`. Sen appear only if there are any. */
export function rupiah(value: string): string {
  const [whole = '0', sen = '00'] = value.split('.')
  return `Rp${whole.replace(/\B(?=(\d{3})+$)/g, '.')}${sen === '00' ? '' : `,${sen}`}`
}

/** Help that the real OVO would not give: the OTP, the PIN, and all test accounts. */
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

/** The styles of all pages. The page loads nothing: the Content-Security-Policy names this text by its hash. */
const STYLE = `
:root{color-scheme:light dark;--page:light-dark(#ece8f5,#120e1a);--card:light-dark(#fff,#1e182b);--soft:light-dark(#f5f2fb,#292138);
--text:light-dark(#1f1830,#f1edf9);--faint:light-dark(#625a75,#b3a9c9);--line:light-dark(#e0d9ee,#3d3352);--brand:#4c2a86;
--accent:light-dark(#4c2a86,#b99cf5);--on-accent:light-dark(#fff,#1a1030);--bad:light-dark(#a3202b,#ffaaa8);--bad-soft:light-dark(#fdecec,#401e25);
font:100%/1.5 "Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--page);color:var(--text)}
.phone{width:100%;max-width:25rem;min-height:100vh;display:flex;flex-direction:column;background:var(--card)}
.bar{display:flex;align-items:center;justify-content:space-between;padding:1.25rem 1.5rem 2.75rem;background:var(--brand);color:#fff}
.logo{font-size:1.35rem;font-weight:800;letter-spacing:.14em}
.bar nav{display:flex;gap:.25rem;font-size:.875rem}
.bar a{min-width:2rem;padding:.25rem .5rem;border-radius:1rem;color:#fff;text-align:center;text-decoration:none}
.bar a[aria-current]{background:#ffffff2e;font-weight:700}
main{flex:1;margin-top:-1.5rem;padding:1.75rem 1.5rem 1.5rem;border-radius:1.5rem 1.5rem 0 0;background:var(--card)}
h1{margin:0 0 .25rem;font-size:1.375rem;line-height:1.25}
p{margin:0 0 1rem}
.faint,dt,.hint{color:var(--faint)}
.hint{margin:.375rem 0 0;font-size:.875rem}
.amount{display:block;margin:.75rem 0 1.25rem;font-size:2.25rem;font-weight:700;line-height:1.1;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.steps{display:flex;gap:.375rem;margin:0 0 1.25rem;padding:0;list-style:none}
.steps li{flex:1;height:.25rem;border-radius:1rem;background:var(--line)}
.steps .done{background:var(--accent)}
dl{display:grid;gap:.625rem;margin:1rem 0 1.5rem;padding:1rem;border-radius:.875rem;background:var(--soft)}
dl div{display:flex;justify-content:space-between;gap:1rem}
dd{margin:0;text-align:right;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.small{font-size:.75rem}
label{display:block;margin-bottom:.375rem;font-weight:600}
input{width:100%;min-height:3.5rem;padding:.5rem 1rem;border:1.5px solid var(--faint);border-radius:.875rem;background:var(--card);color:inherit;
font:inherit;font-size:1.5rem;letter-spacing:.5em;text-align:center}
input[aria-invalid]{border-color:var(--bad)}
button,.button{display:block;width:100%;min-height:3.125rem;margin-top:1rem;padding:.75rem;border:0;border-radius:2rem;background:var(--accent);
color:var(--on-accent);font:inherit;font-weight:700;text-align:center;text-decoration:none;cursor:pointer}
.quiet{margin-top:.25rem;background:transparent;color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.bar :focus-visible{outline-color:#fff}
.alert{margin:0 0 1rem;padding:.75rem 1rem;border-radius:.75rem;background:var(--bad-soft);color:var(--bad);font-weight:600}
aside{padding:1rem 1.5rem 1.5rem;border-top:1px solid var(--line);background:var(--soft);font-size:.875rem}
aside h2{margin:0 0 .25rem;font-size:.875rem}
aside p{margin:0}
aside b{font-family:ui-monospace,"Liberation Mono",monospace;font-weight:700}
summary{margin-top:.5rem;padding:.25rem 0;color:var(--accent);cursor:pointer}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .375rem .25rem 0;text-align:left;font-weight:400}
th{color:var(--faint)}
@media (min-width:30rem) and (min-height:40rem){
body{padding:2rem 1rem}
.phone{min-height:46rem;border:.5rem solid light-dark(#1b1526,#3a3149);border-radius:2.5rem;overflow:hidden;box-shadow:0 1.5rem 3rem #1f183033}
}
`

const hash = createHash('sha256').update(STYLE).digest('base64')

/** Allows no script, no frame and no other source. Forms post to the page itself, which redirects to the merchant. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; frame-ancestors 'none'`
