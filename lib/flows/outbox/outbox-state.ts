import type { HookEvent } from '../../model/events.ts'
import { type Check, count, listOf, shapeOf, text, time } from '../../records/shape.ts'

/** An event that the host has not received yet. It is stored in the record that changed. */
export interface StoredEvent {
  readonly event: HookEvent
  /** How often its hook has failed. */
  readonly tries: number
  /** The earliest time of the next try, in ms since the epoch. */
  readonly notBefore: number
}

/** The events that a record still holds for the host, oldest first. One process at a time delivers them, one by one. */
interface OutboxState {
  readonly events: readonly StoredEvent[]
  /** The id of the delivering process, or `''`. */
  readonly claimedBy: string
  /** In ms since the epoch. Later than that the process counts as dead, and any process may continue. */
  readonly claimedUntil: number
}

const eventBase = shapeOf<Record<'id' | 'type' | 'occurredAt', string>>({ id: text, type: text, occurredAt: text })

/** Leaves unchecked the fields that only one type of event has: the hook gets them as they were stored. */
export const eventShape: Check<HookEvent> = (value): value is HookEvent => eventBase(value)

/** Far more events than any record gets: no record of ours may ever be refused. */
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
  /** The number of the latest event. */
  readonly sequence?: number
}

/** The process that wants to deliver, the time now, and the end of its claim, both in ms since the epoch. */
export interface Claim {
  readonly by: string
  readonly now: number
  readonly until: number
}

function isClaimedByOther(outbox: OutboxState, { by, now }: Claim): boolean {
  return outbox.claimedBy !== by && outbox.claimedUntil > now
}

/**
 * Returns the record with further events, claimed for delivery. If another process is delivering, or the first event waits
 * for a retry, it appends without claiming.
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

/** Claims the record for delivery. @returns undefined if no event is due, or if another process is delivering */
export function claimed<T extends WithOutbox>(record: T, claim: Claim): T | undefined {
  const head = record.outbox?.events[0]
  if (!record.outbox || !head || head.notBefore > claim.now || isClaimedByOther(record.outbox, claim)) return undefined
  return { ...record, outbox: { ...record.outbox, claimedBy: claim.by, claimedUntil: claim.until } }
}

/** Removes the first event after it was delivered or parked. The claim is renewed for the next event. */
export function withoutHead<T extends WithOutbox>(record: T, claim: Claim): T {
  const { outbox, ...rest } = record
  const events = outbox?.events.slice(1) ?? []
  if (events.length === 0) return rest as T
  return { ...record, outbox: { events, claimedBy: claim.by, claimedUntil: claim.until } }
}

/** Notes that the first event's hook has failed. The claim ends, so that any process may try again from `notBefore`. */
export function withHeadDeferred<T extends WithOutbox>(record: T, notBefore: number): T {
  const [head, ...later] = record.outbox?.events ?? []
  if (!record.outbox || !head) return record
  const events = [{ ...head, tries: head.tries + 1, notBefore }, ...later]
  return { ...record, outbox: { events, claimedBy: '', claimedUntil: 0 } }
}

/** When the record's events need a process next, in ms since the epoch. @returns undefined if it has no events */
export function outboxDueAt({ outbox }: WithOutbox): number | undefined {
  return outbox && Math.max(outbox.claimedUntil, outbox.events[0]?.notBefore ?? 0)
}
