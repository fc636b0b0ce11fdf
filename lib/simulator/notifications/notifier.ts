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
  /** Every attempt repeats this id with a new timestamp, because it is the same notification. */
  readonly externalId: string
  /** A later notification has a higher number. */
  readonly serial: number
}

interface Overtakable {
  readonly serial: number
  readonly go: () => void
}

/**
 * Sends notifications to the merchant's URLs, on DOKU's retry schedule.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-3
 */
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

  /** Starts to deliver a message, with retries and under the next fault. Returns at once; `settled` waits for the delivery. */
  announce(message: Message): void {
    const { merchant } = this
    if (!merchant || this.#closing.signal.aborted) return
    const { faults, ids } = this.#parts
    const notification = { message, merchant, externalId: ids.digits(18), serial: this.#serial++ }
    deliverUnder(faults.take('notification') ?? { kind: 'none' }, {
      deliver: (staleMs) => this.#start(notification, staleMs),
      lose: () => this.#sender.lose(message, merchant),
      holdFor: (ms) => this.#hold(notification, ms),
      holdUntilOvertaken: () => this.#overtakable.add({ serial: notification.serial, go: this.#hold(notification) }),
    })
  }

  /** Makes one attempt without retries. */
  async send(message: Message, overrides: NotificationOverrides = {}): Promise<NotificationAttempt> {
    if (!this.merchant) throw new Error('the simulator does not know the merchant’s URLs: call setMerchant first')
    return this.#sender.attempt(message, this.merchant, this.#parts.ids.digits(18), overrides)
  }

  /** Resolves when every started delivery has succeeded, or has used up its retries. */
  async settled(): Promise<void> {
    while (this.#outstanding.size > 0) await Promise.all(this.#outstanding)
  }

  /** Cuts requests in flight and cancels all retries. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#sender.close()
    await this.settled()
  }

  #hold(notification: Notification, ms?: number): () => void {
    const go = this.#parts.gate.later('notification', ms, () => this.#start(notification))
    this.#parts.journal.emit({ moment: 'held' })
    return go
  }

  #start(notification: Notification, staleMs = 0): void {
    const delivery = this.#deliver(notification, staleMs).finally(() => {
      this.#releaseOvertakenBy(notification)
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

  #releaseOvertakenBy({ serial }: Notification): void {
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

/** The ways to handle a notification that is due. */
interface DeliveryActions {
  /** Sends it with retries. `staleMs` makes the X-TIMESTAMP that much older. */
  deliver(staleMs?: number): void
  lose(): void
  /** Sends it after `ms`, or on release. */
  holdFor(ms: number | undefined): void
  /** Sends it after the next notification, or on release. */
  holdUntilOvertaken(): void
}

const DAY_MS = 24 * 60 * 60 * 1000

const ACTIONS_BY_FAULT: {
  readonly [Kind in NotificationFaultKind]: (fault: NotificationFault<Kind>, actions: DeliveryActions) => void
} = {
  none: (_fault, actions) => actions.deliver(),
  lost: (_fault, actions) => actions.lose(),
  duplicated({ times = 2 }, actions) {
    for (let sent = 0; sent < times; sent += 1) actions.deliver()
  },
  reordered: (_fault, actions) => actions.holdUntilOvertaken(),
  delayed: ({ ms }, actions) => actions.holdFor(ms),
  stale: ({ ms = DAY_MS }, actions) => actions.deliver(ms),
}

function deliverUnder<Kind extends NotificationFaultKind>(
  fault: NotificationFault<Kind>,
  actions: DeliveryActions,
): void {
  ACTIONS_BY_FAULT[fault.kind](fault, actions)
}
