import type { HttpAnswer } from '../../../lib/doku/transport.ts'
import type { JsonObject } from '../../../lib/primitives/json.ts'
import type { Stage } from '../engine/stage.ts'
import { answer, ok, rupiah } from './answers.ts'
import { type Attempt, type Code, codeOf, isOver } from './ledger.ts'

/** DOKU's own reference, of a payment that has arrived. */
const referenceNoOf = ({ reference }: Attempt) => `D-${reference}`

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const longestLagMs = 10 * minuteMs

type Refusal = readonly [httpStatus: number, caseCode: string]

/** Definite. */
const refusals: readonly [Refusal, ...Refusal[]] = [
  [403, '14'],
  [403, '15'],
  [404, '04'],
  [400, '02'],
  [429, '00'],
]

export type Payer = Pick<Attempt, 'customerId' | 'clickId'>

export interface PaymentWatch {
  arrived(attempt: Attempt): void
  changed(attempt: Attempt): void
}

/** The payments that have arrived, each as often as it has: DOKU deduplicates nothing here. */
export class DokuPayments {
  readonly all: Attempt[] = []
  readonly #stage: Stage
  readonly #watch: PaymentWatch

  constructor(stage: Stage, watch: PaymentWatch) {
    this.#stage = stage
    this.#watch = watch
  }

  find(reference: string): Attempt | undefined {
    return this.all.findLast((attempt) => attempt.reference === reference)
  }

  /** The payment request: declined, carried out, begun, or waiting for the customer. */
  pay(from: Payer, body: JsonObject): HttpAnswer {
    const { random, plan } = this.#stage
    const isDeclined = random.chance(plan.declines)
    const attempt = this.#arrive(from, body, isDeclined)
    this.#watch.arrived(attempt)
    if (isDeclined) return this.#decline(attempt)
    if (!attempt.isSale) return this.#begin(attempt)
    this.#move(attempt, '03')
    this.#letExpire(attempt)
    return ok('54', { webRedirectUrl: `https://doku.example/pay/${attempt.reference}`, ...this.#named(attempt) })
  }

  /** What the customer does on OVO's page. */
  decide(reference: string, isConfirmed: boolean): void {
    const attempt = this.find(reference)
    if (attempt && codeOf(attempt) === '03') this.#move(attempt, isConfirmed ? '00' : '05')
  }

  /** What the status inquiry shows: the truth, or while things go wrong what was true a while ago. */
  asShown(attempt: Attempt): { code: Code; at: number } | undefined {
    const { scheduler } = this.#stage
    const at = scheduler.now - (this.#stage.isFaulty() ? attempt.lagMs : 0)
    const past = attempt.isShown || !isOver(attempt) ? attempt.history.findLast((change) => change.at <= at) : undefined
    return past && { code: past.code, at }
  }

  /** Refunded, as DOKU calls it. */
  refunded(attempt: Attempt): void {
    this.#move(attempt, '04')
  }

  #named(attempt: Attempt): JsonObject {
    return this.#stage.random.chance(0.8) ? { referenceNo: referenceNoOf(attempt) } : {}
  }

  #arrive(from: Payer, body: JsonObject, isDeclined: boolean): Attempt {
    const { random, plan } = this.#stage
    const { value } = body.amount as { value: string }
    const attempt: Attempt = {
      reference: String(body.partnerReferenceNo),
      ...from,
      rupiah: Number(value),
      isSale: (body.additionalInfo as JsonObject).paymentType === 'SALE',
      history: [],
      isShown: !isDeclined || random.chance(0.5),
      lagMs: random.chance(plan.lags) ? random.stretch(longestLagMs) : 0,
      refunds: [],
      charges: 0,
      isOverturned: false,
      acknowledgedAt: undefined,
    }
    this.all.push(attempt)
    return attempt
  }

  #decline(attempt: Attempt): HttpAnswer {
    this.#move(attempt, '06')
    const [httpStatus, caseCode] = this.#stage.random.pick(refusals)
    return answer(httpStatus, '54', caseCode)
  }

  /** Without the customer: at once, or in a while, or never. */
  #begin(attempt: Attempt): HttpAnswer {
    const { random, scheduler } = this.#stage
    this.#move(attempt, '03')
    const outcome = random.chance(0.8) ? '00' : '06'
    if (random.chance(0.5)) this.#move(attempt, '00')
    else if (random.chance(0.95)) scheduler.after(random.stretch(3 * hourMs), () => this.#settle(attempt, outcome))
    return ok('54', this.#named(attempt))
  }

  #settle(attempt: Attempt, outcome: Code): void {
    if (codeOf(attempt) === '03') this.#move(attempt, outcome)
  }

  /** A page that nobody answers closes; DOKU may forget to say so. */
  #letExpire(attempt: Attempt): void {
    const { random, scheduler } = this.#stage
    if (random.chance(0.1)) return
    const closesMs = 10 * minuteMs + random.stretch(20 * hourMs)
    scheduler.after(closesMs, () => this.#settle(attempt, random.pick(['05', '06'])))
  }

  #move(attempt: Attempt, code: Code): void {
    const { scheduler, journal } = this.#stage
    if (code === '00') attempt.charges++
    attempt.history.push({ at: scheduler.now, code })
    journal.count(`doku: ${code}`)
    journal.tell(() => `DOKU has ${journal.name(attempt.reference, 'p')} at ${code}`)
    if (code === '05' || code === '06') this.#perhapsOverturn(attempt)
    this.#watch.changed(attempt)
  }

  /** DOKU does not call its failures final. */
  #perhapsOverturn(attempt: Attempt): void {
    const { random, plan, scheduler } = this.#stage
    if (!random.chance(plan.overturns)) return
    scheduler.after(random.stretch(48 * hourMs), () => {
      if (!isOver(attempt)) return
      attempt.isOverturned = true
      this.#move(attempt, '00')
    })
  }

  statusAnswer(attempt: Attempt, code: Code, at: number): HttpAnswer {
    const refundHistory = attempt.refunds
      .filter(({ isShown, arrivedAt }) => isShown && arrivedAt <= at)
      .map(({ partnerRefundNo, isGiven }) => ({
        partnerRefundNo,
        refundNo: `R-${partnerRefundNo}`,
        refundStatus: isGiven === undefined ? '03' : isGiven ? '00' : '06',
      }))
    return ok('55', {
      originalPartnerReferenceNo: attempt.reference,
      originalReferenceNo: referenceNoOf(attempt),
      latestTransactionStatus: code,
      transAmount: rupiah(attempt.rupiah),
      ...(refundHistory.length > 0 && { refundHistory }),
    })
  }
}
