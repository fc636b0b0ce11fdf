import type { Standing } from '../customer.ts'
import { document } from './html.ts'

/** What a page is answered with. */
export interface PageAnswer {
  readonly status: number
  readonly html: string
  /** Where the browser goes next. */
  readonly location?: string
}

/** One page, bound to the thing that it is about. */
export interface Page {
  readonly title: string
  standing(): Standing
  /** The customer looks at it. */
  open?(): void
  /** The HTML between the heading and the end. */
  render(message: string | undefined): string
  /** The customer has sent the form. */
  submit(form: URLSearchParams): Standing
}

/** Looking at a page, or sending its form. A finished page sends the browser back to the merchant. */
export function answerPage(page: Page, method: string, body: string): PageAnswer {
  page.open?.()
  const standing = method === 'POST' ? page.submit(new URLSearchParams(body)) : page.standing()
  const { status, message, returnUrl } = standing
  if (status === 'open') return { status: message ? 422 : 200, html: document(page.title, page.render(message)) }
  return { status: 303, html: document(page.title, `<p>${status}</p>`), ...(returnUrl && { location: returnUrl }) }
}

export const PAGE_NOT_FOUND: PageAnswer = {
  status: 404,
  html: document('Not found', '<p>There is nothing here to confirm.</p>'),
}
