import { randomUUID } from 'node:crypto'
import type { HookEvent, Hooks } from '../hooks.ts'
import type { Clock } from '../primitives/clock.ts'
import type { Records, Versioned } from '../storage/records.ts'
import type { WriteOptions } from '../storage/storage.ts'
import { type ChangeMessage, channels, type Logger } from '../telemetry.ts'

type WithoutBase<Event> = Event extends HookEvent ? Omit<Event, 'id' | 'occurredAt'> : never

/** An event before it gets its id and time. */
export type NewEvent = WithoutBase<HookEvent>

/** One write of a record, with what the host is to be told when it succeeded. */
export interface Commit<T> {
  readonly key: string
  readonly value: T
  /** Absent: the record must not exist yet. */
  readonly version?: number | undefined
  readonly events?: readonly NewEvent[]
  readonly options?: WriteOptions
}

export interface OutboxOptions {
  readonly clientId: string
  readonly hooks: Hooks
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Tells the host what has happened, after it is stored. All writes that have something to tell go through `commit`, so
 * that the way of delivery is decided here alone. Events of one record are delivered one after the other.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #queues = new Map<string, Promise<void>>()

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Writes, then delivers. `undefined`: somebody else wrote first; nothing was stored and nobody is told. */
  async commit<T>(records: Records<T>, change: Commit<T>): Promise<Versioned<T> | undefined> {
    const written = await records.write(change.key, change.value, change.version, change.options)
    if (written) for (const event of change.events ?? []) this.publish(change.key, event)
    return written
  }

  /** For what is not bound to a record's change: a rejected or unmatched notification. */
  publish(queue: string, event: NewEvent): void {
    this.#publishChange(event)
    const complete = { ...event, id: randomUUID(), occurredAt: new Date(this.#options.clock()).toISOString() }
    const previous = this.#queues.get(queue) ?? Promise.resolve()
    const delivery = previous.then(() => this.#deliver(complete as HookEvent))
    this.#queues.set(queue, delivery)
    delivery.then(() => {
      if (this.#queues.get(queue) === delivery) this.#queues.delete(queue)
    })
  }

  /** Resolves when every event published so far was delivered, or its hook has failed. */
  async drain(): Promise<void> {
    while (this.#queues.size > 0) await Promise.all(this.#queues.values())
  }

  async #deliver(event: HookEvent): Promise<void> {
    const hook = this.#options.hooks[event.type] as ((event: HookEvent) => unknown) | undefined
    try {
      await hook?.(event)
    } catch (error) {
      this.#options.logger.error({ err: error, eventId: event.id, type: event.type }, 'a hook failed')
    }
  }

  #publishChange(event: NewEvent): void {
    if (!channels.change.hasSubscribers) return
    const message = changeMessage(event)
    if (message) channels.change.publish({ clientId: this.#options.clientId, ...message })
  }
}

function changeMessage(event: NewEvent): Omit<ChangeMessage, 'clientId'> | undefined {
  if (event.type === 'paymentChanged') {
    const { partnerReferenceNo, status } = event.payment
    return { subject: 'payment', id: partnerReferenceNo, from: event.previousStatus, to: status }
  }
  if (event.type === 'bindingChanged') {
    return { subject: 'binding', id: event.customerId, from: event.previousStatus, to: event.binding.status }
  }
  return undefined
}
