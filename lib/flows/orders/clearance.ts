import { ProblemError } from '../../errors.ts'
import { parseInput, type StaffInput, staffInput } from '../../model/input.ts'
import { type Payment, toIso } from '../../model/views.ts'
import { withDeadline } from '../../primitives/deadline.ts'
import { inParallel } from '../../primitives/in-parallel.ts'
import type { Versioned } from '../../records/records.ts'
import { isWitness, mayQuestion, withQuestion } from '../check-schedule.ts'
import { permits } from '../evidence.ts'
import type { Ports } from '../ports.ts'
import type { Located, OrderName, Orders } from './orders.ts'
import type { PaymentChecks } from './payment-check.ts'
import { isStillOpen, withRelease } from './payment-news.ts'
import {
  isToBeAskedAbout,
  type OrderRecord,
  type PaymentRecord,
  toPayment,
  type UnmatchedPayment,
} from './payment-record.ts'
import { isLive, tookMoney } from './payment-state.ts'
import { decideUnmatched } from './unmatched.ts'

export interface ClearanceParts {
  readonly ports: Ports
  readonly orders: Orders
  readonly checks: PaymentChecks
  /** When a customer may replace an attempt that nobody confirms, in ms after it was created; false: never. */
  readonly releaseAfterMs: number | false
}

/** DOKU is asked about at most this many earlier attempts at once. */
const questionsAtOnce = 4
/** All questions of one request take at most this long together, in ms. */
const questionsDeadlineMs = 10_000

/** Decides whether an order may be charged. It asks DOKU about earlier attempts, and finds the one that stands in the way. */
export class Clearance {
  readonly #parts: ClearanceParts

  constructor(parts: ClearanceParts) {
    this.#parts = parts
  }

  /**
   * Looks at the order's record, and at the record of the id that the customer asked for.
   * @returns the attempt that has taken the money, or else one that still can; undefined if none stands in the way
   */
  async standing(records: readonly (Versioned<OrderRecord> | undefined)[]): Promise<Located | undefined> {
    const { checks, orders } = this.#parts
    const found = records.filter((order) => order !== undefined)
    for (const order of found) {
      const paid = order.value.attempts.find(({ status }) => tookMoney(status))
      if (paid) return orders.locate(order, paid)
    }
    for (const order of found) {
      const live = order.value.attempts.findLast(({ status }) => isLive(status))
      if (!live) continue
      const located = await checks.refreshed(orders.locate(order, live))
      if (isLive(located.payment.status) || tookMoney(located.payment.status)) return located
    }
    return undefined
  }

  /**
   * Asks DOKU about every failed attempt that can still take money, because DOKU does not call its failures final. Each is
   * asked about once per click, before a new charge.
   * @returns false if there was nothing to ask
   * @throws ProblemError ORDER_BUSY until DOKU has decided about each; DOKU_UNAVAILABLE, DOKU_REFUSED
   */
  async asksAboutEarlier(order: Versioned<OrderRecord>, asked: Set<string>): Promise<boolean> {
    const { orders, checks, ports } = this.#parts
    const { attempts } = order.value
    if (attempts.some((one) => one.claimedPaidAt !== undefined)) throw stillBusy()
    const isOpen = (one: PaymentRecord) => !asked.has(one.partnerReferenceNo) && isToBeAskedAbout(one, ports.clock())
    const open = attempts.filter(isOpen)
    for (const { partnerReferenceNo } of open) asked.add(partnerReferenceNo)
    const questions = open.map((one) => async () => {
      const { status, located } = await checks.question(orders.locate(order, one))
      if (tookMoney(located.payment.status)) return
      const isOpenAtDoku = status !== undefined && isLive(status)
      if (located.payment.isDoubted || (isOpenAtDoku && !isReleased(one))) throw stillBusy()
    })
    await withDeadline(inParallel(questions, questionsAtOnce), questionsDeadlineMs, stillBusy)
    return questions.length > 0
  }

  /**
   * Asks DOKU about the payments of the order that only a notification has named, unless the order is paid. This comes
   * before everything else: no customer may see the page of a live attempt while the order may be paid already.
   * @returns false if there was nothing to ask
   * @throws ProblemError ORDER_BUSY until DOKU has decided about each; DOKU_UNAVAILABLE, DOKU_REFUSED
   */
  async settlesUnmatched(customerId: string, name: OrderName, order: Versioned<OrderRecord>): Promise<boolean> {
    const { attempts, unmatched = [] } = order.value
    if (unmatched.length === 0 || attempts.some(({ status }) => tookMoney(status))) return false
    const questions = unmatched.map((one) => () => this.#settleUnmatched(customerId, name, one))
    await withDeadline(inParallel(questions, questionsAtOnce), questionsDeadlineMs, stillBusy)
    return true
  }

  /** Whether a customer may replace the attempt, if DOKU confirms that it still waits. */
  isAbandoned({ payment }: Located): boolean {
    const releasableAt = this.#releasableAt(payment)
    return releasableAt !== undefined && this.#parts.ports.clock() >= releasableAt
  }

  /**
   * Releases an abandoned attempt if DOKU has said twice, 15 minutes apart, that it still waits. A customer who starts an
   * attempt and leaves therefore does not lock the order's owner out.
   * @returns whether the order must be read again
   */
  async releasesAbandoned(standing: Located): Promise<boolean> {
    const { checks, orders } = this.#parts
    const { logger, clock } = this.#parts.ports
    const { partnerReferenceNo } = standing.payment
    try {
      const { status, located } = await checks.question(standing)
      if (!isLive(located.payment.status)) return true
      if (status === undefined) return false
      const { payment } = await orders.change(located, (one) =>
        this.#releasableAt(one) !== undefined && isStillOpen(one) ? withRelease(one, clock()) : undefined,
      )
      if (isReleased(payment)) logger.info({ partnerReferenceNo }, 'an abandoned attempt was released')
      return !isLive(payment.status)
    } catch (error) {
      logger.warn({ err: error, partnerReferenceNo }, 'an abandoned attempt could not be released now')
      return false
    }
  }

  /** The problem of an order that has changed since its standing attempt was made. Nothing is charged. */
  orderChanged(standing: PaymentRecord, amount: string): ProblemError {
    const releasableAt = this.#releasableAt(standing)
    const isPaid = tookMoney(standing.status)
    const detail = isPaid
      ? `The order was paid with ${standing.amount}, and costs ${amount} now.`
      : `An attempt for ${standing.amount} is open, and the order costs ${amount} now. Finish it, or release it.`
    return new ProblemError('ORDER_CHANGED', detail, {
      attempt: {
        status: standing.status,
        amount: { value: standing.amount, currency: 'IDR' },
        ...(releasableAt !== undefined && { releasableAt: toIso(releasableAt) }),
      },
    })
  }

  /**
   * Asks DOKU about an attempt, and frees the order from it.
   * @throws ProblemError PAYMENT_NOT_FOUND; PAYMENT_NOT_RELEASABLE if it took the money, or nobody knows what DOKU did;
   * DOKU_UNAVAILABLE; DOKU_REFUSED; ORDER_BUSY if DOKU was asked too often
   */
  async release(partnerReferenceNo: string, input: StaffInput): Promise<Payment> {
    const { by } = parseInput(staffInput, input)
    const { orders, checks, ports } = this.#parts
    const found = await orders.findByReference(partnerReferenceNo)
    if (!found)
      throw new ProblemError('PAYMENT_NOT_FOUND', 'There is no such payment.', { field: 'partnerReferenceNo' })
    const { status, located, heard } = await checks.question(found)
    const first = located.payment.checks?.firstNotFound
    const isSecond = status === undefined && isWitness(located.payment, heard, ports.clock())
    const isUnknown = isSecond && first && permits('free-order', 'payment not found', [first, heard])
    const isOpenAtDoku = status !== undefined && isLive(status)
    const isAllowed = (isOpenAtDoku || isUnknown) && permits('free-order', 'released by a person')
    // A notification may have called it paid after DOKU gave this answer.
    const isNewClaim = ({ claimedPaidAt }: PaymentRecord) =>
      claimedPaidAt !== undefined && claimedPaidAt !== found.payment.claimedPaidAt
    const { order, payment } = await orders.change(located, (one) =>
      isAllowed && !tookMoney(one.status) && !isReleased(one) && !isNewClaim(one)
        ? { ...withRelease(one, ports.clock()), releasedBy: by }
        : undefined,
    )
    if (tookMoney(payment.status) || isInTheWay(payment)) throw notReleasable(payment)
    if (isReleased(payment)) ports.logger.info({ partnerReferenceNo, by }, 'an attempt was released by a person')
    return toPayment(order.value.orderId, payment)
  }

  /** In ms since the epoch; undefined if only a person may release it. */
  #releasableAt(payment: PaymentRecord): number | undefined {
    const { releaseAfterMs } = this.#parts
    const isOpen = payment.status === 'processing' || payment.status === 'awaiting-customer'
    const isInDoubt = payment.claimedPaidAt !== undefined || payment.isDoubted === true
    if (releaseAfterMs === false || !isOpen || isInDoubt || payment.isRecurring) return undefined
    return payment.createdAt + releaseAfterMs
  }

  /** A notification called it paid, and no record knows it. DOKU's answer makes it an attempt of this order. */
  async #settleUnmatched(customerId: string, name: OrderName, unmatched: UnmatchedPayment): Promise<void> {
    const { orders, checks, ports } = this.#parts
    const { partnerReferenceNo } = unmatched
    const now = ports.clock()
    if (!mayQuestion(unmatched.questions, now)) throw stillBusy()
    const noted = (one: UnmatchedPayment) => ({ ...one, questions: withQuestion(one.questions, now) })
    await orders.changeUnmatched(name, partnerReferenceNo, noted)
    const inquiry = await checks.inquire(unmatched)
    await orders.changeUnmatched(name, partnerReferenceNo, (one) =>
      decideUnmatched(one, customerId, inquiry, ports.clock()),
    )
    const left = (await orders.read(name.digest))?.value.unmatched ?? []
    if (left.some((one) => one.partnerReferenceNo === partnerReferenceNo)) throw stillBusy()
  }
}

function isReleased({ failure }: PaymentRecord): boolean {
  return failure?.code === 'RELEASED'
}

/** Whether the attempt still stands in the way: it is live, or a notification has called it paid. */
function isInTheWay({ status, claimedPaidAt }: PaymentRecord): boolean {
  return isLive(status) || claimedPaidAt !== undefined
}

function notReleasable({ status, claimedPaidAt }: PaymentRecord): ProblemError {
  const doubt = claimedPaidAt === undefined ? '' : ', and a notification called it paid'
  return new ProblemError(
    'PAYMENT_NOT_RELEASABLE',
    `The payment is ${status}${doubt}. Only an attempt that DOKU says still waits, or twice does not know, is released.`,
  )
}

function stillBusy(): ProblemError {
  return new ProblemError('ORDER_BUSY', 'DOKU is still working on the attempt before this one; try again in a minute.')
}
