import type { MerchantUrls } from '../options.ts'
import type { Settings } from '../settings.ts'
import type { Ids } from '../state/ids.ts'
import type { Message } from './bodies.ts'
import { type NotificationAttempt, type NotificationOverrides, Sender } from './sender.ts'

/** Sends notifications, at the merchant's URLs and on DOKU's retry schedule. @see protocol.md section 7.3 */
export class Notifier {
  merchant: MerchantUrls | undefined
  readonly #settings: Settings
  readonly #ids: Ids
  readonly #sender: Sender
  readonly #outstanding = new Set<Promise<void>>()
  readonly #closing = new AbortController()
  readonly #closed: Promise<void>

  constructor(settings: Settings, ids: Ids) {
    this.merchant = settings.merchant
    this.#settings = settings
    this.#ids = ids
    this.#sender = new Sender(settings)
    this.#closed = new Promise((resolve) => {
      this.#closing.signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  get attempts(): readonly NotificationAttempt[] {
    return this.#sender.attempts
  }

  /** Starts delivering a message, with retries. Nobody waits for it, except `settled`. */
  announce(message: Message): void {
    const { merchant } = this
    if (!merchant || this.#closing.signal.aborted) return
    const delivery = this.#deliver(message, merchant).finally(() => this.#outstanding.delete(delivery))
    this.#outstanding.add(delivery)
  }

  /** One attempt and no retry. */
  async send(message: Message, overrides: NotificationOverrides = {}): Promise<NotificationAttempt> {
    if (!this.merchant) throw new Error('nowhere to send a notification to: call setMerchant first')
    return this.#sender.attempt(message, this.merchant, this.#ids.digits(18), overrides)
  }

  /** Resolves when every delivery has succeeded, or has used up its retries. */
  async settled(): Promise<void> {
    while (this.#outstanding.size > 0) await Promise.all(this.#outstanding)
  }

  /** Cuts what is under way and cancels all retries. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#sender.close()
    await this.settled()
  }

  /** Every attempt repeats the X-EXTERNAL-ID, with a fresh timestamp: one notification, delivered late. */
  async #deliver(message: Message, merchant: MerchantUrls): Promise<void> {
    const externalId = this.#ids.digits(18)
    for (const pauseMs of [0, ...this.#settings.retryScheduleMs]) {
      if (pauseMs > 0) await this.#pause(pauseMs)
      if (this.#closing.signal.aborted) return
      const attempt = await this.#sender.attempt(message, merchant, externalId, {})
      if (attempt.isDelivered) return
    }
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#closing
    const slept = this.#settings.sleep(ms, signal).catch(() => {})
    await Promise.race([slept, this.#closed])
  }
}
