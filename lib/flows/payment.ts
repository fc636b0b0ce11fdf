import type { PaymentAnswer } from '../doku/answers.ts'
import type { PaymentRequest } from '../doku/client.ts'
import { foreignPage, isDokuPage } from '../doku/pages.ts'
import { paymentVerdicts } from '../doku/response-codes.ts'
import { HostError, ProblemError } from '../errors.ts'
import {
  type Order,
  orderOutput,
  type PayMethod,
  type PaymentInput,
  parseInput,
  parseOutput,
  payMethods,
  paymentInput,
} from '../model/input.ts'
import type { Customer, Payment } from '../model/views.ts'
import { externalId } from '../primitives/ids.ts'
import { isSameValue } from '../primitives/money.ts'
import type { Versioned } from '../records/records.ts'
import { dokuProblem } from './doku-problem.ts'
import type { Clearance } from './orders/clearance.ts'
import type { Located, OrderName, Orders } from './orders/orders.ts'
import type { PaymentChecks } from './orders/payment-check.ts'
import { type StatusUpdate, withUpdate } from './orders/payment-news.ts'
import {
  attemptsAtMost,
  nextAttempt,
  nextReference,
  type OrderRecord,
  type PaymentRecord,
  toPayment,
  viewOf,
} from './orders/payment-record.ts'
import { isLive } from './orders/payment-state.ts'
import type { ReferenceKey } from './orders/reference-key.ts'
import type { UnmatchedNotifications } from './orders/unmatched.ts'
import { isOwner, ownOnly } from './owner.ts'
import type { Ports } from './ports.ts'
import type { ReturnStates, ReturnSubject } from './return-state.ts'
import { logUnaccepted, type SendOnce, type Sent, sendOnce } from './session/send-once.ts'
import type { Session } from './session/session.ts'

/**
 * Returns the order that this customer may pay, with its price. If it returns nothing, the route answers 404 `ORDER_NOT_FOUND`. The plug-in calls
 * it for each payment request. A wrong shape is a `HostError`.
 * @example
 * ```ts
 * import type { FindOrder } from 'express-doku-ovo'
 *
 * const findOrder: FindOrder = async (orderId, customer) => {
 *   const order = await orders.find(orderId)
 *   if (order?.customerId !== customer.id || order.state !== 'open') return undefined
 *   const amount = `${order.total}.00`
 *   return { orderId: order.id, amount, lineItems: [{ name: 'Coffee', price: amount, quantity: 1 }] }
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
  readonly clearance: Clearance
  readonly unmatched: UnmatchedNotifications
  readonly referenceKey: ReferenceKey
  readonly returns: ReturnStates
  readonly findOrder: FindOrder
}

/** The result of `pay`. */
export interface PayResult {
  readonly payment: Payment
  /** False if the order already had a live or paid attempt; `payment` is that attempt. */
  readonly created: boolean
}

/** The order that the customer pays, and the method. */
interface Wanted extends OrderName {
  /** The id that the customer asked for, if the host's own id is another. */
  readonly alias: OrderName | undefined
  readonly order: Order
  readonly payMethod: string
}

/**
 * Pays orders. These steps, in this order, keep the money safe: look for a live attempt, store the new one, send it only
 * then. It has failed only if DOKU definitely says so, or if the request never left.
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
   * Pays an order, or returns the attempt that is live or has paid it. Every customer whom the host allows to
   * pay the order gets the same attempt.
   * @throws ProblemError INVALID_FIELD, ORDER_NOT_FOUND, ORDER_BUSY, ORDER_CHANGED, BINDING_REQUIRED, DOKU_UNAVAILABLE, DOKU_REFUSED; then nothing
   * was sent
   * @throws HostError if `findOrder` returns an order that cannot be paid
   */
  async pay(customer: Customer, input: PaymentInput): Promise<PayResult> {
    const wanted = await this.#findOrder(customer, parseInput(paymentInput, input))
    const { clearance, orders, session } = this.#parts
    const asked = new Set<string>()
    for (;;) {
      const [earlier, alias, binding] = await Promise.all([
        orders.readNamed(wanted),
        wanted.alias && orders.readNamed(wanted.alias),
        session.readBinding(customer),
      ])
      if (earlier && (await clearance.settlesUnmatched(customer.id, wanted, earlier))) continue
      if (alias && (await clearance.settlesUnmatched(customer.id, wanted.alias ?? wanted, alias))) continue
      const standing = await clearance.standing([earlier, alias])
      if (standing) {
        // Only a customer who can pay may replace it.
        const mayReplace = clearance.isAbandoned(standing) && (await this.#canPay(customer))
        if (mayReplace && (await clearance.releasesAbandoned(standing))) {
          asked.add(standing.payment.partnerReferenceNo)
          continue
        }
        return { payment: this.#stand(customer, wanted, standing), created: false }
      }
      // Each question is stored, and other processes may write meanwhile: read the order again.
      // The token comes first, so that a stranger without an account cannot use up the questions.
      const customerToken = await session.prepare(customer, binding).catch((error) => {
        throw dokuProblem(error)
      })
      if (earlier && (await clearance.asksAboutEarlier(earlier, asked))) continue
      if (alias && (await clearance.asksAboutEarlier(alias, asked))) continue
      const written = await this.#write(customer, wanted, earlier)
      if (written) return { payment: await this.#send(customer, wanted, written, customerToken), created: true }
      // Another process wrote first: its attempt is the one to return.
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
    return viewOf(order.value, payment)
  }

  /** The browser came back from OVO. That proves nothing, so DOKU is asked. @returns undefined if there is no such payment */
  async returned({ customerId, reference }: ReturnSubject): Promise<Payment | undefined> {
    const located = ownOnly({ id: customerId }, await this.#parts.orders.findByReference(reference))
    if (!located) return undefined
    const { order, payment } = isLive(located.payment.status) ? await this.#parts.checks.checked(located) : located
    return viewOf(order.value, payment)
  }

  async #findOrder(customer: Customer, input: PaymentInput): Promise<Wanted> {
    const found = await this.#parts.findOrder(input.orderId, customer)
    if (!found)
      throw new ProblemError('ORDER_NOT_FOUND', 'There is no such order of this customer.', { field: 'orderId' })
    const order = parseOutput(orderOutput, 'findOrder()', found)
    if (order.paymentType === 'RECURRING' && !this.#parts.ports.endpoints.payment.paymentType) {
      throw new HostError("findOrder().paymentType: RECURRING needs api: 'core-v1'")
    }
    const { orders } = this.#parts
    const orderId = order.orderId ?? input.orderId
    const alias = orderId === input.orderId ? undefined : orders.nameOf(input.orderId)
    return { ...orders.nameOf(orderId), alias, order, payMethod: choosePayMethod(order, input) }
  }

  /** A standing attempt is the answer only if it pays what the order costs now. */
  #stand(customer: Customer, { order }: Wanted, { order: found, payment }: Located): Payment {
    if (!isSameValue(payment.amount, order.amount)) throw this.#parts.clearance.orderChanged(payment, order.amount)
    return viewFor(customer, found.value, payment)
  }

  async #canPay(customer: Customer): Promise<boolean> {
    return this.#parts.session.prepare(customer).then(
      () => true,
      () => false,
    )
  }

  /** Writes the attempt before it is sent, so that a crash cannot lose it. */
  async #write(customer: Customer, wanted: Wanted, earlier?: Versioned<OrderRecord>): Promise<Located | undefined> {
    const { ports, orders } = this.#parts
    const { order, payMethod } = wanted
    const attempts = earlier?.value.attempts ?? []
    if (nextAttempt(wanted.digest, attempts) > attemptsAtMost)
      throw new ProblemError('ORDER_BUSY', 'There were too many attempts; make a new order.')
    const partnerReferenceNo = await this.#claimReference(wanted, attempts)
    if (partnerReferenceNo === undefined) return undefined
    const now = ports.clock()
    const attempt: PaymentRecord = {
      partnerReferenceNo,
      externalId: externalId(ports.clock, ports.randomBytes),
      customerId: customer.id,
      status: 'sending',
      amount: order.amount,
      payMethod,
      ...(order.paymentType === 'RECURRING' && { isRecurring: true }),
      createdAt: now,
      updatedAt: now,
    }
    return orders.addAttempt(wanted, attempt, earlier)
  }

  /**
   * Claims the reference of a new attempt. The plug-in makes one of its own in two cases: the host's reference with a suffix
   * collides with one of another order, or the host's reference belongs to the id that the customer asked for.
   * @returns undefined if a notification has called the reference paid: the order must be read again
   */
  async #claimReference(
    { digest, alias, order }: Wanted,
    attempts: readonly PaymentRecord[],
  ): Promise<string | undefined> {
    const { orders, referenceKey, unmatched } = this.#parts
    const chosen = order.partnerReferenceNo
    const key = await referenceKey.get()
    const reference = nextReference(digest, attempts, key, chosen)
    if (chosen === undefined) return reference
    if (await orders.claimReference(reference, digest)) {
      // A notification may have named any of the order's references: the chosen one, or one with a suffix.
      let isNew = false
      for (const one of await unmatched.find(chosen)) isNew = (await orders.addUnmatched(digest, one, true)) || isNew
      return isNew ? undefined : reference
    }
    const isOfAlias = alias !== undefined && (await orders.claimReference(reference, alias.digest))
    if (reference !== chosen || isOfAlias) return nextReference(digest, attempts, key)
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
    const sent = await sendOnce(session, { customer, record: payment, send, customerToken })
    if (sent.outcome !== 'answered') logUnaccepted(ports.logger, sent.cause, { payment: payment.partnerReferenceNo })
    const update = sent.outcome === 'answered' ? this.#updateFromAnswer(sent.answer) : updateFromFailure(sent)
    try {
      const told = await orders.changeWithRetry(located, (current) => withUpdate(current, update, ports.clock()))
      return viewOf(told.order.value, told.payment)
    } catch (error) {
      ports.logger.error({ err: error, payment: payment.partnerReferenceNo }, 'the outcome could not be stored')
      // The customer needs OVO's page to continue. Any other outcome is `unknown` until it is stored.
      const shown = update.webRedirectUrl === undefined ? { status: 'unknown' as const } : update
      return toPayment(order.value.orderId, { ...payment, ...shown })
    }
  }

  /** The update never has a page that is not DOKU's own. The payment stays live without it. */
  #updateFromAnswer({ webRedirectUrl, referenceNo }: PaymentAnswer): StatusUpdate {
    const { baseUrl, logger } = this.#parts.ports
    const details = { ...(referenceNo && { referenceNo }) }
    if (!webRedirectUrl) return { status: 'processing', ...details }
    if (isDokuPage(webRedirectUrl, baseUrl)) return { status: 'awaiting-customer', webRedirectUrl, ...details }
    logger.error({ host: new URL(webRedirectUrl).host, referenceNo }, foreignPage)
    return { status: 'awaiting-customer', ...details }
  }

  /** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-6 */
  #request({ order, payMethod }: Wanted, { partnerReferenceNo, customerId }: PaymentRecord): PaymentRequest {
    const amount = { value: order.amount, currency: 'IDR' } as const
    const urls = this.#parts.returns.urls('payment', { customerId, reference: partnerReferenceNo })
    const { paymentType: understood } = this.#parts.ports.endpoints.payment
    return {
      partnerReferenceNo,
      amount,
      ...(order.feeType && { feeType: order.feeType }),
      // One method pays the whole amount. The fee is named separately and is not added to it.
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

/** The host may fix the method, or list the methods from which the customer may choose. */
function choosePayMethod(order: Order, { payMethod: wanted }: PaymentInput): PayMethod {
  const allowed = order.payMethod === undefined ? (order.payMethods ?? payMethods) : [order.payMethod]
  const chosen = wanted ?? allowed[0] ?? 'CASH'
  if (allowed.includes(chosen)) return chosen
  throw new ProblemError('INVALID_FIELD', `payMethod: this order can be paid with ${allowed.join(' or ')}`, {
    field: 'payMethod',
  })
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

/** Every customer whom the host allows to see the order may know its payment's status. Only the payer gets OVO's page. */
function viewFor(customer: Customer, order: OrderRecord, record: PaymentRecord): Payment {
  const payment = viewOf(order, record)
  if (isOwner(customer, record)) return payment
  const { webRedirectUrl: _page, referenceNo: _reference, failure: _failure, ...shared } = payment
  return shared
}
