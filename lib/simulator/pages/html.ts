import { LANGUAGES, type Language } from './language.ts'
import { STYLE } from './style.ts'
import { WORDS, type WordName } from './words.ts'

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

/** A text of ours; none has a character that HTML minds. */
export function say(name: WordName, language: Language): string {
  return WORDS[name][language]
}

/** What a document is made of. */
export interface Content {
  readonly language: Language
  readonly title: WordName
  /** What went wrong; the tab says it first, for those who hear the page. */
  readonly alert?: string | undefined
  /** HTML already. */
  readonly main: string
  /** HTML already: what only a simulator tells. */
  readonly aside?: string | undefined
}

/** A whole document, in the shape of a phone. */
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

/** Rows of a name and what it is; the values are HTML already. */
export function facts(rows: readonly (readonly [name: string, value: string])[]): string {
  return `<dl>${rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`
}

/** What a form asks for: one secret, and a way out. */
export interface Question {
  readonly name: 'otp' | 'pin'
  readonly submit: WordName
  readonly language: Language
  /** What was wrong with the answer before. */
  readonly message: string | undefined
}

/** The cancel button skips the browser's own "please fill in" check. The form posts to the address that it is on. */
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

/** Rupiah as people write them: `Rp85.000`, with sen only where there are any. */
export function rupiah(value: string): string {
  const [whole = '0', sen = '00'] = value.split('.')
  return `Rp${whole.replace(/\B(?=(\d{3})+$)/g, '.')}${sen === '00' ? '' : `,${sen}`}`
}
