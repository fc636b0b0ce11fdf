import { Agent, request } from 'undici'
import type { Workshop } from '../workshop.ts'

/** What a customer's browser got; status 0: no answer. */
export interface Answer {
  readonly status: number
  readonly body: {
    readonly status?: string
    readonly code?: string
    readonly partnerReferenceNo?: string
    readonly webRedirectUrl?: string
    readonly redirectUrl?: string
  }
}

const noAnswer: Answer = { status: 0, body: {} }

/** Longer than a host waits for DOKU. */
const patienceMs = 8_000

/** Customers' browsers. */
export class ShopClient {
  readonly #url: string
  readonly #agent = new Agent({ connections: 256, headersTimeout: patienceMs, bodyTimeout: patienceMs })

  constructor(url: string, workshop: Workshop) {
    this.#url = url
    workshop.atEnd(() => this.#agent.destroy())
  }

  post(customer: string, path: string, body: object): Promise<Answer> {
    return this.#ask('POST', customer, path, JSON.stringify(body))
  }

  get(customer: string, path: string): Promise<Answer> {
    return this.#ask('GET', customer, path)
  }

  async #ask(method: 'GET' | 'POST', customer: string, path: string, body?: string): Promise<Answer> {
    try {
      const headers = { 'x-customer': customer, ...(body !== undefined && { 'content-type': 'application/json' }) }
      const answer = await request(this.#url + path, {
        dispatcher: this.#agent,
        method,
        headers,
        ...(body !== undefined && { body }),
      })
      const text = await answer.body.text()
      return { status: answer.statusCode, body: text === '' ? {} : JSON.parse(text) }
    } catch {
      return noAnswer
    }
  }
}
