import type { StatusAnswer } from '../../doku/answers.ts'
import { DokuError } from '../../doku/client.ts'
import { ProblemError } from '../../errors.ts'
import type { PaymentStatus } from '../../model/views.ts'
import { sameAmount } from '../../primitives/money.ts'
import { singleFlight } from '../../primitives/single-flight.ts'
import type { Stored } from '../../storage/storage.ts'
import { mayCheck, mayCheckUnscheduled, nextCheckAt, withCheck } from '../check-schedule.ts'
import { dokuProblem } from '../doku-problem.ts'
import type { Ports } from '../ports.ts'
import type { Caretaker } from '../reconcile.ts'
import type { Session } from '../session/session.ts'
import type { Located, Orders } from './orders.ts'
import { withAnswer, withUnknown } from './payment-news.ts'
import { isUnfinished, type PaymentRecord } from './payment-record.ts'
import { statusFromDoku } from './payment-state.ts'

/**
 * DOKU has two ways of saying that it does not know a payment: 404xx01, and this.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#9
 */
const notFound = '07'

/** What DOKU says of a payment (`undefined`: it does not know it, or says nothing of use), and the payment then. */
export interface Finding {
  readonly status: PaymentStatus | undefined
  readonly located: Located
}

/** Whether DOKU is to be asked about the payment, as it is stored at this very moment. */
type Wanted = (payment: PaymentRecord, now: number) => boolean

const isDue: Wanted = (payment, now) => isUnfinished(payment) && now >= nextCheckAt(payment)

const isOpenQuestion: Wanted = (payment, now) => isUnfinished(payment) && mayCheckUnscheduled(payment, now)

/** Asks DOKU what became of a payment, and takes care of orders that are due. */
export class PaymentChecks implements Caretaker {
  readonly keyPrefix: string
  readonly #ports: Ports
  readonly #session: Session
  readonly #orders: Orders
  /** Twenty clicks at once ask once. */
  readonly #flight = singleFlight<Finding>()

  constructor(ports: Ports, session: Session, orders: Orders) {
    this.keyPrefix = ports.keys.order('')
    this.#ports = ports
    this.#session = session
    this.#orders = orders
  }

  /**
   * Asks, and applies the answer. "Not found" by itself decides nothing: DOKU may not know the payment yet.
   * @throws ProblemError DOKU_UNAVAILABLE, DOKU_REFUSED when there is no answer to apply; ORDER_BUSY when DOKU was asked
   * too often of late
   */
  check(located: Located): Promise<Finding> {
    return this.#flight(located.payment.partnerReferenceNo, () => this.#check(located, mayCheck))
  }

  /** The same for what nobody waits for: it does not use up the last checks of the day. */
  checkUnscheduled(located: Located): Promise<Finding> {
    return this.#check(located, mayCheckUnscheduled)
  }

  /** The payment, after asking when that is due. When DOKU cannot say, it is as it was. */
  async refreshed(located: Located): Promise<Located> {
    return isDue(located.payment, this.#ports.clock()) ? this.#checkedIf(located, isDue) : located
  }

  /** The payment after asking, however fresh it is, if it is not final. When DOKU cannot say, it is as it was. */
  async checked(located: Located): Promise<Located> {
    return this.#checkedIf(located, isOpenQuestion)
  }

  async #check(located: Located, isWanted: Wanted): Promise<Finding> {
    const { isNoted, noted } = await this.#note(located, isWanted)
    if (!isNoted) throw askedTooOften()
    return this.#askAndApply(noted)
  }

  /** Notes that DOKU is asked, before it is; of many who want to know at once, one asks. */
  async #note(located: Located, isWanted: Wanted): Promise<{ isNoted: boolean; noted: Located }> {
    let isNoted = false
    const noted = await this.#orders.change(located, (payment) => {
      const now = this.#ports.clock()
      isNoted = isWanted(payment, now)
      return isNoted ? { ...payment, checks: withCheck(payment, now) } : undefined
    })
    return { isNoted, noted }
  }

  async #askAndApply(noted: Located): Promise<Finding> {
    const { clock } = this.#ports
    const answer = await this.#ask(noted.payment)
    const next = await this.#orders.change(noted, (payment) =>
      answer ? withAnswer(payment, answer, clock()) : withUnknown(payment, clock()),
    )
    return { status: answer && statusFromDoku(answer.latestTransactionStatus), located: next }
  }

  async #checkedIf(located: Located, isWanted: Wanted): Promise<Located> {
    const { partnerReferenceNo } = located.payment
    try {
      const { isNoted, noted } = await this.#note(located, isWanted)
      return isNoted ? (await this.#askAndApply(noted)).located : noted
    } catch (error) {
      this.#ports.logger.warn({ err: error, partnerReferenceNo }, 'the status could not be checked')
      return this.#orders.reread(located)
    }
  }

  /** Tells the host what is still to be told, and asks about every attempt for which that is due. */
  async reconcile(stored: Stored): Promise<void> {
    const order = this.#orders.deliver(stored)
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
      const answer = this.#requireSame(payment, await ask)
      return answer.latestTransactionStatus === notFound ? undefined : answer
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
    const expected = { reference: payment.partnerReferenceNo, amount: payment.amount }
    this.#ports.logger.error(
      { expected, answered: { reference, amount } },
      'DOKU’s status answer is about something else',
    )
    throw new ProblemError('DOKU_UNAVAILABLE', 'DOKU answered about another payment or another amount.')
  }
}

function askedTooOften(): ProblemError {
  return new ProblemError(
    'ORDER_BUSY',
    'DOKU was asked about the attempt before this one again and again; try again later.',
  )
}
