import type { JsonObject } from '../../../lib/primitives/json.ts'
import type { Stage } from '../engine/stage.ts'
import { rupiah } from './answers.ts'
import { type Attempt, codeOf } from './ledger.ts'
import type { Link } from './links.ts'

/** Hands a notification to some process; the promise may never settle. */
export type Deliver = (body: JsonObject, fresh: boolean, done: (isAcknowledged: boolean) => void) => void

const minuteMs = 60_000
const windowMs = 5 * minuteMs
/** DOKU gives up after these. */
const retriesMs = [1, 5, 15, 60, 240].map((minutes) => minutes * minuteMs)

interface Notice {
  readonly body: JsonObject
  readonly writtenAt: number
  readonly onAcknowledged: () => void
}

/** Tells the merchant what happened, truthfully: perhaps never, twice, late, out of order, or signed long ago. */
export class Notifier {
  readonly #stage: Stage
  readonly #deliver: Deliver

  constructor(stage: Stage, deliver: Deliver) {
    this.#stage = stage
    this.#deliver = deliver
  }

  tellPayment(attempt: Attempt): void {
    const code = codeOf(attempt)
    const body = {
      originalPartnerReferenceNo: attempt.reference,
      originalReferenceNo: `D-${attempt.reference}`,
      latestTransactionStatus: code,
      transactionStatusDesc: 'scripted',
      amount: rupiah(attempt.rupiah),
    }
    this.#tell(body, () => {
      if (code === '00') attempt.acknowledgedAt ??= this.#stage.scheduler.now
    })
  }

  tellLink({ authCode, customerId }: Link, isAgreed: boolean): void {
    const status = isAgreed ? 'SUCCESS' : 'FAILED'
    this.#tell({ additionalInfo: { custIdMerchant: customerId, authCode, status } }, () => {})
  }

  #tell(body: JsonObject, onAcknowledged: () => void): void {
    const { random, plan, scheduler, journal } = this.#stage
    const { lost, twice, late } = plan.notification
    const notice = { body, writtenAt: scheduler.now, onAcknowledged }
    const copies = this.#stage.isFaulty() && random.chance(twice) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      if (this.#stage.isFaulty() && random.chance(lost)) journal.count('notifications lost')
      else scheduler.after(random.stretch(random.chance(late) ? 120 * minuteMs : 5000), () => this.#send(notice, 0))
    }
  }

  #send(notice: Notice, tries: number): void {
    const { random, plan, scheduler, journal } = this.#stage
    const isOld = scheduler.now - notice.writtenAt > windowMs && random.chance(0.5)
    const isStale = isOld || (this.#stage.isFaulty() && random.chance(plan.notification.stale))
    journal.count(`notifications ${isStale ? 'stale' : 'fresh'}`)
    let isDone = false
    const done = (isAcknowledged: boolean) => {
      if (isDone) return
      isDone = true
      if (isAcknowledged) notice.onAcknowledged()
      else this.#again(notice, tries)
    }
    this.#deliver(notice.body, !isStale, done)
    scheduler.after(30_000, () => done(false))
  }

  #again(notice: Notice, tries: number): void {
    const pauseMs = retriesMs[tries]
    if (pauseMs !== undefined) this.#stage.scheduler.after(pauseMs, () => this.#send(notice, tries + 1))
  }
}
