import type { StatusAnswer } from '../doku/answers.ts'
import { DokuError } from '../doku/client.ts'
import { ProblemError } from '../errors.ts'
import { sameAmount } from '../primitives/money.ts'
import type { Stored } from '../storage/storage.ts'
import { mayCheck, nextCheckAt, withCheck } from './check-schedule.ts'
import { dokuProblem } from './doku-problem.ts'
import type { Located, Orders } from './orders.ts'
import { withAnswer, withUnknown } from './payment-news.ts'
import { isUnfinished, type OrderRecord, type PaymentRecord } from './payment-record.ts'
import { type PaymentStatus, statusFromDoku } from './payment-state.ts'
import type { Ports } from './ports.ts'
import type { Caretaker } from './reconcile.ts'
import type { Session } from './session.ts'

/** What DOKU says of a payment (`undefined`: it does not know it, or says nothing of use), and the payment then. */
export interface Finding {
  readonly status: PaymentStatus | undefined
  readonly located: Located
}

/** Asks DOKU what became of a payment, and takes care of orders that are due. */
export class PaymentChecks implements Caretaker {
  readonly keyPrefix: string
  readonly #ports: Ports
  readonly #session: Session
  readonly #orders: Orders

  constructor(ports: Ports, session: Session, orders: Orders) {
    this.keyPrefix = ports.keys.order('')
    this.#ports = ports
    this.#session = session
    this.#orders = orders
  }

  /**
   * Asks, and applies the answer. "Not found" by itself decides nothing: DOKU may not know the payment yet.
   * @throws ProblemError DOKU_UNAVAILABLE, DOKU_REFUSED when there is no answer to apply; ORDER_BUSY when DOKU was asked
   * often enough today
   */
  async check(located: Located): Promise<Finding> {
    const { clock } = this.#ports
    const noted = await this.#orders.change(located, (payment) => {
      if (!mayCheck(payment, clock())) throw askedTooOften()
      return { ...payment, checks: withCheck(payment, clock()) }
    })
    const answer = await this.#ask(noted.payment)
    const next = await this.#orders.change(noted, (payment) =>
      answer ? withAnswer(payment, answer, clock()) : withUnknown(payment, clock()),
    )
    return { status: answer && statusFromDoku(answer.latestTransactionStatus), located: next }
  }

  /** The payment, after asking when that is due. When DOKU cannot say, it is as it was. */
  async refreshed(located: Located): Promise<Located> {
    const { payment } = located
    const isDue = isUnfinished(payment) && this.#ports.clock() >= nextCheckAt(payment)
    return isDue ? this.checked(located) : located
  }

  /** The payment after asking, however fresh it is. When DOKU cannot say, it is as it was. */
  async checked(located: Located): Promise<Located> {
    const { partnerReferenceNo } = located.payment
    try {
      return (await this.check(located)).located
    } catch (error) {
      this.#ports.logger.warn({ err: error, partnerReferenceNo }, 'the status could not be checked')
      return this.#orders.reread(located)
    }
  }

  /** Tells the host what is still to be told, and asks about every attempt for which that is due. */
  async tend(stored: Stored): Promise<void> {
    this.#orders.deliver(stored)
    const order = { value: stored.value as unknown as OrderRecord, version: stored.version }
    for (const payment of order.value.attempts) {
      await this.refreshed(await this.#orders.reread(this.#orders.locate(order, payment)))
    }
  }

  async #ask(payment: PaymentRecord): Promise<StatusAnswer | undefined> {
    const request = {
      originalPartnerReferenceNo: payment.partnerReferenceNo,
      ...(payment.referenceNo && { originalReferenceNo: payment.referenceNo }),
      amount: { value: payment.amount, currency: 'IDR' },
    } as const
    try {
      const ask = this.#session.asMerchant(undefined, (doku, credentials) => doku.checkStatus(credentials, request))
      return this.#requireSame(payment, await ask)
    } catch (error) {
      if (error instanceof DokuError && error.meaning === 'not-found') return undefined
      throw dokuProblem(error)
    }
  }

  /** An answer about another payment or another amount is no answer. */
  #requireSame(payment: PaymentRecord, answer: StatusAnswer): StatusAnswer {
    const reference = answer.originalPartnerReferenceNo ?? payment.partnerReferenceNo
    const amount = answer.transAmount ?? answer.amount
    const same = amount === undefined || sameAmount(amount, { value: payment.amount, currency: 'IDR' })
    if (same && reference === payment.partnerReferenceNo) return answer
    this.#ports.logger.error({ payment, answer }, 'DOKU’s status answer is about something else')
    throw new ProblemError('DOKU_UNAVAILABLE', 'DOKU answered about another payment or another amount.')
  }
}

function askedTooOften(): ProblemError {
  return new ProblemError('ORDER_BUSY', 'DOKU was asked about this payment often enough today; try again tomorrow.')
}
