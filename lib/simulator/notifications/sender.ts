import type { Journal, NotificationAttempt } from '../journal.ts'
import type { MerchantUrls } from '../options.ts'
import { signedHeaders } from '../protocol/signature.ts'
import { jakartaTime } from '../protocol/values.ts'
import type { Settings } from '../settings.ts'
import type { Tokens } from '../state/tokens.ts'
import type { Message } from './bodies.ts'
import { createPostman, MerchantToken, type Reply } from './merchant-token.ts'

/** What a hand-made notification does differently from the honest one. */
export interface NotificationOverrides {
  /** Laid over the body, key by key, before signing. */
  readonly body?: Readonly<Record<string, unknown>>
  /** Laid over the headers after signing. */
  readonly headers?: Readonly<Record<string, string>>
  /** The X-TIMESTAMP to sign and send. */
  readonly timestamp?: string
  /** Signs and sends the X-TIMESTAMP of so many ms ago. */
  readonly staleMs?: number
  /** Signs with another secret. */
  readonly secretKey?: string
}

export interface SenderParts {
  readonly settings: Settings
  readonly journal: Journal
  readonly tokens: Tokens
}

/** Makes one attempt at a time: token, signature, request; and records what came of it. */
export class Sender {
  readonly attempts: NotificationAttempt[] = []
  readonly #parts: SenderParts
  readonly #postman = createPostman()
  readonly #token: MerchantToken

  constructor(parts: SenderParts) {
    this.#parts = parts
    this.#token = new MerchantToken(parts.settings, this.#postman)
  }

  /** Cuts what is under way. */
  close(): Promise<void> {
    return this.#postman.close()
  }

  /** The attempt that never reached the merchant: nothing is sent. */
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
      const reply = await this.#postman.post(notificationUrl, headers, JSON.stringify(body))
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

  /** @see protocol.md C-9 */
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
    this.#parts.journal.tell({ moment: 'notified', attempt })
    return attempt
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
