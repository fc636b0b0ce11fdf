import { AnswerMismatch, DokuError } from '../../doku/client.ts'
import { ProblemError } from '../../errors.ts'
import type { PaymentStatus } from '../../model/views.ts'
import { singleFlight } from '../../primitives/single-flight.ts'
import type { Stored } from '../../storage/storage.ts'
import {
  checksAfterFailure,
  mayCheckUnscheduled,
  mayQuestion,
  nextCheckAt,
  withCheck,
  withQuestion,
} from '../check-schedule.ts'
import { dokuProblem } from '../doku-problem.ts'
import type { Heard } from '../evidence.ts'
import type { Ports } from '../ports.ts'
import type { Caretaker } from '../reconcile.ts'
import type { Session } from '../session/session.ts'
import type { Located, Orders } from './orders.ts'
import { type Inquiry, withAnswer, withUnknown } from './payment-news.ts'
import {
  canStillSucceed,
  isUnfinished,
  type PaymentRecord,
  paymentDueAt,
  type UnmatchedPayment,
} from './payment-record.ts'
import { statusFromDoku } from './payment-state.ts'
import { isOpen } from './refund-record.ts'
import { decideUnmatched } from './unmatched.ts'

/**
 * DOKU has two ways of saying that it does not know a payment: 404xx01, and this.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#9
 */
const notFound = '07'

/** A payment that DOKU is asked about, known or not. */
export interface Asked {
  readonly partnerReferenceNo: string
  readonly referenceNo?: string | undefined
  /** Rupiah with two decimals. */
  readonly amount: string
}

/** The status that DOKU names (undefined if it names none, or does not know the payment), and the payment after it. */
export interface Finding {
  readonly status: PaymentStatus | undefined
  readonly heard: Heard
  readonly located: Located
}

/** Returns the payment with the question noted, or undefined if DOKU is not to be asked now. */
type Note = (payment: PaymentRecord, now: number) => PaymentRecord | undefined

const isDue = (payment: PaymentRecord, now: number) => now >= (paymentDueAt(payment) ?? Number.POSITIVE_INFINITY)

const noteIfDue: Note = (payment, now) => {
  if (!isDue(payment, now)) return undefined
  if (isUnfinished(payment)) return { ...payment, checks: withCheck(payment, now) }
  return { ...payment, checksAfterFailure: checksAfterFailure(payment.updatedAt, now) }
}

/** For a check that somebody would like, a page that reloads: it must not use up the schedule. */
const noteIfAllowed: Note = (payment, now) => {
  if (isDue(payment, now)) return noteIfDue(payment, now)
  const isOpenQuestion = isUnfinished(payment) || canStillSucceed(payment)
  return isOpenQuestion && mayCheckUnscheduled(payment, now)
    ? { ...payment, checks: withCheck(payment, now) }
    : undefined
}

/** For an earlier attempt, before a new charge. */
const noteQuestion: Note = (payment, now) =>
  mayQuestion(payment.questions, now) ? { ...payment, questions: withQuestion(payment.questions, now) } : undefined

/** After so long without an answer a person has to look, in ms. */
const refundAlarmAfterMs = 7 * 24 * 60 * 60_000
const claimAlarmAfterMs = 24 * 60 * 60_000

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
   * Asks about an earlier attempt before a new charge, and applies the answer.
   * @throws ProblemError DOKU_UNAVAILABLE, DOKU_REFUSED if there is no answer to apply; ORDER_BUSY if DOKU was asked too
   * often lately
   */
  question(located: Located): Promise<Finding> {
    return this.#flight(located.payment.partnerReferenceNo, () => this.#check(located, noteQuestion))
  }

  /** The same for a stale notification, within the limits of optional checks. */
  checkUnscheduled(located: Located): Promise<Finding> {
    return this.#check(located, noteIfAllowed)
  }

  /** Asks without a limit, because each claim asks once: a notification called the payment paid, and DOKU must confirm it. */
  confirmClaim(located: Located): Promise<Located> {
    return this.#askOrKeep(located)
  }

  /** The payment, after asking if that is due. If DOKU cannot say, it is as it was. */
  async refreshed(located: Located): Promise<Located> {
    return isDue(located.payment, this.#ports.clock()) ? this.#checkedIf(located, noteIfDue) : located
  }

  /** The payment after asking, however fresh it is, if it is not final. If DOKU cannot say, it is as it was. */
  async checked(located: Located): Promise<Located> {
    return this.#checkedIf(located, noteIfAllowed)
  }

  /** Tells the host what is still to be told, and asks about every attempt for which that is due. */
  async reconcile(stored: Stored): Promise<void> {
    const order = this.#orders.deliver(stored)
    for (const payment of order.value.attempts) {
      const current = await this.#orders.reread(this.#orders.locate(order, payment))
      if (isDue(current.payment, this.#ports.clock())) this.#alarm((await this.#checkedIf(current, noteIfDue)).payment)
    }
    const customerId = order.value.attempts.at(-1)?.customerId
    for (const unmatched of order.value.unmatched ?? []) {
      const isUnmatchedDue = this.#ports.clock() >= nextCheckAt(unmatched)
      if (customerId && isUnmatchedDue) await this.#settleUnmatched(order.value.orderId, customerId, unmatched)
    }
  }

  /** A payment that only a notification has named, beside attempts of its order: DOKU says what became of it. */
  async #settleUnmatched(orderId: string, customerId: string, unmatched: UnmatchedPayment): Promise<void> {
    const { clock, logger } = this.#ports
    const { partnerReferenceNo } = unmatched
    const name = this.#orders.nameOf(orderId)
    const noted = (one: UnmatchedPayment) => ({ ...one, checks: withCheck(one, clock()) })
    await this.#orders.changeUnmatched(name, partnerReferenceNo, noted)
    try {
      const inquiry = await this.inquire(unmatched)
      const decided = (one: UnmatchedPayment) => decideUnmatched(one, customerId, inquiry, clock())
      await this.#orders.changeUnmatched(name, partnerReferenceNo, decided)
    } catch (error) {
      logger.warn({ err: error, partnerReferenceNo }, 'the status could not be checked')
    }
  }

  /**
   * Asks DOKU about a payment, and writes nothing.
   * @throws ProblemError DOKU_UNAVAILABLE, DOKU_REFUSED if there is no answer that can be used
   */
  async inquire({ partnerReferenceNo, referenceNo, amount }: Asked): Promise<Inquiry> {
    const request = {
      originalPartnerReferenceNo: partnerReferenceNo,
      ...(referenceNo && { originalReferenceNo: referenceNo }),
      amount: { value: amount, currency: 'IDR' },
    } as const
    try {
      const answer = await this.#session.asMerchant(undefined, (doku, credentials) =>
        doku.checkStatus(credentials, request),
      )
      const heard = this.#heard(answer.answeredAt)
      return answer.latestTransactionStatus === notFound ? { known: false, heard } : { known: true, answer, heard }
    } catch (error) {
      // An HTTP 404 without SNAP's responseCode comes from something in between, and says nothing.
      const isUnknown = error instanceof DokuError && error.meaning === 'not-found' && error.responseCode !== undefined
      if (isUnknown) return { known: false, heard: this.#heard(error.answeredAt) }
      if (error instanceof AnswerMismatch) {
        this.#ports.logger.error({ err: error, partnerReferenceNo }, 'DOKU’s status answer is about something else')
      }
      throw dokuProblem(error)
    }
  }

  #heard(dokuTime: number | undefined): Heard {
    const { monotonic, processId } = this.#ports
    return { ...(dokuTime !== undefined && { dokuTime }), process: processId, monotonicMs: monotonic() }
  }

  async #check(located: Located, note: Note): Promise<Finding> {
    const { isNoted, noted } = await this.#note(located, note)
    if (!isNoted) throw askedTooOften()
    return this.#askAndApply(noted)
  }

  /** Notes the question before it is asked. If many want to know at once, one asks. */
  async #note(located: Located, note: Note): Promise<{ isNoted: boolean; noted: Located }> {
    let isNoted = false
    const noted = await this.#orders.change(located, (payment) => {
      const next = note(payment, this.#ports.clock())
      isNoted = next !== undefined
      return next
    })
    return { isNoted, noted }
  }

  async #askAndApply(noted: Located): Promise<Finding> {
    const { clock } = this.#ports
    const inquiry = await this.inquire(noted.payment)
    const located = await this.#orders.change(noted, (payment) =>
      inquiry.known
        ? withAnswer(payment, inquiry.answer, inquiry.heard, clock())
        : withUnknown(payment, inquiry.heard, clock()),
    )
    const status = inquiry.known ? statusFromDoku(inquiry.answer.latestTransactionStatus) : undefined
    return { status, heard: inquiry.heard, located }
  }

  async #checkedIf(located: Located, note: Note): Promise<Located> {
    const { isNoted, noted } = await this.#note(located, note)
    return isNoted ? this.#askOrKeep(noted) : noted
  }

  async #askOrKeep(located: Located): Promise<Located> {
    try {
      return (await this.#askAndApply(located)).located
    } catch (error) {
      const { partnerReferenceNo } = located.payment
      this.#ports.logger.warn({ err: error, partnerReferenceNo }, 'the status could not be checked')
      return this.#orders.reread(located)
    }
  }

  /** A person has to look at these; the schedule is daily by then, so each is logged once a day. */
  #alarm({ partnerReferenceNo, claimedPaidAt, refunds = [] }: PaymentRecord): void {
    const { clock, logger } = this.#ports
    const now = clock()
    if (claimedPaidAt !== undefined && now >= claimedPaidAt + claimAlarmAfterMs) {
      logger.error({ partnerReferenceNo }, 'DOKU does not confirm a payment that a notification called paid')
    }
    for (const { partnerRefundNo, status, createdAt } of refunds) {
      if (!isOpen(status) || now < createdAt + refundAlarmAfterMs) continue
      logger.error(
        { partnerReferenceNo, partnerRefundNo },
        'DOKU does not confirm a refund; look it up in DOKU’s dashboard and call service.settleRefund',
      )
    }
  }
}

function askedTooOften(): ProblemError {
  return new ProblemError(
    'ORDER_BUSY',
    'DOKU was asked about the attempt before this one again and again; try again later.',
  )
}
