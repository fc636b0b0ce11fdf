import type { Standing } from '../customer.ts'
import { document, escapeHtml, say } from './html.ts'
import type { Language } from './words.ts'
import { type WordName, wordsOfMessage } from './words.ts'

/** What a page is answered with. */
export interface PageAnswer {
  readonly status: number
  readonly html: string
  /** Where the browser goes next. */
  readonly location?: string
}

/** One page, bound to the thing that it is about. */
export interface Page {
  readonly purpose: 'binding' | 'payment'
  readonly title: WordName
  /** Since when it can be opened, in ms since the epoch. */
  readonly openedAt: number
  /** Where it sends the customer when nothing comes of it. */
  readonly failedUrl: string
  standing(): Standing
  /** The customer looks at it. */
  open?(): void
  /** It was open for too long: from now on it is over. */
  expire(): void
  /** The HTML between the heading and the end. */
  render(language: Language, message: string | undefined): string
  /** The HTML that only a simulator has. */
  help(language: Language): string
  /** The customer has sent the form. */
  submit(form: URLSearchParams): Standing
}

/** What came in, as far as a page cares. */
export interface PageRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: string
  readonly language: Language
  /** A browser that shows the answer to a person. */
  readonly isNavigation: boolean
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** DOKU does not say how long its pages stay open. Chosen here, as long as a token lives. */
const LIFE_MS = 15 * 60_000

const NOTES: Readonly<Record<string, string>> = { otp: 'Wrong OTP', pin: 'Wrong PIN' }
const noteOf = (message: string | undefined) => Object.keys(NOTES).find((note) => NOTES[note] === message)

/** Looking at a page, or sending its form. A finished page sends the browser back to the merchant. */
export function answerPage(page: Page, request: PageRequest): PageAnswer {
  const isOpen = page.standing().status === 'open'
  if (isOpen && request.now >= page.openedAt + LIFE_MS) return expired(page, request)
  page.open?.()
  const isSent = request.method === 'POST'
  const standing = isSent ? page.submit(new URLSearchParams(request.body)) : page.standing()
  if (standing.status !== 'open') return finished(page, request, standing)
  if (isSent && request.isNavigation) return lookAgain(page, request, standing.message)
  const message = standing.message ?? NOTES[request.query.get('wrong') ?? '']
  return { status: standing.message ? 422 : 200, html: whole(page, request, message) }
}

/** A browser is sent on to look at the page, so that neither Back nor Reload asks a person to send a form once more. */
function lookAgain(page: Page, { path, language, query }: PageRequest, message: string | undefined): PageAnswer {
  const note = noteOf(message)
  const next = new URLSearchParams({ ...(query.has('lang') && { lang: language }), ...(note && { wrong: note }) })
  const search = next.size > 0 ? `?${next}` : ''
  return { status: 303, html: document({ language, title: page.title, main: '' }), location: path + search }
}

function whole(page: Page, { language }: PageRequest, message: string | undefined): string {
  const alert = message === undefined ? undefined : wordsOfMessage(message)[language]
  return document({
    language,
    title: page.title,
    alert,
    main: page.render(language, alert),
    aside: page.help(language),
  })
}

function finished({ title }: Page, { language }: PageRequest, { status, returnUrl }: Standing): PageAnswer {
  const html = document({ language, title, main: `<p>${status}</p>` })
  return { status: 303, html, ...(returnUrl && { location: returnUrl }) }
}

function expired(page: Page, { language }: PageRequest): PageAnswer {
  page.expire()
  const link = `<a class="button" href="${escapeHtml(page.failedUrl)}">${say('backToShop', language)}</a>`
  const main = `<p>${say('expired', language)}</p>\n${link}`
  return { status: 410, html: document({ language, title: 'expiredTitle', main }) }
}

export function pageNotFound(language: Language): PageAnswer {
  const main = `<p>${say('notFound', language)}</p>`
  return { status: 404, html: document({ language, title: 'notFoundTitle', main }) }
}
