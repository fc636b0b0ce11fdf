import type { Journal, NotificationAttempt } from '../journal.ts'
import type { MerchantUrls } from '../options.ts'
import { signedHeaders } from '../protocol/signature.ts'
import { jakartaTime } from '../protocol/values.ts'
import type { Settings } from '../settings.ts'
import type { Tokens } from '../state/tokens.ts'
import type { Message } from './bodies.ts'
import { createMerchantClient, MerchantToken, type Reply } from './merchant-token.ts'

/** The differences between a hand-made notification and a genuine one. */
export interface NotificationOverrides {
  /** Replaces these keys of the body, before signing. */
  readonly body?: Readonly<Record<string, unknown>>
  /** Replaces these headers, after signing. */
  readonly headers?: Readonly<Record<string, string>>
  /** Signs and sends this X-TIMESTAMP. Default: the current time. */
  readonly timestamp?: string
  /** Signs and sends an X-TIMESTAMP that is this many ms old. Default: 0. `timestamp` goes first. */
  readonly staleMs?: number
  /** Signs with this secret. Default: the option `secretKey`. */
  readonly secretKey?: string
}

export interface SenderParts {
  readonly settings: Settings
  readonly journal: Journal
  readonly tokens: Tokens
}

/** Makes one attempt at a time (token, signature, request) and records its result. */
export class Sender {
  readonly attempts: NotificationAttempt[] = []
  readonly #parts: SenderParts
  readonly #client = createMerchantClient()
  readonly #token: MerchantToken

  constructor(parts: SenderParts) {
    this.#parts = parts
    this.#token = new MerchantToken(parts.settings, this.#client)
  }

  /** Cuts the requests that are in flight. */
  close(): Promise<void> {
    return this.#client.close()
  }

  /** Records an attempt that never reaches the merchant. Sends nothing. */
  lose({ kind, about, body }: Message, { notificationUrl }: MerchantUrls): NotificationAttempt {
    const at = this.#parts.settings.clock()
    return this.#record({ kind, about, url: notificationUrl, headers: {}, body, at, isDelivered: false, error: 'lost' })
  }

  async attempt(
    message: Message,
    { tokenUrl, notificationUrl }: MerchantUrls,
    externalId: string,
    overrides: NotificationOverrides,
  ): Promise<NotificationAttempt> {
    const { clock, dialect } = this.#parts.settings
    const body = { ...message.body, ...overrides.body }
    const about = { kind: message.kind, about: message.about, url: notificationUrl, body, at: clock() }
    let headers: Readonly<Record<string, string>> = {}
    try {
      const bearer = dialect.notificationBearer ? await this.#token.get(tokenUrl) : undefined
      headers = { ...message.headers, ...this.#sign(notificationUrl, body, bearer, externalId, overrides) }
      const reply = await this.#client.post(notificationUrl, headers, JSON.stringify(body))
      return this.#record({ ...about, headers, ...this.#judge(reply) })
    } catch (error) {
      return this.#record({ ...about, headers, isDelivered: false, error: messageOf(error) })
    }
  }

  #sign(
    url: string,
    body: Readonly<Record<string, unknown>>,
    bearer: string | undefined,
    externalId: string,
    { secretKey, timestamp, staleMs = 0, headers }: NotificationOverrides,
  ): Record<string, string> {
    const { settings } = this.#parts
    const signed = {
      clientId: settings.clientId,
      secretKey: secretKey ?? settings.secretKey,
      url,
      body: JSON.stringify(body),
      bearer,
      signedToken: this.#signedToken(bearer),
      externalId,
      timestamp: timestamp ?? jakartaTime(settings.clock() - staleMs),
    }
    return { ...signedHeaders(signed), ...headers }
  }

  /** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-9 */
  #signedToken(bearer = ''): string {
    const { settings, tokens } = this.#parts
    const { notificationSignedWith } = settings.dialect
    if (notificationSignedWith === 'doku-token') return tokens.newestAccessToken
    return notificationSignedWith === 'bearer' ? bearer : ''
  }

  #judge({ status, body }: Reply): Pick<NotificationAttempt, 'isDelivered' | 'status' | 'response'> {
    if (status === 401) this.#token.forget()
    return { status, response: body, isDelivered: status >= 200 && status <= 299 }
  }

  #record(attempt: NotificationAttempt): NotificationAttempt {
    this.attempts.push(attempt)
    const outcome = attempt.error ?? attempt.status
    this.#parts.settings.log(`${attempt.kind} notification about ${attempt.about}: ${outcome}`)
    this.#parts.journal.emit({ moment: 'notified', attempt })
    return attempt
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
