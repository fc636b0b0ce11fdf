import type { PaymentAnswer } from '../doku/answers.ts'
import type { PaymentRequest } from '../doku/client.ts'
import { foreignPage, isDokuPage } from '../doku/pages.ts'
import { paymentVerdicts } from '../doku/response-codes.ts'
import { HostError, ProblemError } from '../errors.ts'
import { type Order, orderOutput, type PaymentInput, parseInput, parseOutput, paymentInput } from '../model/input.ts'
import type { Customer, Payment } from '../model/views.ts'
import { externalId } from '../primitives/ids.ts'
import type { Versioned } from '../records/records.ts'
import { dokuProblem } from './doku-problem.ts'
import type { Located, OrderName, Orders } from './orders/orders.ts'
import type { PaymentChecks } from './orders/payment-check.ts'
import { type StatusUpdate, withUpdate } from './orders/payment-news.ts'
import {
  attemptsAtMost,
  nextReference,
  type OrderRecord,
  type PaymentRecord,
  toPayment,
} from './orders/payment-record.ts'
import { isLive, tookMoney } from './orders/payment-state.ts'
import { isOwner, ownOnly } from './owner.ts'
import type { Ports } from './ports.ts'
import type { ReturnStates, ReturnSubject } from './return-state.ts'
import { type SendOnce, type Sent, sendOnce } from './session/send-once.ts'
import type { Session } from './session/session.ts'

/**
 * Returns the order that this customer may pay, with its price, or nothing: then the answer is 404 `ORDER_NOT_FOUND`. The plug-in calls it for
 * each payment request. A wrong shape is a `HostError`.
 * @example
 * ```ts
 * import type { FindOrder } from 'express-doku-ovo'
 *
 * const findOrder: FindOrder = async (orderId, customer) => {
 *   const order = await orders.find(orderId)
 *   if (order?.customerId !== customer.id || order.state !== 'open') return undefined
 *   return { amount: `${order.total}.00`, lineItems: [{ name: 'Coffee', price: `${order.total}.00`, quantity: 1 }] }
 * }
 * ```
 */
export type FindOrder = (
  orderId: string,
  customer: Customer,
) => Order | undefined | null | Promise<Order | undefined | null>

export interface PaymentParts {
  readonly ports: Ports
  readonly session: Session
  readonly orders: Orders
  readonly checks: PaymentChecks
  readonly returns: ReturnStates
  readonly findOrder: FindOrder
}

/** The result of `pay`. */
export interface PayResult {
  readonly payment: Payment
  /** `false`: the order has an attempt already that is live or paid, and this is it. */
  readonly created: boolean
}

/** What the customer wants to pay, and how. */
interface Wanted extends OrderName {
  readonly order: Order
  readonly payMethod: string
}

/**
 * Pays orders. The order of things is what keeps the money safe: look for a live attempt, write the new one down, only
 * then send it, and call it failed only when DOKU definitely says so.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-1
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-2
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-3
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-4
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-6
 */
export class Payments {
  readonly #parts: PaymentParts

  constructor(parts: PaymentParts) {
    this.#parts = parts
  }

  /**
   * Pays an order, or returns the attempt that is live or has paid it, whoever asks and how often.
   * @throws ProblemError INVALID_FIELD, ORDER_NOT_FOUND, ORDER_BUSY, BINDING_REQUIRED, DOKU_UNAVAILABLE; then nothing was sent
   * @throws HostError when `findOrder` returns what cannot be paid
   */
  async pay(customer: Customer, input: PaymentInput): Promise<PayResult> {
    const wanted = await this.#findOrder(customer, parseInput(paymentInput, input))
    const { orders, session } = this.#parts
    const asked = new Set<string>()
    for (;;) {
      const [earlier, binding] = await Promise.all([orders.read(wanted.digest), session.readBinding(customer)])
      const standing = earlier && (await this.#standingAttempt(earlier))
      if (standing) return { payment: viewFor(customer, wanted.orderId, standing), created: false }
      // What is asked is written down, and others may write meanwhile: the order has to be looked at again.
      if (earlier && (await this.#asksAboutFailed(earlier, asked))) continue
      // After an earlier attempt DOKU was asked, which can take long: the customer may have linked another account since.
      const customerToken = await session.prepare(customer, earlier ? undefined : binding).catch((error) => {
        throw dokuProblem(error)
      })
      const written = await this.#write(customer, wanted, earlier)
      if (written) return { payment: await this.#send(customer, wanted, written, customerToken), created: true }
      // Somebody else wrote first: their attempt is the one to return.
    }
  }

  /** @throws ProblemError PAYMENT_NOT_FOUND, also for a payment of somebody else */
  async find(customer: Customer, partnerReferenceNo: string): Promise<Payment> {
    const located = ownOnly(customer, await this.#parts.orders.findByReference(partnerReferenceNo))
    if (!located) {
      throw new ProblemError('PAYMENT_NOT_FOUND', 'There is no such payment of this customer.', {
        field: 'partnerReferenceNo',
      })
    }
    const { order, payment } = await this.#parts.checks.refreshed(located)
    return toPayment(order.value.orderId, payment)
  }

  /** The browser came back from OVO. That proves nothing, so DOKU is asked. `undefined`: there is no such payment. */
  async returned({ customerId, reference }: ReturnSubject): Promise<Payment | undefined> {
    const located = ownOnly({ id: customerId }, await this.#parts.orders.findByReference(reference))
    if (!located) return undefined
    const { order, payment } = isLive(located.payment.status) ? await this.#parts.checks.checked(located) : located
    return toPayment(order.value.orderId, payment)
  }

  async #findOrder(customer: Customer, input: PaymentInput): Promise<Wanted> {
    const found = await this.#parts.findOrder(input.orderId, customer)
    if (!found)
      throw new ProblemError('ORDER_NOT_FOUND', 'There is no such order of this customer.', { field: 'orderId' })
    const order = parseOutput(orderOutput, 'findOrder()', found)
    if (order.paymentType === 'RECURRING' && !this.#parts.ports.endpoints.payment.paymentType) {
      throw new HostError("findOrder().paymentType: RECURRING needs api: 'core-v1'")
    }
    const { orderId, payMethod = order.payMethod ?? 'CASH' } = input
    return { orderId, digest: this.#parts.orders.digestOf(orderId), order, payMethod }
  }

  /** The attempt that stands in the way of a new one: it has taken the money, or it still can. */
  async #standingAttempt(order: Versioned<OrderRecord>): Promise<PaymentRecord | undefined> {
    const { attempts } = order.value
    const paid = attempts.find(({ status }) => tookMoney(status))
    const last = paid ?? attempts.at(-1)
    if (paid || !last || !isLive(last.status)) return paid
    return (await this.#parts.checks.refreshed(this.#parts.orders.locate(order, last))).payment
  }

  /**
   * DOKU does not call its failures final, so it is asked before the customer's money is touched again; once per click,
   * or clicks that get in each other's way would use up the checks of the day. `false`: it was asked before.
   */
  async #asksAboutFailed(order: Versioned<OrderRecord>, asked: Set<string>): Promise<boolean> {
    const failed = order.value.attempts.at(-1)
    if (!failed || asked.has(failed.partnerReferenceNo)) return false
    asked.add(failed.partnerReferenceNo)
    const { status, located } = await this.#parts.checks.check(this.#parts.orders.locate(order, failed))
    if (tookMoney(located.payment.status) || status === undefined || !isLive(status)) return true
    throw new ProblemError('ORDER_BUSY', 'DOKU is still working on the attempt before this one; try again in a minute.')
  }

  /** From here on, whatever happens, there is a record of it. */
  async #write(customer: Customer, wanted: Wanted, earlier?: Versioned<OrderRecord>): Promise<Located | undefined> {
    const { ports, orders } = this.#parts
    const { order, payMethod } = wanted
    const attempts = earlier?.value.attempts ?? []
    if (attempts.length >= attemptsAtMost)
      throw new ProblemError('ORDER_BUSY', 'There were too many attempts; make a new order.')
    const partnerReferenceNo = await this.#claimReference(wanted, attempts)
    const now = ports.clock()
    const attempt: PaymentRecord = {
      partnerReferenceNo,
      externalId: externalId(ports.clock, ports.randomBytes),
      customerId: customer.id,
      status: 'sending',
      amount: order.amount,
      payMethod,
      createdAt: now,
      updatedAt: now,
    }
    return orders.addAttempt(wanted, attempt, earlier)
  }

  /** A suffix can run into what the host chose for another order; then the reference is one of our own. */
  async #claimReference({ digest, order }: Wanted, attempts: readonly PaymentRecord[]): Promise<string> {
    const { ports, orders } = this.#parts
    const chosen = order.partnerReferenceNo
    const reference = nextReference(digest, attempts, chosen, ports.randomBytes)
    if (chosen === undefined || (await orders.claimReference(reference, digest))) return reference
    if (reference !== chosen) return nextReference(digest, attempts, undefined, ports.randomBytes)
    throw new HostError(`findOrder().partnerReferenceNo: ${chosen} belongs to another order already`)
  }

  /**
   * Sends the written attempt. Only the last payment request decides the status; token errors around it do not.
   * If the storage fails from here on, the record stays behind and the answer is `unknown`.
   */
  async #send(customer: Customer, wanted: Wanted, located: Located, customerToken: string): Promise<Payment> {
    const { session, orders, ports } = this.#parts
    const { payment, order } = located
    const request = this.#request(wanted, payment)
    const send: SendOnce<PaymentAnswer>['send'] = (doku, credentials) => doku.pay(credentials, request)
    const sent = await sendOnce(session, ports, { customer, record: payment, send, customerToken })
    if (sent.outcome !== 'answered') {
      ports.logger.warn({ err: sent.cause, payment: payment.partnerReferenceNo }, 'the payment was not accepted')
    }
    const update = sent.outcome === 'answered' ? this.#updateFromAnswer(sent.answer) : updateFromFailure(sent)
    try {
      const told = await orders.change(located, (current) => withUpdate(current, update, ports.clock()))
      return toPayment(order.value.orderId, told.payment)
    } catch (error) {
      ports.logger.error({ err: error, payment: payment.partnerReferenceNo }, 'the outcome could not be stored')
      return toPayment(order.value.orderId, { ...payment, status: 'unknown' })
    }
  }

  /** A page that is not DOKU's own is shown to nobody. The payment stands all the same. */
  #updateFromAnswer({ webRedirectUrl, referenceNo }: PaymentAnswer): StatusUpdate {
    const { baseUrl, logger } = this.#parts.ports
    const details = { ...(referenceNo && { referenceNo }) }
    if (!webRedirectUrl) return { status: 'processing', ...details }
    if (isDokuPage(webRedirectUrl, baseUrl)) return { status: 'awaiting-customer', webRedirectUrl, ...details }
    logger.error({ host: new URL(webRedirectUrl).host, referenceNo }, foreignPage)
    return { status: 'awaiting-customer', ...details }
  }

  #request({ order, payMethod }: Wanted, { partnerReferenceNo, customerId }: PaymentRecord): PaymentRequest {
    const amount = { value: order.amount, currency: 'IDR' } as const
    const urls = this.#parts.returns.urls('payment', { customerId, reference: partnerReferenceNo })
    const { paymentType: understood } = this.#parts.ports.endpoints.payment
    return {
      partnerReferenceNo,
      amount,
      ...(order.feeType && { feeType: order.feeType }),
      // One method pays the whole: the fee is told apart and not added ([protocol §5.6](https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-6)).
      payOptionDetails: [
        { payMethod, transAmount: amount, feeAmount: { value: order.feeAmount ?? '0.00', currency: 'IDR' } },
      ],
      additionalInfo: {
        ...(order.lineItems && { lineItems: order.lineItems }),
        successPaymentUrl: urls.success,
        failedPaymentUrl: urls.failed,
        ...(understood && { paymentType: order.paymentType ?? 'SALE' }),
        ...(order.remarks && { remarks: order.remarks }),
      },
    }
  }
}

/** Only a definite answer, or a request that never left, says that no money was taken. */
function updateFromFailure(sent: Exclude<Sent<PaymentAnswer>, { outcome: 'answered' }>): StatusUpdate {
  switch (sent.outcome) {
    case 'not-sent':
      return {
        status: 'failed',
        failure: { code: 'NOT_SENT', message: 'DOKU could not be reached; nothing was charged.' },
      }
    case 'lost':
      return { status: 'unknown' }
    case 'refused': {
      const { meaning, responseCode = '', responseMessage } = sent.cause
      const verdict = paymentVerdicts[meaning]
      if (verdict !== 'failed' && verdict !== 'cancelled') return { status: 'unknown' }
      return { status: verdict, failure: { code: responseCode, message: responseMessage } }
    }
  }
}

/** Everybody whom the host lets see the order may know its payment's status; only the payer gets OVO's page. */
function viewFor(customer: Customer, orderId: string, record: PaymentRecord): Payment {
  const payment = toPayment(orderId, record)
  if (isOwner(customer, record)) return payment
  const { webRedirectUrl: _page, referenceNo: _reference, failure: _failure, ...shared } = payment
  return shared
}
