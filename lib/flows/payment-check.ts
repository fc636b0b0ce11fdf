import type { StatusAnswer } from '../doku/answers.ts'
import { DokuError } from '../doku/client.ts'
import { ProblemError } from '../errors.ts'
import { BoundedMap } from '../primitives/bounded-map.ts'
import { sameAmount } from '../primitives/money.ts'
import { dokuProblem } from './doku-problem.ts'
import { type Located, newsFromDoku, type Orders } from './orders.ts'
import type { PaymentRecord } from './payment-record.ts'
import { isLive, type PaymentStatus, statusFromDoku } from './payment-state.ts'
import type { Ports } from './ports.ts'
import type { Session } from './session.ts'

/** "HIT CHECK STATUS AFTER 60 SECONDS". @see protocol.md §9 */
const askAgainAfterMs = 60_000
const rememberedAtMost = 10_000

/** What DOKU says of a payment. `undefined`: it does not know it, or says nothing of use. */
export type Finding = PaymentStatus | undefined

/** Asks DOKU what became of a payment. */
export class PaymentChecks {
  readonly #ports: Ports
  readonly #session: Session
  readonly #orders: Orders
  /** When this process asked for a payment last. */
  readonly #askedAt = new BoundedMap<number>(rememberedAtMost)

  constructor(ports: Ports, session: Session, orders: Orders) {
    this.#ports = ports
    this.#session = session
    this.#orders = orders
  }

  /**
   * Asks, and applies the answer. "Not found" decides nothing: DOKU may not know the payment yet.
   * @throws ProblemError DOKU_UNAVAILABLE, DOKU_REFUSED when there is no answer to apply
   */
  async check({ payment }: Located): Promise<Finding> {
    this.#askedAt.set(payment.partnerReferenceNo, this.#ports.clock())
    const answer = await this.#ask(payment)
    const finding = answer && this.#read(payment, answer)
    if (finding) await this.#orders.apply(payment.partnerReferenceNo, newsFromDoku(finding, answer))
    return finding
  }

  /**
   * The payment, after asking when it is live and was left alone for a minute. When DOKU cannot say, it is as it was.
   */
  async refreshed(located: Located): Promise<Located> {
    const { partnerReferenceNo, status, updatedAt } = located.payment
    const since = Math.max(updatedAt, this.#askedAt.get(partnerReferenceNo) ?? 0)
    if (!isLive(status) || this.#ports.clock() < since + askAgainAfterMs) return located
    return this.checked(located)
  }

  /** The payment after asking, however fresh it is. When DOKU cannot say, it is as it was. */
  async checked(located: Located): Promise<Located> {
    const { partnerReferenceNo } = located.payment
    try {
      await this.check(located)
    } catch (error) {
      this.#ports.logger.warn({ err: error, partnerReferenceNo }, 'the status could not be checked')
    }
    return (await this.#orders.findByReference(partnerReferenceNo)) ?? located
  }

  async #ask(payment: PaymentRecord): Promise<StatusAnswer | undefined> {
    const request = {
      originalPartnerReferenceNo: payment.partnerReferenceNo,
      ...(payment.referenceNo && { originalReferenceNo: payment.referenceNo }),
      amount: { value: payment.amount, currency: 'IDR' },
    } as const
    try {
      return await this.#session.asMerchant(undefined, (doku, credentials) => doku.checkStatus(credentials, request))
    } catch (error) {
      if (error instanceof DokuError && error.meaning === 'not-found') return undefined
      throw dokuProblem(error)
    }
  }

  /** An answer about another payment or another amount is no answer. */
  #read(payment: PaymentRecord, answer: StatusAnswer): Finding {
    const reference = answer.originalPartnerReferenceNo ?? payment.partnerReferenceNo
    const amount = answer.transAmount ?? answer.amount
    const same = amount === undefined || sameAmount(amount, { value: payment.amount, currency: 'IDR' })
    if (same && reference === payment.partnerReferenceNo) return statusFromDoku(answer.latestTransactionStatus)
    this.#ports.logger.error({ payment, answer }, 'DOKU’s status answer is about something else')
    throw new ProblemError('DOKU_UNAVAILABLE', 'DOKU answered about another payment or another amount.')
  }
}
