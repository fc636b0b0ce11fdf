import type { Print } from './print.ts'

/** What the shop answers to a request of its page. */
export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** What a browser shows, or where it is sent. */
export interface Page {
  readonly url: string
  readonly status: number
  readonly html: string
  /** Absolute. */
  readonly location: string | undefined
}

/** The little of a browser that the demo needs: it keeps the shop's cookie, follows redirects, and sends forms. */
export class Browser {
  readonly #origin: string
  readonly #print: Print
  #cookie = ''

  constructor(origin: string, print: Print = () => {}) {
    this.#origin = origin
    this.#print = print
  }

  /** A request of the shop's own page. */
  async request(method: string, path: string, body?: object): Promise<Answer> {
    const response = await this.#fetch(this.#origin + path, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
  }

  /** Goes to an address, and on to where that leads. */
  async open(url: string): Promise<Page> {
    let page = await this.#load(url, {})
    for (let redirects = 0; page.location !== undefined; redirects += 1) {
      if (redirects === 5) throw new Error(`${url} leads from page to page without end`)
      page = await this.#load(page.location, {})
    }
    return page
  }

  /** Fills in the form of a page and sends it. Does not follow where that leads. */
  async send(page: Page, fields: Readonly<Record<string, string>>): Promise<Page> {
    const form = new URLSearchParams(fieldsOf(page.html))
    for (const [name, value] of Object.entries(fields)) {
      if (!form.has(name)) throw new Error(`${page.url} does not ask for ${name}`)
      form.set(name, value)
    }
    return this.#load(page.url, { method: 'POST', body: form })
  }

  async #load(url: string, init: RequestInit): Promise<Page> {
    const response = await this.#fetch(url, init)
    const location = response.headers.get('location')
    return {
      url,
      status: response.status,
      html: await response.text(),
      location: location === null ? undefined : new URL(location, url).href,
    }
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const isShops = new URL(url).origin === this.#origin
    const headers = { ...init.headers, ...(isShops && this.#cookie && { cookie: this.#cookie }) }
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    const [cookie] = response.headers.getSetCookie()
    this.#print(`  · browser  ${init.method ?? 'GET'} ${hideIds(url)}: ${response.status}`)
    if (isShops && cookie !== undefined) this.#cookie = cookie.split(';', 1)[0] ?? ''
    return response
  }
}

/** The fields of a page's form with their values, and its first button with a name, as if that were pressed. */
function fieldsOf(html: string): [string, string][] {
  const inputs = [...html.matchAll(/<input\b[^>]*>/g)].map(([tag]) => tag)
  const button = /<button\b[^>]*\bname=[^>]*>/.exec(html)?.[0]
  return [...inputs, ...(button ? [button] : [])].map((tag) => [attribute(tag, 'name'), attribute(tag, 'value')])
}

function attribute(tag: string, name: string): string {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
}

/** An address without what opens a page. */
function hideIds(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname.replace(/\/[^/]{33,}/g, '/***')
}
