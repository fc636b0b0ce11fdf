import type { Outbox } from './flows/outbox/outbox.ts'
import type { PayResult } from './flows/payment.ts'
import type { Reconciler } from './flows/reconcile.ts'
import type { RefundResult } from './flows/refund.ts'
import type { HookEvent } from './model/events.ts'
import {
  type BindingInput,
  customerOutput,
  type PaymentInput,
  parseOutput,
  type RecordRefundInput,
  type RefundInput,
  type SettleInput,
  type StaffInput,
} from './model/input.ts'
import type { Balance, Binding, Customer, Payment, Refund } from './model/views.ts'
import type { JsonObject } from './primitives/json.ts'
import type { OpenApi } from './routes/openapi.ts'
import type { Flows } from './routes/route.ts'
import type { Logger } from './telemetry.ts'

/**
 * The same capabilities as the routes, for host code, and the upkeep. Every method that takes a customer or a reference
 * rejects with the `ProblemError` that its route would answer, with `StorageError` if the storage fails, and with
 * `HostError` if a function of the host, or the customer given, cannot be used. After `close()`, every call is refused
 * with `SHUTTING_DOWN`, but for `openapi()`.
 * @example
 * ```ts
 * const customer = { id: 'customer-1' }
 * const { redirectUrl } = await ovo.service.bind(customer, { phoneNo: '081200000001' })
 * ```
 */
export interface DokuOvoService {
  /**
   * Starts linking an OVO account. Send the customer to the `redirectUrl` of the binding.
   * @example
   * ```ts
   * import { ProblemError } from 'express-doku-ovo'
   *
   * try {
   *   const { redirectUrl } = await ovo.service.bind({ id: 'customer-1' }, { phoneNo: '081200000001' })
   *   console.log('send the customer to', redirectUrl)
   * } catch (error) {
   *   if (error instanceof ProblemError && error.code === 'ALREADY_BOUND') console.log('linked already')
   *   else throw error
   * }
   * ```
   */
  bind(customer: Customer, input: BindingInput): Promise<Binding>
  /** Finds the customer's binding. @throws ProblemError BINDING_NOT_FOUND if the customer never linked an account */
  binding(customer: Customer): Promise<Binding>
  /** Ends the customer's binding, at DOKU too. Does nothing if it has ended already. */
  unbind(customer: Customer): Promise<Binding>
  /**
   * Ends the record of a link whose encryption key is lost, here only. The customer must unlink in the OVO app too, before
   * she can link again. `by` names the member of staff.
   * @throws ProblemError BINDING_NOT_FOUND, INVALID_FIELD
   * @example
   * ```ts
   * await ovo.service.dropLink('customer-1', { by: 'siti@shop.example' })
   * ```
   */
  dropLink(customerId: string, details: StaffInput): Promise<Binding>
  /**
   * Asks DOKU for the balance of the customer's linked account.
   * @example
   * ```ts
   * const { cash, points } = await ovo.service.balance({ id: 'customer-1' })
   * console.log(cash.value, points?.value) // '2000000.00'
   * ```
   */
  balance(customer: Customer): Promise<Balance>
  /**
   * Pays an order. If the order has an attempt that is live or paid, returns that one with `created: false`. If the
   * payment has a `webRedirectUrl`, send the customer there to confirm.
   * @example
   * ```ts
   * const { payment, created } = await ovo.service.pay({ id: 'customer-1' }, { orderId: 'order-1' })
   * if (payment.webRedirectUrl) console.log(created ? 'confirm at' : 'still to confirm at', payment.webRedirectUrl)
   * ```
   */
  pay(customer: Customer, input: PaymentInput): Promise<PayResult>
  /**
   * Finds a payment of this customer.
   * @throws ProblemError PAYMENT_NOT_FOUND, also for a payment of another customer
   * @example
   * ```ts
   * const { status, failure } = await ovo.service.payment({ id: 'customer-1' }, '7Q2ZK3M9V0T4C8XW5R1B2N6D7F8G9H0J')
   * console.log(status, failure?.message)
   * ```
   */
  payment(customer: Customer, partnerReferenceNo: string): Promise<Payment>
  /**
   * Refunds a payment. Default amount: the rest of the payment. The host decides who may call this.
   * @example
   * ```ts
   * const { refund } = await ovo.service.refund('7Q2ZK3M9V0T4C8XW5R1B2N6D7F8G9H0J', { amount: '5000.00' })
   * console.log(refund.status) // 'succeeded', or 'unknown' if the answer was lost
   * ```
   */
  refund(partnerReferenceNo: string, input?: RefundInput): Promise<RefundResult>
  /**
   * Frees an order from an attempt that nobody will confirm: DOKU is asked, and must say that it still waits, or for the
   * second time that it does not know it. The payment becomes `cancelled` with the failure `RELEASED`. If DOKU charges it
   * later all the same, it becomes `paid`. `by` names the member of staff.
   * @example
   * ```ts
   * const { status } = await ovo.service.release('7Q2ZK3M9V0T4C8XW5R1B2N6D7F8G9H0J', { by: 'rina@shop.example' })
   * console.log(status) // 'cancelled': the order can be paid again
   * ```
   * @throws ProblemError PAYMENT_NOT_FOUND, PAYMENT_NOT_RELEASABLE, DOKU_UNAVAILABLE, ORDER_BUSY, INVALID_FIELD
   */
  release(partnerReferenceNo: string, details: StaffInput): Promise<Payment>
  /**
   * Ends a refund that DOKU does not confirm, after a person has looked it up in DOKU's dashboard. `by` names that person.
   * @throws ProblemError PAYMENT_NOT_FOUND, PAYMENT_NOT_PAID; INVALID_FIELD also if the refund has the other outcome already
   * @example
   * ```ts
   * await ovo.service.settleRefund('7Q2ZK3M9V0T4C8XW5R1B2N6D7F8G9H0J', 'R-1', 'succeeded', { by: 'dewi' })
   * ```
   */
  settleRefund(
    partnerReferenceNo: string,
    partnerRefundNo: string,
    outcome: SettleInput['outcome'],
    details: Omit<SettleInput, 'outcome'>,
  ): Promise<Refund>
  /**
   * Counts money that was given back through DOKU's dashboard. The same `partnerRefundNo` counts once; all refunds together
   * cannot exceed the payment.
   * @throws ProblemError PAYMENT_NOT_FOUND, PAYMENT_NOT_PAID, REFUND_TOO_LARGE, INVALID_FIELD
   * @example
   * ```ts
   * const details = { amount: '5000.00', partnerRefundNo: 'D-1', by: 'dewi', evidence: 'dashboard, ticket 7' }
   * await ovo.service.recordRefund('7Q2ZK3M9V0T4C8XW5R1B2N6D7F8G9H0J', details)
   * ```
   */
  recordRefund(partnerReferenceNo: string, input: RecordRefundInput): Promise<RefundResult>
  /**
   * Finishes all work that is due now, and waits for the hooks.
   * @returns the number of records that were due
   * @example
   * ```ts
   * // With `reconcileEveryMs: false`: a job of the host does what is due.
   * setInterval(() => ovo.service.reconcile().catch(console.error), 10_000)
   * ```
   */
  reconcile(): Promise<number>
  /**
   * Lists the events whose hooks failed too often, oldest first.
   * @example
   * ```ts
   * for (const event of await ovo.service.parkedEvents()) await ovo.service.redeliver(event.id)
   * ```
   */
  parkedEvents(): Promise<readonly HookEvent[]>
  /** Calls the hook of a parked event once more. @returns false if the hook failed again, or if there is no such event */
  redeliver(eventId: string): Promise<boolean>
  /** Returns a copy of the OpenAPI 3.1 document that `GET /openapi.json` answers. Needs no server. */
  openapi(): Promise<JsonObject>
}

export interface ServiceParts {
  readonly flows: Omit<Flows, 'webhooks' | 'returns'>
  readonly outbox: Outbox
  readonly reconciler: Reconciler
  readonly openApi: OpenApi
  readonly logger: Logger
}

export function createService({ flows, outbox, reconciler, openApi, logger }: ServiceParts): DokuOvoService {
  const { unmatched, bindings, bindingStore, clearance, orders, payments, refunds, balance, parked, gate } = flows
  const checked = (customer: Customer) => parseOutput(customerOutput, 'customer', customer)
  return Object.freeze({
    bind: (customer: Customer, input: BindingInput) => gate.run(async () => bindings.start(checked(customer), input)),
    binding: (customer: Customer) => gate.run(async () => bindings.find(checked(customer))),
    unbind: (customer: Customer) => gate.run(async () => bindings.end(checked(customer))),
    dropLink: (customerId: string, details: StaffInput) => gate.run(() => bindings.drop(customerId, details)),
    balance: (customer: Customer) => gate.run(async () => balance(checked(customer))),
    pay: (customer: Customer, input: PaymentInput) => gate.run(async () => payments.pay(checked(customer), input)),
    payment: (customer: Customer, reference: string) =>
      gate.run(async () => payments.find(checked(customer), reference)),
    refund: (reference: string, input: RefundInput = {}) => gate.run(() => refunds.refund(reference, input)),
    release: (reference: string, details: StaffInput) => gate.run(() => clearance.release(reference, details)),
    settleRefund: (
      reference: string,
      partnerRefundNo: string,
      outcome: SettleInput['outcome'],
      details: Omit<SettleInput, 'outcome'>,
    ) => gate.run(() => refunds.settle(reference, partnerRefundNo, { ...details, outcome })),
    recordRefund: (reference: string, input: RecordRefundInput) => gate.run(() => refunds.record(reference, input)),
    reconcile: () =>
      gate.run(async () => {
        const count = await reconciler.run()
        await outbox.drain()
        return count
      }),
    parkedEvents: () => gate.run(() => parked.list()),
    redeliver: (eventId: string) =>
      gate.run(async () => {
        const event = (await parked.list()).find(({ id }) => id === eventId)
        const sources = [orders, bindingStore, unmatched]
        const owned = event ? await Promise.all(sources.map((source) => source.ownsEvent(event))) : []
        const isOurs = owned.includes(true)
        if (event && !isOurs) logger.error({ eventId }, 'a parked event is refused: it belongs to no record')
        const delivered = event !== undefined && isOurs === true && (await outbox.redeliver(event))
        if (delivered) await parked.remove(eventId)
        return delivered
      }),
    openapi: async () => JSON.parse(await openApi()) as JsonObject,
  })
}
