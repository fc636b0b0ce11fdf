import type { NotificationFault, NotificationFaultKind } from '../faults/fault.ts'
import type { Faults } from '../faults/faults.ts'
import type { Gate } from '../faults/gate.ts'
import type { NotificationAttempt } from '../journal.ts'
import type { MerchantUrls } from '../options.ts'
import type { Ids } from '../protocol/values.ts'
import type { Message } from './bodies.ts'
import { type NotificationOverrides, Sender, type SenderParts } from './sender.ts'

interface NotifierParts extends SenderParts {
  readonly ids: Ids
  readonly faults: Faults
  readonly gate: Gate
}

/** A message on its way. */
interface Notification {
  readonly message: Message
  readonly merchant: MerchantUrls
  /** Every attempt repeats it, with a fresh timestamp: one notification, delivered late. */
  readonly externalId: string
  /** Later ones have higher numbers. */
  readonly serial: number
}

interface Overtakable {
  readonly serial: number
  readonly go: () => void
}

/** Sends notifications, at the merchant's URLs and on DOKU's retry schedule. @see protocol.md section 7.3 */
export class Notifier {
  merchant: MerchantUrls | undefined
  readonly #parts: NotifierParts
  readonly #sender: Sender
  readonly #outstanding = new Set<Promise<void>>()
  readonly #overtakable = new Set<Overtakable>()
  readonly #closing = new AbortController()
  readonly #closed: Promise<void>
  #serial = 0

  constructor(parts: NotifierParts) {
    this.merchant = parts.settings.merchant
    this.#parts = parts
    this.#sender = new Sender(parts)
    this.#closed = new Promise((resolve) => {
      this.#closing.signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  get attempts(): readonly NotificationAttempt[] {
    return this.#sender.attempts
  }

  /** Starts delivering a message, with retries and with what is to go wrong. Nobody waits for it, except `settled`. */
  announce(message: Message): void {
    const { merchant } = this
    if (!merchant || this.#closing.signal.aborted) return
    const { faults, ids } = this.#parts
    const notification = { message, merchant, externalId: ids.digits(18), serial: this.#serial++ }
    playUnder(faults.take('notification') ?? { kind: 'none' }, {
      deliver: (staleMs) => this.#start(notification, staleMs),
      lose: () => this.#sender.lose(message, merchant),
      holdFor: (ms) => this.#hold(notification, ms),
      holdUntilOvertaken: () => this.#overtakable.add({ serial: notification.serial, go: this.#hold(notification) }),
    })
  }

  /** One attempt and no retry. */
  async send(message: Message, overrides: NotificationOverrides = {}): Promise<NotificationAttempt> {
    if (!this.merchant) throw new Error('nowhere to send a notification to: call setMerchant first')
    return this.#sender.attempt(message, this.merchant, this.#parts.ids.digits(18), overrides)
  }

  /** Resolves when every delivery that has begun has succeeded, or has used up its retries. */
  async settled(): Promise<void> {
    while (this.#outstanding.size > 0) await Promise.all(this.#outstanding)
  }

  /** Cuts what is under way and cancels all retries. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#sender.close()
    await this.settled()
  }

  #hold(notification: Notification, ms?: number): () => void {
    const go = this.#parts.gate.later('notification', ms, () => this.#start(notification))
    this.#parts.journal.tell({ moment: 'held' })
    return go
  }

  #start(notification: Notification, staleMs = 0): void {
    const delivery = this.#deliver(notification, staleMs).finally(() => {
      this.#letGoOvertakenBy(notification)
      this.#outstanding.delete(delivery)
    })
    this.#outstanding.add(delivery)
  }

  async #deliver({ message, merchant, externalId }: Notification, staleMs: number): Promise<void> {
    for (const pauseMs of [0, ...this.#parts.settings.retryScheduleMs]) {
      if (pauseMs > 0) await this.#pause(pauseMs)
      if (this.#closing.signal.aborted) return
      const attempt = await this.#sender.attempt(message, merchant, externalId, { staleMs })
      if (attempt.isDelivered) return
    }
  }

  #letGoOvertakenBy({ serial }: Notification): void {
    for (const overtakable of this.#overtakable) {
      if (overtakable.serial >= serial) continue
      this.#overtakable.delete(overtakable)
      overtakable.go()
    }
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#closing
    const slept = this.#parts.settings.sleep(ms, signal).catch(() => {})
    await Promise.race([slept, this.#closed])
  }
}

/** What can be done with a notification that is due. */
interface Moves {
  /** Sends it, with retries; with an X-TIMESTAMP that is older than it should be. */
  deliver(staleMs?: number): void
  lose(): void
  /** Sends it later: after `ms`, or when it is released. */
  holdFor(ms: number | undefined): void
  /** Sends it after the next one, or when it is released. */
  holdUntilOvertaken(): void
}

const DAY_MS = 24 * 60 * 60 * 1000

const PLAYS: { readonly [Kind in NotificationFaultKind]: (fault: NotificationFault<Kind>, moves: Moves) => void } = {
  none: (_fault, moves) => moves.deliver(),
  lost: (_fault, moves) => moves.lose(),
  duplicated({ times = 2 }, moves) {
    for (let sent = 0; sent < times; sent += 1) moves.deliver()
  },
  reordered: (_fault, moves) => moves.holdUntilOvertaken(),
  delayed: ({ ms }, moves) => moves.holdFor(ms),
  stale: ({ ms = DAY_MS }, moves) => moves.deliver(ms),
}

function playUnder<Kind extends NotificationFaultKind>(fault: NotificationFault<Kind>, moves: Moves): void {
  PLAYS[fault.kind](fault, moves)
}
