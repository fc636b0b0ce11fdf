import type { Print } from './print.ts'

/** The shop's answer to a request of its page. */
export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** A page in the browser, or a redirect. */
export interface Page {
  readonly url: string
  readonly status: number
  readonly html: string
  /** The absolute URL of a redirect. */
  readonly location: string | undefined
}

/** A small browser for the script. It keeps the shop's cookie, follows redirects and sends forms. */
export class Browser {
  readonly #origin: string
  readonly #print: Print
  #cookie = ''

  constructor(origin: string, print: Print = () => {}) {
    this.#origin = origin
    this.#print = print
  }

  /** Sends a request as the shop's own page does. */
  async request(method: string, path: string, body?: object): Promise<Answer> {
    const response = await this.#fetch(this.#origin + path, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
  }

  /** Opens a URL and follows redirects. */
  async open(url: string): Promise<Page> {
    let page = await this.#load(url, {})
    for (let redirects = 0; page.location !== undefined; redirects += 1) {
      if (redirects === 5) throw new Error(`${url} redirects too often`)
      page = await this.#load(page.location, {})
    }
    return page
  }

  /** Fills in the form of a page and sends it. Does not follow redirects. */
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
    const isToShop = new URL(url).origin === this.#origin
    const headers = { ...init.headers, ...(isToShop && this.#cookie && { cookie: this.#cookie }) }
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    const [cookie] = response.headers.getSetCookie()
    this.#print(`  · browser  ${init.method ?? 'GET'} ${hideIds(url)}: ${response.status}`)
    if (isToShop && cookie !== undefined) this.#cookie = cookie.split(';', 1)[0] ?? ''
    return response
  }
}

/** The fields of a page's form with their values, and the first button that has a name. */
function fieldsOf(html: string): [string, string][] {
  const inputs = [...html.matchAll(/<input\b[^>]*>/g)].map(([tag]) => tag)
  const button = /<button\b[^>]*\bname=[^>]*>/.exec(html)?.[0]
  return [...inputs, ...(button ? [button] : [])].map((tag) => [attribute(tag, 'name'), attribute(tag, 'value')])
}

function attribute(tag: string, name: string): string {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
}

/** A URL without its ids, because the id alone opens a page. */
function hideIds(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname.replace(/\/[^/]{33,}/g, '/***')
}
