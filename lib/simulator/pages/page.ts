import type { Standing } from '../customer.ts'
import { document, escapeHtml, say } from './html.ts'
import type { Language } from './words.ts'
import { type WordName, wordsOfMessage } from './words.ts'

/** The answer to a request for a page. */
export interface PageAnswer {
  readonly status: number
  readonly html: string
  /** The URL that the browser goes to next. */
  readonly location?: string
}

/** One page for one binding or payment. */
export interface Page {
  readonly purpose: 'binding' | 'payment'
  readonly title: WordName
  /** The time from which it can be opened, in ms since the epoch. */
  readonly openedAt: number
  /** The merchant's URL for a customer who fails or cancels. */
  readonly failedUrl: string
  standing(): Standing
  /** The customer has opened it. */
  open?(): void
  /** Ends the binding or payment, because the page was open for too long. */
  expire(): void
  /** The HTML between the heading and the end. */
  render(language: Language, message: string | undefined): string
  /** HTML with help that only a simulator gives. */
  help(language: Language): string
  /** The customer has sent the form. */
  submit(form: URLSearchParams): Standing
}

/** The parts of a request that a page needs. */
export interface PageRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: string
  readonly language: Language
  /** True when a browser shows the answer to a person. */
  readonly isNavigation: boolean
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** How long a page stays open. DOKU does not say; the simulator uses the life of a token. */
const PAGE_LIFE_MS = 15 * 60_000

const NOTES: Readonly<Record<string, string>> = { otp: 'Wrong OTP', pin: 'Wrong PIN' }
const noteOf = (message: string | undefined) => Object.keys(NOTES).find((note) => NOTES[note] === message)

/** Answers a request for a page, or its sent form. A finished page sends the browser back to the merchant. */
export function answerPage(page: Page, request: PageRequest): PageAnswer {
  const isOpen = page.standing().status === 'open'
  if (isOpen && request.now >= page.openedAt + PAGE_LIFE_MS) return expired(page, request)
  page.open?.()
  const isSent = request.method === 'POST'
  const standing = isSent ? page.submit(new URLSearchParams(request.body)) : page.standing()
  if (standing.status !== 'open') return finished(page, request, standing)
  if (isSent && request.isNavigation) return redirectToPage(page, request, standing.message)
  const message = standing.message ?? NOTES[request.query.get('wrong') ?? '']
  return { status: standing.message ? 422 : 200, html: openPage(page, request, message) }
}

/** Redirects the browser to the page itself, so that Back and Reload do not ask to send the form again. */
function redirectToPage(page: Page, { path, language, query }: PageRequest, message: string | undefined): PageAnswer {
  const note = noteOf(message)
  const next = new URLSearchParams({ ...(query.has('lang') && { lang: language }), ...(note && { wrong: note }) })
  const search = next.size > 0 ? `?${next}` : ''
  return { status: 303, html: document({ language, title: page.title, main: '' }), location: path + search }
}

function openPage(page: Page, { language }: PageRequest, message: string | undefined): string {
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
