import type { HttpAnswer } from '../../../lib/doku/transport.ts'
import type { JsonObject } from '../../../lib/primitives/json.ts'
import type { Stage } from '../engine/stage.ts'
import { answer, ok } from './answers.ts'
import { type Attempt, codeOf, type GivenRefund, givenBack } from './ledger.ts'
import type { DokuPayments } from './payments.ts'

const hourMs = 3_600_000

/** Gives money back as often as it is asked to, and more than was paid too: it is the merchant who has to be careful. */
export class DokuRefunds {
  readonly #stage: Stage
  readonly #payments: DokuPayments
  readonly #onGiven: (attempt: Attempt) => void

  constructor(stage: Stage, payments: DokuPayments, onGiven: (attempt: Attempt) => void) {
    this.#stage = stage
    this.#payments = payments
    this.#onGiven = onGiven
  }

  refund(body: JsonObject): HttpAnswer {
    const { random, plan, scheduler } = this.#stage
    const attempt = this.#payments.find(String(body.originalPartnerReferenceNo))
    if (!attempt || attempt.charges === 0) return answer(404, '58', '00')
    const isDeclined = random.chance(plan.declines)
    const given: GivenRefund = {
      partnerRefundNo: String(body.partnerRefundNo),
      rupiah: Number((body.refundAmount as { value: string }).value),
      arrivedAt: scheduler.now,
      isGiven: undefined,
      isShown: !isDeclined || random.chance(0.5),
    }
    attempt.refunds.push(given)
    this.#stage.journal.count('refunds at doku')
    if (isDeclined) return this.#decline(given)
    return random.chance(0.2) ? this.#giveLater(attempt, given) : this.#giveNow(attempt, given)
  }

  #decline(given: GivenRefund): HttpAnswer {
    given.isGiven = false
    return answer(403, '58', '15')
  }

  #giveNow(attempt: Attempt, given: GivenRefund): HttpAnswer {
    this.#give(attempt, given, true)
    const { partnerRefundNo } = given
    if (this.#stage.random.chance(0.1)) return answer(404, '58', '18')
    return ok('58', { partnerRefundNo, refundNo: `R-${partnerRefundNo}` })
  }

  #giveLater(attempt: Attempt, given: GivenRefund): HttpAnswer {
    const { random, scheduler } = this.#stage
    scheduler.after(random.stretch(hourMs), () => this.#give(attempt, given, random.chance(0.7)))
    return answer(202, '58', '00')
  }

  /** Whether a refund of a part makes a payment "refunded", nobody has written down. */
  #give(attempt: Attempt, given: GivenRefund, isGiven: boolean): void {
    given.isGiven = isGiven
    this.#stage.journal.tell(() => `DOKU ${isGiven ? 'gives' : 'does not give'} ${given.rupiah} back`)
    if (!isGiven) return
    this.#onGiven(attempt)
    const isWhole = givenBack(attempt) >= attempt.rupiah
    if ((isWhole || this.#stage.plan.partIsToldAsRefunded) && codeOf(attempt) !== '04') this.#payments.refunded(attempt)
  }
}
