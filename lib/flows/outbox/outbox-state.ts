import type { HookEvent } from '../../model/events.ts'
import { type Check, count, listOf, shapeOf, text, time } from '../../records/shape.ts'

/** An event that the host has not been told yet, as it lies in the record whose change it tells of. */
export interface StoredEvent {
  readonly event: HookEvent
  /** How often its hook has failed. */
  readonly tries: number
  /** Not to be tried again before then, in ms since the epoch. */
  readonly notBefore: number
}

/** What a record still has to tell the host: oldest first, one after the other, by one process at a time. */
interface OutboxState {
  readonly events: readonly StoredEvent[]
  /** The process that is telling. */
  readonly claimedBy: string
  /** After that it is taken for dead, and any process may go on. In ms since the epoch. */
  readonly claimedUntil: number
}

const eventBase = shapeOf<Record<'id' | 'type' | 'occurredAt', string>>({ id: text, type: text, occurredAt: text })

/** Checks no field that only one type of event has: it goes to the host's hook as it was stored. */
export const eventShape: Check<HookEvent> = (value): value is HookEvent => eventBase(value)

/** Far more events than any record gets: one of ours must never be refused. */
export const mostEvents = 10_000

/** Without an event there is no outbox. */
export const outboxShape = shapeOf<OutboxState>({
  events: listOf(shapeOf<StoredEvent>({ event: eventShape, tries: count, notBefore: time }), mostEvents, 1),
  claimedBy: text,
  claimedUntil: time,
})

/** A record that can carry events. */
export interface WithOutbox {
  readonly outbox?: OutboxState
}

/** Who wants to deliver, and until when the claim is to last. */
export interface Claim {
  readonly by: string
  readonly now: number
  readonly until: number
}

function isClaimedByOther(outbox: OutboxState, { by, now }: Claim): boolean {
  return outbox.claimedBy !== by && outbox.claimedUntil > now
}

/**
 * The record with further events. Whoever is delivering already goes on with them, and an event that has to wait makes
 * them wait for nobody in particular; otherwise the claim is ours.
 */
export function withEvents<T extends WithOutbox>(record: T, events: readonly HookEvent[], claim: Claim): T {
  if (events.length === 0) return record
  const added = events.map((event) => ({ event, tries: 0, notBefore: 0 }))
  const { outbox } = record
  const mustWait = (outbox?.events[0]?.notBefore ?? 0) > claim.now
  if (outbox && (mustWait || isClaimedByOther(outbox, claim)))
    return { ...record, outbox: { ...outbox, events: [...outbox.events, ...added] } }
  return {
    ...record,
    outbox: { events: [...(outbox?.events ?? []), ...added], claimedBy: claim.by, claimedUntil: claim.until },
  }
}

/** The record claimed for delivery; `undefined` when there is nothing to deliver now, or somebody else is at it. */
export function claimed<T extends WithOutbox>(record: T, claim: Claim): T | undefined {
  const head = record.outbox?.events[0]
  if (!record.outbox || !head || head.notBefore > claim.now || isClaimedByOther(record.outbox, claim)) return undefined
  return { ...record, outbox: { ...record.outbox, claimedBy: claim.by, claimedUntil: claim.until } }
}

/** The record after its first event was delivered or parked; the claim goes on for the next one. */
export function withoutHead<T extends WithOutbox>(record: T, claim: Claim): T {
  const { outbox, ...rest } = record
  const events = outbox?.events.slice(1) ?? []
  if (events.length === 0) return rest as T
  return { ...record, outbox: { events, claimedBy: claim.by, claimedUntil: claim.until } }
}

/** The record after its first event's hook has failed: nobody's, until the event may be tried again. */
export function withHeadDeferred<T extends WithOutbox>(record: T, notBefore: number): T {
  const [head, ...later] = record.outbox?.events ?? []
  if (!record.outbox || !head) return record
  const events = [{ ...head, tries: head.tries + 1, notBefore }, ...later]
  return { ...record, outbox: { events, claimedBy: '', claimedUntil: 0 } }
}

/** When somebody has to look after the record's events, in ms since the epoch; `undefined` when there are none. */
export function outboxDueAt({ outbox }: WithOutbox): number | undefined {
  return outbox && Math.max(outbox.claimedUntil, outbox.events[0]?.notBefore ?? 0)
}
