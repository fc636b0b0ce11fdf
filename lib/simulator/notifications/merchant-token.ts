import { Agent, request } from 'undici'
import { signAsymmetric } from '../protocol/signature.ts'
import { jakartaTime } from '../protocol/values.ts'
import type { Settings } from '../settings.ts'

/**
 * The life of a token if expiresIn is absent or unreadable.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-18
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-19
 */
const FALLBACK_SECONDS = 900

interface Held {
  readonly token: string
  readonly tokenUrl: string
  readonly expiresAt: number
}

/**
 * Fetches the token that the merchant issues to DOKU, and keeps it until it expires.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-1
 */
export class MerchantToken {
  #held: Held | undefined
  readonly #settings: Pick<Settings, 'clientId' | 'dokuPrivateKey' | 'clock'>
  readonly #client: MerchantClient

  constructor(settings: Pick<Settings, 'clientId' | 'dokuPrivateKey' | 'clock'>, client: MerchantClient) {
    this.#settings = settings
    this.#client = client
  }

  async get(tokenUrl: string): Promise<string> {
    const held = this.#held
    const isGood = held?.tokenUrl === tokenUrl && this.#settings.clock() < held.expiresAt
    if (!isGood) this.#held = await this.#fetch(tokenUrl)
    return this.#held?.token ?? ''
  }

  /** Call this when the merchant refused the token. The next `get` fetches a new one. */
  forget(): void {
    this.#held = undefined
  }

  async #fetch(tokenUrl: string): Promise<Held> {
    const { clientId, dokuPrivateKey, clock } = this.#settings
    const timestamp = jakartaTime(clock())
    const signature = signAsymmetric(dokuPrivateKey, clientId, timestamp)
    const headers = { 'x-client-key': clientId, 'x-timestamp': timestamp, 'x-signature': signature }
    const reply = await this.#client.post(tokenUrl, headers, JSON.stringify({ grantType: 'client_credentials' }))
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

/** The merchant's answer. */
export interface Reply {
  readonly status: number
  readonly body: string
}

/**
 * DOKU does not document how long it waits. It recommends that merchants answer within 5 s.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-3
 */
const TIMEOUT_MS = 10_000

/** Posts to the merchant. Follows no redirect: an answer other than 2xx is a failed delivery. */
interface MerchantClient {
  post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<Reply>
  /** Cuts the requests that are in flight. */
  close(): Promise<void>
}

export function createMerchantClient(): MerchantClient {
  const dispatcher = new Agent({ headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS, connectTimeout: TIMEOUT_MS })
  return {
    async post(url, headers, body) {
      const allHeaders = { 'content-type': 'application/json', ...headers }
      const reply = await request(url, { dispatcher, method: 'POST', headers: allHeaders, body })
      return { status: reply.statusCode, body: await reply.body.text() }
    },
    close: () => dispatcher.destroy(),
  }
}
