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

/** One write of a record, with what the host is to be told of it. */
export interface Commit<T> {
  readonly key: string
  readonly value: T
  /** Absent: the record must not exist yet. */
  readonly version?: number | undefined
  readonly events?: readonly NewEvent[]
  /** In ms since the epoch. Default: never. */
  readonly expiresAt?: number
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
  /** The pauses before a failed hook is tried again, in ms; after the last one its event is parked. */
  readonly hookRetriesMs: readonly number[]
  readonly clock: Clock
  readonly logger: Logger
  /** A number in [0, 1), for jitter. */
  readonly random: () => number
  /** What the ids of events are made from. Default: the machine's. */
  readonly randomBytes?: RandomBytes
  /** Waited for before hooks begin: the answer to whoever caused the event goes out first. */
  readonly nextTurn?: () => Promise<void>
}

/** Beyond the hook's deadline; then the process that was delivering is taken for dead. */
const claimGraceMs = 5_000

/**
 * Tells the host what has happened. A change and its events are one write, so neither can be lost without the other; the
 * events are delivered from the record, in order, at least once, by whichever process claims it.
 * @see design.md rule 5
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

  /** Writes, then delivers. `undefined`: somebody else wrote first; nothing was stored and nobody is told. */
  async commit<T extends WithOutbox>(records: EventRecords<T>, change: Commit<T>): Promise<Versioned<T> | undefined> {
    const events = change.events ?? []
    const heard = events.filter(({ type }) => this.#options.hooks[type]).map((event) => this.#complete(event))
    const value = withEvents(change.value, heard, this.#claim())
    const written = await records.write(change.key, value, change.version, change.expiresAt)
    if (!written) return undefined
    for (const event of events) publishChange(this.#options.clientId, event)
    if (heard.length > 0) this.deliver(records, change.key, written)
    return written
  }

  /** For what changes no record, a rejected or unmatched notification: told once, by this process, and not kept. */
  announce(event: NewEvent): void {
    const complete = this.#complete(event)
    this.#enqueue(`announce/${complete.id}`, async () => {
      await this.#call(complete)
    })
  }

  /** Delivers what the record has to tell, as far as it is due and nobody else's. Returns at once. */
  deliver<T extends WithOutbox>(records: EventRecords<T>, key: string, known?: Versioned<T>): void {
    const current = this.#running.has(key) ? undefined : known
    this.#enqueue(key, () => this.#deliverAll(records, key, current))
  }

  /** Calls the hook of a parked event once more. `false`: it failed again. */
  redeliver(event: HookEvent): Promise<boolean> {
    return this.#call(event)
  }

  /** Resolves when nothing is being delivered by this process. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values())
  }

  #enqueue(key: string, work: () => Promise<void>): void {
    const delivery = this.#workAfter(this.#running.get(key), key, work).then(() => {
      if (this.#running.get(key) === delivery) this.#running.delete(key)
    })
    this.#running.set(key, delivery)
  }

  /** Never rejects. */
  async #workAfter(previous: Promise<void> | undefined, key: string, work: () => Promise<void>): Promise<void> {
    await previous
    try {
      await this.#options.nextTurn?.()
      await work()
    } catch (error) {
      this.#options.logger.error({ err: error, key }, 'events could not be delivered now; they will be')
    }
  }

  async #deliverAll<T extends WithOutbox>(records: EventRecords<T>, key: string, known?: Versioned<T>): Promise<void> {
    let current = known ?? (await records.read(key))
    current = current && (await this.#claimRecord(records, key, current))
    while (current) current = await this.#deliverHead(records, key, current)
  }

  /** Nothing is written when the claim is ours and fresh, as it is right after our own commit. */
  async #claimRecord<T extends WithOutbox>(records: EventRecords<T>, key: string, known: Versioned<T>) {
    let current: Versioned<T> | undefined = known
    while (current) {
      const claim = this.#claim()
      const value = claimed(current.value, claim)
      if (!value || this.#holds(current.value, claim)) return value && current
      const written = await records.write(key, value, current.version)
      if (written) return written
      current = await records.read(key)
    }
    return undefined
  }

  /** Whether the claim is ours already, and lasts for another hook. */
  #holds({ outbox }: WithOutbox, { by, now }: Claim): boolean {
    return outbox?.claimedBy === by && outbox.claimedUntil >= now + this.#options.hookDeadlineMs
  }

  /** Delivers the first event; the record as it is then, or `undefined` when there is no more to do now. */
  async #deliverHead<T extends WithOutbox>(records: EventRecords<T>, key: string, current: Versioned<T>) {
    const head = current.value.outbox?.events[0]
    if (!head || head.notBefore > this.#options.clock()) return undefined
    if (!records.ownsEvent(current.value, head.event)) {
      const { id: eventId, type } = head.event
      this.#options.logger.error({ eventId, type, key }, 'an event is not of its record, and is skipped: who wrote it?')
      return this.#settle(records, key, current, head, (value: T) => withoutHead(value, this.#claim()))
    }
    const delivered = await this.#call(head.event)
    const settle = delivered ? (value: T) => withoutHead(value, this.#claim()) : await this.#failed(key, head)
    return this.#settle(records, key, current, head, settle)
  }

  /** What becomes of a record whose first event's hook has failed. A parked event is kept elsewhere before it leaves here. */
  async #failed(key: string, head: StoredEvent): Promise<<T extends WithOutbox>(value: T) => T> {
    const { hookRetriesMs, random, clock, logger } = this.#options
    const pause = hookRetriesMs[head.tries]
    if (pause !== undefined) {
      const notBefore = clock() + Math.round(pause * (0.8 + 0.4 * random()))
      return (value) => withHeadDeferred(value, notBefore)
    }
    await this.#parked.park(head.event)
    logger.error(
      { eventId: head.event.id, type: head.event.type, key },
      'an event is parked: its hook failed too often',
    )
    return (value) => withoutHead(value, this.#claim())
  }

  /** Somebody may have changed the record meanwhile; what was done about the event is written all the same. */
  async #settle<T extends WithOutbox>(
    records: EventRecords<T>,
    key: string,
    known: Versioned<T>,
    head: StoredEvent,
    settle: (value: T) => T,
  ): Promise<Versioned<T> | undefined> {
    let current: Versioned<T> | undefined = known
    while (current && current.value.outbox?.events[0]?.event.id === head.event.id) {
      const written = await records.write(key, settle(current.value), current.version)
      if (written) return written
      current = await records.read(key)
    }
    return undefined
  }

  /** Whether the hook did its work in time. It gets a copy: what it does to its event must not get into the record. */
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

  #complete(event: NewEvent): HookEvent {
    const occurredAt = new Date(this.#options.clock()).toISOString()
    return { ...event, id: randomUuid(this.#options.randomBytes), occurredAt } as HookEvent
  }

  #claim(): Claim {
    const now = this.#options.clock()
    return { by: this.#self, now, until: now + this.#options.hookDeadlineMs + claimGraceMs }
  }
}

/** Publishes a stored change on `express-doku-ovo:change`, when somebody listens. */
function publishChange(clientId: string, event: NewEvent): void {
  if (!channels.change.hasSubscribers) return
  const message = toMessage(event)
  if (message) channels.change.publish({ clientId, ...message })
}

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
