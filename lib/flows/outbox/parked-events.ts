import type { HookEvent } from '../../model/events.ts'
import { Records } from '../../records/records.ts'
import { listOf, shapeOf } from '../../records/shape.ts'
import type { Ports } from '../ports.ts'
import { eventShape, mostEvents } from './outbox-state.ts'

/** The events whose hooks have failed too often, oldest first. One record holds them all, because there should be none. */
interface ParkedRecord {
  readonly events: readonly HookEvent[]
}

const parkedShape = shapeOf<ParkedRecord>({ events: listOf(eventShape, mostEvents) })

/** At this number `park` throws: then the event stays in its record, and delivery tries that record again later. */
const parkedAtMost = 1000

/** The events that wait for a person. */
export class ParkedEvents {
  readonly #key: string
  readonly #records: Records<ParkedRecord>

  constructor({ keys, storage }: Pick<Ports, 'keys' | 'storage'>) {
    this.#key = keys.parkedEvents
    this.#records = new Records(storage, { shape: parkedShape })
  }

  async list(): Promise<readonly HookEvent[]> {
    return (await this.#records.read(this.#key))?.value.events ?? []
  }

  /** Adds the event, unless it is parked already. @throws Error if too many events are parked */
  async park(event: HookEvent): Promise<void> {
    await this.#change((events) => {
      if (events.length >= parkedAtMost) throw new Error(`${parkedAtMost} events are parked already; redeliver them`)
      return events.some(({ id }) => id === event.id) ? events : [...events, event]
    })
  }

  async remove(eventId: string): Promise<void> {
    await this.#change((events) => events.filter(({ id }) => id !== eventId))
  }

  async #change(change: (events: readonly HookEvent[]) => readonly HookEvent[]): Promise<void> {
    for (;;) {
      const stored = await this.#records.read(this.#key)
      const events = change(stored?.value.events ?? [])
      if (await this.#records.write(this.#key, { events }, stored?.version)) return
    }
  }
}
