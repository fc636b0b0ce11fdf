import { hash } from 'node:crypto'
import type { HookEvent, NewEvent } from '../../model/events.ts'
import { absentOr, count, shapeOf } from '../../records/shape.ts'
import type { Stored } from '../../storage/storage.ts'
import { isWitness, withNotFound } from '../check-schedule.ts'
import { permits } from '../evidence.ts'
import { EventRecords, type Outbox } from '../outbox/outbox.ts'
import { outboxDueAt, outboxShape, type WithOutbox } from '../outbox/outbox-state.ts'
import type { Ports } from '../ports.ts'
import type { Caretaker } from '../reconcile.ts'
import { unmatchedShape } from '../record-shapes.ts'
import { ended, type Inquiry, updateFromDoku, withUpdate } from './payment-news.ts'
import type { PaymentRecord, UnmatchedPayment } from './payment-record.ts'
import { isLive, statusFromDoku } from './payment-state.ts'

/**
 * A paid notification that no record knows, after DOKU was asked: the attempt that it proves to be, or the notification
 * with one more witness that DOKU does not know it. Anything else leaves it open.
 */
export function decideUnmatched(
  unmatched: UnmatchedPayment,
  customerId: string,
  inquiry: Inquiry,
  now: number,
): UnmatchedPayment | PaymentRecord | undefined {
  const { partnerReferenceNo, amount, referenceNo, createdAt } = unmatched
  const attempt: PaymentRecord = {
    partnerReferenceNo,
    externalId: '',
    customerId,
    status: 'unknown',
    amount,
    payMethod: 'CASH',
    ...(referenceNo !== undefined && { referenceNo }),
    createdAt,
    updatedAt: now,
  }
  if (inquiry.known) {
    const status = statusFromDoku(inquiry.answer.latestTransactionStatus)
    return status === undefined || isLive(status)
      ? undefined
      : withUpdate(attempt, updateFromDoku(status, inquiry.answer), now)
  }
  const { heard } = inquiry
  const first = unmatched.checks?.firstNotFound
  const witnesses = first && isWitness(unmatched, heard, now) ? [first, heard] : []
  if (!permits('free-order', 'payment not found', witnesses)) {
    return { ...unmatched, checks: withNotFound(unmatched, heard, now) }
  }
  return ended(attempt, 'NOT_FOUND', 'DOKU does not know the payment that its notification called paid.', now)
}

/** So many paid notifications are kept whose references lead to no order, each for so long, in ms. */
const slots = 10_000
const slotsPerReference = 8
const keptMs = 30 * 24 * 60 * 60_000

interface SlotRecord extends WithOutbox {
  readonly unmatched: UnmatchedPayment
}

const slotShape = shapeOf<SlotRecord>({
  unmatched: unmatchedShape,
  outbox: absentOr(outboxShape),
  sequence: absentOr(count),
})

/**
 * The paid notifications whose references have not the form of ours, so that no order's digest can be read from them. Each
 * has one of 10,000 slots for 30 days, and its event is told from there.
 */
export class UnmatchedNotifications implements Caretaker {
  readonly keyPrefix: string
  readonly #ports: Ports
  readonly #outbox: Outbox
  readonly #records: EventRecords<SlotRecord>

  constructor(ports: Ports, outbox: Outbox) {
    this.keyPrefix = ports.keys.unmatched('')
    this.#ports = ports
    this.#outbox = outbox
    this.#records = new EventRecords<SlotRecord>(ports.storage, {
      shape: slotShape,
      dueAt: outboxDueAt,
      expiresAt: ({ unmatched }) => unmatched.createdAt + keptMs,
      ownsEvent: ({ unmatched }, event) =>
        event.type === 'notificationUnmatched' && event.reference === unmatched.partnerReferenceNo,
    })
  }

  /** @returns false if all its slots belong to other references, so that nothing was stored */
  async add(unmatched: UnmatchedPayment): Promise<boolean> {
    const reference = unmatched.partnerReferenceNo
    const event = { type: 'notificationUnmatched', subject: 'payment', reference } as const
    const isKept = await this.#keep(reference, unmatched, [event])
    // Nobody knows if the suffix is ours or the host's, so a copy without an event lies where `find` looks without it.
    const first = withoutSuffix(reference)
    if (first !== reference) await this.#keep(first, unmatched, [])
    return isKept
  }

  /** The notifications that called this reference of a host paid, or a later attempt of it: the reference with a suffix. */
  async find(chosen: string): Promise<readonly UnmatchedPayment[]> {
    const kept = await Promise.all(
      this.#keysOf(chosen).map(async (key) => (await this.#records.read(key))?.value.unmatched),
    )
    return kept
      .filter((one) => one !== undefined)
      .filter(({ partnerReferenceNo }) => {
        return partnerReferenceNo === chosen || withoutSuffix(partnerReferenceNo) === chosen
      })
  }

  /** Whether a parked event belongs to a notification that is kept. */
  async ownsEvent(event: HookEvent): Promise<boolean> {
    if (event.type !== 'notificationUnmatched') return false
    return (await this.find(event.reference)).some((one) => one.partnerReferenceNo === event.reference)
  }

  /** Tells the host what is still to be told. */
  async reconcile(stored: Stored): Promise<void> {
    this.#outbox.deliver(this.#records, stored.key, this.#records.accept(stored.key, stored))
  }

  /** Keeps it in the slots of a reference. @returns false if all of them belong to others */
  async #keep(reference: string, unmatched: UnmatchedPayment, events: readonly NewEvent[]): Promise<boolean> {
    for (const key of this.#keysOf(reference)) {
      if (await this.#outbox.commit(this.#records, { key, value: { unmatched }, events })) return true
      const kept = (await this.#records.read(key))?.value.unmatched
      if (kept?.partnerReferenceNo === unmatched.partnerReferenceNo) return true
    }
    return false
  }

  /** The slots of a reference, one after the other: the first free one is taken. */
  #keysOf(reference: string): string[] {
    const first = hash('sha256', reference, 'buffer').readUInt32BE()
    return Array.from({ length: slotsPerReference }, (_, step) =>
      this.#ports.keys.unmatched(String((first + step) % slots)),
    )
  }
}

/** The second and later attempts of an order have the reference that the host chose, and a number. */
function withoutSuffix(reference: string): string {
  return reference.replace(/-\d\d$/, '')
}
