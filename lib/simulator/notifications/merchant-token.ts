import { Agent, request } from 'undici'
import { signAsymmetric } from '../protocol/signature.ts'
import { jakartaTime } from '../protocol/values.ts'
import type { Settings } from '../settings.ts'

/** Where expiresIn is absent or unreadable (protocol.md C-18, C-19). */
const FALLBACK_SECONDS = 900

interface Held {
  readonly token: string
  readonly tokenUrl: string
  readonly expiresAt: number
}

/** The token that the merchant issues to DOKU, kept until it expires. @see protocol.md section 7.1 */
export class MerchantToken {
  #held: Held | undefined
  readonly #settings: Pick<Settings, 'clientId' | 'dokuPrivateKey' | 'clock'>
  readonly #postman: Postman

  constructor(settings: Pick<Settings, 'clientId' | 'dokuPrivateKey' | 'clock'>, postman: Postman) {
    this.#settings = settings
    this.#postman = postman
  }

  async get(tokenUrl: string): Promise<string> {
    const held = this.#held
    const isGood = held?.tokenUrl === tokenUrl && this.#settings.clock() < held.expiresAt
    if (!isGood) this.#held = await this.#fetch(tokenUrl)
    return this.#held?.token ?? ''
  }

  /** The merchant has refused it: the next `get` fetches another. */
  forget(): void {
    this.#held = undefined
  }

  async #fetch(tokenUrl: string): Promise<Held> {
    const { clientId, dokuPrivateKey, clock } = this.#settings
    const timestamp = jakartaTime(clock())
    const signature = signAsymmetric(dokuPrivateKey, clientId, timestamp)
    const headers = { 'x-client-key': clientId, 'x-timestamp': timestamp, 'x-signature': signature }
    const reply = await this.#postman.post(tokenUrl, headers, JSON.stringify({ grantType: 'client_credentials' }))
    if (reply.status < 200 || reply.status > 299) throw new Error(`the merchant's token URL answered ${reply.status}`)
    return { ...readToken(reply.body, clock()), tokenUrl }
  }
}

function readToken(body: string, now: number): Omit<Held, 'tokenUrl'> {
  const { accessToken, expiresIn } = JSON.parse(body)
  if (typeof accessToken !== 'string') throw new Error("the merchant's token URL answered without an accessToken")
  const seconds = Number(expiresIn)
  return { token: accessToken, expiresAt: now + (seconds > 0 ? seconds : FALLBACK_SECONDS) * 1000 }
}

/** What the merchant answered. */
export interface Reply {
  readonly status: number
  readonly body: string
}

/** DOKU's own patience is not documented; below 5 s is recommended to merchants (protocol.md section 7.3). */
const PATIENCE_MS = 10_000

/** POSTs to the merchant. Follows no redirect: an answer other than 2xx is a failed delivery. */
interface Postman {
  post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<Reply>
  /** Cuts what is under way. */
  close(): Promise<void>
}

export function createPostman(): Postman {
  const dispatcher = new Agent({ headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS, connectTimeout: PATIENCE_MS })
  return {
    async post(url, headers, body) {
      const allHeaders = { 'content-type': 'application/json', ...headers }
      const reply = await request(url, { dispatcher, method: 'POST', headers: allHeaders, body })
      return { status: reply.statusCode, body: await reply.body.text() }
    },
    close: () => dispatcher.destroy(),
  }
}
