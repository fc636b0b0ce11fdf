import type { PaymentRecord } from '../../../lib/flows/orders/payment-record.ts'
import type { Doku, DokuWatch } from '../doku/doku.ts'
import { type Attempt, codeOf, givenBack, isOver } from '../doku/ledger.ts'
import type { Stage } from '../engine/stage.ts'
import type { Disk } from '../world/disk.ts'
import { longestSkewMs } from '../world/life.ts'
import { type Found, findPayment } from './records.ts'
import type { ToldCheck } from './told.ts'
import { isLiveStatus, senOf } from './writes.ts'

/** A check counts when it is noted, and may be minutes on its way. */
const dayMs = 24 * 3_600_000 - 6 * 60_000
/**
 * Scheduled, optional, after a failure, and as many before a new charge as the few clicks of a schedule cause: the limit
 * of 40 a day would hide that checks are forgotten.
 */
const checksPerDay = 8 + 6 + 2 + 8

/** Looks at what arrives at DOKU, the moment it arrives. */
export class LedgerCheck implements Omit<DokuWatch, 'changed'> {
  readonly #stage: Stage
  readonly #disk: Disk
  readonly #doku: () => Doku
  readonly #told: ToldCheck
  readonly #checkedAt = new Map<string, number[]>()

  constructor(stage: Stage, disk: Disk, doku: () => Doku, told: ToldCheck) {
    this.#stage = stage
    this.#told = told
    this.#disk = disk
    this.#doku = doku
  }

  /** Written before it was sent, sent once, and no other payment of the order can still take money. */
  arrived(attempt: Attempt): void {
    const { journal } = this.#stage
    const name = journal.name(attempt.reference, 'p')
    journal.count('payments at doku')
    journal.tell(() => `${name} arrives at DOKU`)
    const found = findPayment(this.#disk, attempt.reference)
    if (found) this.#compareAll(found, attempt)
    else journal.violate(`${name} arrived at DOKU without a record`)
  }

  #compareAll({ order, payment }: Found, attempt: Attempt): void {
    const { journal } = this.#stage
    const name = journal.name(attempt.reference, 'p')
    if (payment.customerId !== attempt.customerId)
      journal.violate(`${name} charges the wallet of ${attempt.customerId}`)
    if (senOf(payment.amount) !== attempt.rupiah) journal.violate(`${name} charges ${attempt.rupiah}`)
    this.#told.arrived(attempt)
    if (!isLiveStatus(payment.status)) journal.violate(`${name} arrived when it was ${payment.status} already`)
    const references = order.attempts.map(({ partnerReferenceNo }) => partnerReferenceNo)
    for (const other of this.#doku().payments.all) {
      if (other !== attempt && references.includes(other.reference)) this.#compare(payment, attempt, other)
    }
  }

  /** Only what DOKU called failed may be tried anew; when DOKU changed its mind after that, nobody could know. */
  #compare(payment: PaymentRecord, attempt: Attempt, other: Attempt): void {
    const { journal } = this.#stage
    const name = journal.name(attempt.reference, 'p')
    const wasKnown = (other.acknowledgedAt ?? Number.POSITIVE_INFINITY) < payment.createdAt - longestSkewMs
    const otherName = journal.name(other.reference, 'p')
    if (other.reference === attempt.reference) journal.violate(`${name} arrived twice`)
    else if (!isOver(other) && !other.isOverturned) {
      journal.violate(`${name} arrived although ${otherName} is ${codeOf(other)} at DOKU`)
    } else if (wasKnown) journal.violate(`${name} arrived although ${otherName} was known to be paid`)
  }

  checked(reference: string): void {
    const { journal, scheduler } = this.#stage
    const recent = (this.#checkedAt.get(reference) ?? []).filter((at) => at > scheduler.now - dayMs)
    const checkedAt = [...recent, scheduler.now]
    this.#checkedAt.set(reference, checkedAt)
    const name = journal.name(reference, 'p')
    if (checkedAt.length > checksPerDay) {
      journal.violate(`${name} was checked ${checkedAt.length} times within 24 hours`)
    }
  }

  gaveBack(attempt: Attempt): void {
    if (givenBack(attempt) <= attempt.rupiah * attempt.charges) return
    const name = this.#stage.journal.name(attempt.reference, 'p')
    this.#stage.journal.violate(`${name}: more was given back than was paid`)
  }
}
