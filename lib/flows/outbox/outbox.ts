import { randomUUID } from 'node:crypto'
import type { HookEvent, Hooks, NewEvent } from '../../model/events.ts'
import type { Clock } from '../../primitives/clock.ts'
import { withDeadline } from '../../primitives/deadline.ts'
import { type RandomBytes, randomUuid } from '../../primitives/ids.ts'
import { copyOf } from '../../primitives/json.ts'
import { Records, type RecordsOptions, type Versioned } from '../../records/records.ts'
import type { Storage } from '../../storage/storage.ts'
import { type ChangeMessage, channels, type Logger } from '../../telemetry.ts'
import {
  type Claim,
  claimed,
  type StoredEvent,
  type WithOutbox,
  withEvents,
  withHeadDeferred,
  withoutHead,
} from './outbox-state.ts'
import type { ParkedEvents } from './parked-events.ts'

/** One write of a record, with the events that it causes. */
export interface Commit<T> {
  readonly key: string
  readonly value: T
  /** Without a version the record must not exist yet. */
  readonly version?: number | undefined
  readonly events?: readonly NewEvent[]
}

/** Whether a record can have given rise to an event. */
type OwnsEvent<T> = (value: T, event: HookEvent) => boolean

/** Records whose changes are told to the host. */
export class EventRecords<T extends WithOutbox> extends Records<T> {
  readonly ownsEvent: OwnsEvent<T>

  constructor(storage: Storage, { ownsEvent, ...options }: RecordsOptions<T> & { readonly ownsEvent: OwnsEvent<T> }) {
    super(storage, options)
    this.ownsEvent = ownsEvent
  }
}

export interface OutboxOptions {
  readonly clientId: string
  readonly hooks: Hooks
  /** How long a hook may take before it counts as failed, in ms. */
  readonly hookDeadlineMs: number
  /** The pauses before a failed hook is tried again, in ms. After the last one its event is parked. */
  readonly hookRetriesMs: readonly number[]
  readonly clock: Clock
  readonly logger: Logger
  /** A number in [0, 1), for jitter. */
  readonly random: () => number
  /** The source of event ids. Default: the machine's. */
  readonly randomBytes?: RandomBytes
  /** The outbox waits for it before it calls hooks: the answer to the request that caused the event goes out first. */
  readonly nextTurn?: () => Promise<void>
}

/** How long a claim lasts beyond the hook's deadline, in ms. After that the delivering process counts as dead. */
const claimGraceMs = 5_000

/**
 * Delivers events to the host's hooks. A change and its events are one write, so neither can be lost without the other.
 * The process that claims the record delivers its events from there, in order and at least once.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-5
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #parked: ParkedEvents
  /** Names this process in claims. */
  readonly #self = randomUUID()
  /** Deliveries of this process that are under way, one per record. */
  readonly #running = new Map<string, Promise<void>>()

  constructor(options: OutboxOptions, parked: ParkedEvents) {
    this.#options = options
    this.#parked = parked
  }

  /**
   * Writes, then delivers in the background.
   * @returns undefined if the record has another version; then nothing is stored and no hook is called
   */
  async commit<T extends WithOutbox>(records: EventRecords<T>, change: Commit<T>): Promise<Versioned<T> | undefined> {
    const events = change.events ?? []
    const first = Math.max((change.value.sequence ?? 0) + 1, this.#options.clock())
    const heard = events
      .filter(({ type }) => this.#options.hooks[type])
      .map((event, index) => this.#complete(event, first + index))
    const sequence = heard.at(-1)?.sequence
    const numbered = sequence === undefined ? change.value : { ...change.value, sequence }
    const value = withEvents(numbered, heard, this.#claim())
    const written = await records.write(change.key, value, change.version)
    if (!written) return undefined
    for (const event of events) publishChange(this.#options.clientId, event)
    if (heard.length > 0) this.deliver(records, change.key, written)
    return written
  }

  /** Calls the hook for an event that changes no record, such as a rejected notification: once, and without storing it. */
  announce(event: NewEvent): void {
    const complete = this.#complete(event)
    this.#enqueue(`announce/${complete.id}`, async () => {
      await this.#call(complete)
    })
  }

  /** Delivers the record's events, unless they wait for a retry or another process has claimed them. Returns at once. */
  deliver<T extends WithOutbox>(records: EventRecords<T>, key: string, known?: Versioned<T>): void {
    const current = this.#running.has(key) ? undefined : known
    this.#enqueue(key, () => this.#deliverAll(records, key, current))
  }

  /** Calls the hook of a parked event once more. @returns false if it failed again */
  redeliver(event: HookEvent): Promise<boolean> {
    return this.#call(event)
  }

  /** Resolves when this process delivers nothing. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values())
  }

  /** Runs the work after the earlier work of the key. */
  #enqueue(key: string, work: () => Promise<void>): void {
    const { nextTurn, logger } = this.#options
    const runAfter = async (previous: Promise<void> | undefined) => {
      await previous
      try {
        await nextTurn?.()
        await work()
      } catch (error) {
        logger.error({ err: error, key }, 'events could not be delivered now; they will be')
      }
    }
    const delivery = runAfter(this.#running.get(key)).then(() => {
      if (this.#running.get(key) === delivery) this.#running.delete(key)
    })
    this.#running.set(key, delivery)
  }

  async #deliverAll<T extends WithOutbox>(records: EventRecords<T>, key: string, known?: Versioned<T>): Promise<void> {
    const found = known ?? (await records.read(key))
    let current = await this.#change(records, key, found, (value) => this.#claimed(value))
    while (current) current = await this.#deliverHead(records, key, current)
  }

  /** The record claimed by this process. A claim that still lasts for another hook is kept, so that it costs no write. */
  #claimed<T extends WithOutbox>(value: T): T | undefined {
    const claim = this.#claim()
    const { claimedBy, claimedUntil = 0 } = value.outbox ?? {}
    const isHeld = claimedBy === claim.by && claimedUntil >= claim.now + this.#options.hookDeadlineMs
    const next = claimed(value, claim)
    return next && isHeld ? value : next
  }

  /** Delivers the first event. @returns the record as it is then, or undefined if no event can be delivered now */
  async #deliverHead<T extends WithOutbox>(records: EventRecords<T>, key: string, current: Versioned<T>) {
    const head = current.value.outbox?.events[0]
    if (!head || head.notBefore > this.#options.clock()) return undefined
    const isOurs = records.ownsEvent(current.value, head.event)
    if (!isOurs) {
      const { id: eventId, type } = head.event
      this.#options.logger.error({ eventId, type, key }, 'an event is skipped: it does not belong to its record')
    }
    const isDone = !isOurs || (await this.#call(head.event))
    const settle = isDone ? (value: T) => withoutHead(value, this.#claim()) : await this.#failed(key, head)
    return this.#change(records, key, current, (value) =>
      value.outbox?.events[0]?.event.id === head.event.id ? settle(value) : undefined,
    )
  }

  /** Decides about an event whose hook has failed: retry or park. An event is parked before it leaves its record. */
  async #failed(key: string, { event, tries }: StoredEvent): Promise<<T extends WithOutbox>(value: T) => T> {
    const { hookRetriesMs, random, clock, logger } = this.#options
    const pause = hookRetriesMs[tries]
    if (pause !== undefined) {
      const notBefore = clock() + Math.round(pause * (0.8 + 0.4 * random()))
      return (value) => withHeadDeferred(value, notBefore)
    }
    await this.#parked.park(event)
    logger.error({ eventId: event.id, type: event.type, key }, 'an event is parked: its hook failed too often')
    return (value) => withoutHead(value, this.#claim())
  }

  /**
   * Applies a change to the record, again if another write came first.
   * @returns the record after it, or undefined if `change` returns undefined or the record is gone
   */
  async #change<T extends WithOutbox>(
    records: EventRecords<T>,
    key: string,
    known: Versioned<T> | undefined,
    change: (value: T) => T | undefined,
  ): Promise<Versioned<T> | undefined> {
    for (let current = known; current; current = await records.read(key)) {
      const value = change(current.value)
      if (!value || value === current.value) return value && current
      const written = await records.write(key, value, current.version)
      if (written) return written
    }
    return undefined
  }

  /** @returns false if the hook failed or was late. The hook gets a copy, so that its changes cannot get into the record. */
  async #call(event: HookEvent): Promise<boolean> {
    const { hooks, hookDeadlineMs, logger } = this.#options
    const hook = hooks[event.type] as ((event: HookEvent) => unknown) | undefined
    const late = () => new Error(`the hook took longer than ${hookDeadlineMs} ms`)
    const run = async () => hook?.(copyOf(event))
    try {
      await withDeadline(run(), hookDeadlineMs, late)
      return true
    } catch (error) {
      logger.error({ err: error, eventId: event.id, type: event.type }, 'a hook failed')
      return false
    }
  }

  #complete(event: NewEvent, sequence = this.#options.clock()): HookEvent {
    const occurredAt = new Date(this.#options.clock()).toISOString()
    return { ...event, id: randomUuid(this.#options.randomBytes), occurredAt, sequence } as HookEvent
  }

  #claim(): Claim {
    const now = this.#options.clock()
    return { by: this.#self, now, until: now + this.#options.hookDeadlineMs + claimGraceMs }
  }
}

/** Publishes a stored change on `express-doku-ovo:change` if the channel has subscribers. */
function publishChange(clientId: string, event: NewEvent): void {
  if (!channels.change.hasSubscribers) return
  const message = toMessage(event)
  if (message) channels.change.publish({ clientId, ...message })
}

/** @returns undefined if the event tells of no change */
function toMessage(event: NewEvent): Omit<ChangeMessage, 'clientId'> | undefined {
  if (event.type === 'paymentChanged') {
    const { partnerReferenceNo, status } = event.payment
    return { subject: 'payment', id: partnerReferenceNo, from: event.previousStatus, to: status }
  }
  if (event.type === 'bindingChanged') {
    return { subject: 'binding', id: event.customerId, from: event.previousStatus, to: event.binding.status }
  }
  if (event.type === 'refundChanged') {
    const { partnerRefundNo, status } = event.refund
    return { subject: 'refund', id: partnerRefundNo, from: event.previousStatus, to: status }
  }
  return undefined
}
