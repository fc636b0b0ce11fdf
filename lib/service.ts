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

/** The same capabilities as the routes, for host code; each method throws what its route would answer. And the upkeep. */
export interface DokuOvoService {
  bind(customer: Customer, input: BindingInput): Promise<Binding>
  binding(customer: Customer): Promise<Binding>
  unbind(customer: Customer): Promise<Binding>
  balance(customer: Customer): Promise<Balance>
  pay(customer: Customer, input: PaymentInput): Promise<PayResult>
  payment(customer: Customer, partnerReferenceNo: string): Promise<Payment>
  /** Whether the caller may do that is for the host to say. */
  refund(partnerReferenceNo: string, input?: RefundInput): Promise<RefundResult>
  /**
   * Frees an order from an attempt that nobody will confirm: DOKU is asked, and must say that it still waits, or for the
   * second time that it does not know it. The payment becomes `cancelled` with the failure `RELEASED`. If DOKU charges it
   * later all the same, it becomes `paid`. `by` names the member of staff.
   * @throws ProblemError PAYMENT_NOT_FOUND, PAYMENT_NOT_RELEASABLE, DOKU_UNAVAILABLE, ORDER_BUSY, INVALID_FIELD
   */
  release(partnerReferenceNo: string, details: StaffInput): Promise<Payment>
  /**
   * Ends a refund that DOKU does not confirm, after a person has looked it up in DOKU's dashboard. `by` names that person.
   * @throws ProblemError PAYMENT_NOT_FOUND, PAYMENT_NOT_PAID; INVALID_FIELD also if the refund has the other outcome already
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
   */
  recordRefund(partnerReferenceNo: string, input: RecordRefundInput): Promise<RefundResult>
  /** Finishes everything that is due now, and waits for the hooks. @returns how many records that were */
  reconcile(): Promise<number>
  /** The events whose hooks have failed too often, oldest first. */
  parkedEvents(): Promise<readonly HookEvent[]>
  /** Calls the hook of a parked event once more. `false`: it failed again, or there is no such event. */
  redeliver(eventId: string): Promise<boolean>
  /** The OpenAPI 3.1 document of what this router serves, as `GET /openapi.json` answers it; a copy. Needs no server. */
  openapi(): Promise<JsonObject>
}

export interface ServiceParts {
  readonly flows: Flows
  readonly outbox: Outbox
  readonly reconciler: Reconciler
  readonly openApi: OpenApi
  readonly logger: Logger
}

export function createService({ flows, outbox, reconciler, openApi, logger }: ServiceParts): DokuOvoService {
  const { bindings, bindingStore, clearance, orders, payments, refunds, balance, parked, gate } = flows
  const who = (customer: Customer) => parseOutput(customerOutput, 'customer', customer)
  return Object.freeze({
    bind: (customer: Customer, input: BindingInput) => gate.run(async () => bindings.start(who(customer), input)),
    binding: (customer: Customer) => gate.run(async () => bindings.find(who(customer))),
    unbind: (customer: Customer) => gate.run(async () => bindings.end(who(customer))),
    balance: (customer: Customer) => gate.run(async () => balance(who(customer))),
    pay: (customer: Customer, input: PaymentInput) => gate.run(async () => payments.pay(who(customer), input)),
    payment: (customer: Customer, reference: string) => gate.run(async () => payments.find(who(customer), reference)),
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
        const tended = await reconciler.run()
        await outbox.drain()
        return tended
      }),
    parkedEvents: () => gate.run(() => parked.list()),
    redeliver: (eventId: string) =>
      gate.run(async () => {
        const event = (await parked.list()).find(({ id }) => id === eventId)
        const isOurs = event && ((await orders.ownsEvent(event)) || (await bindingStore.ownsEvent(event)))
        if (event && !isOurs) logger.error({ eventId }, 'a parked event is refused: it belongs to no record')
        const delivered = event !== undefined && isOurs === true && (await outbox.redeliver(event))
        if (delivered) await parked.remove(eventId)
        return delivered
      }),
    openapi: async () => JSON.parse(await openApi()) as JsonObject,
  })
}
