import type { Binding, Payment, Refund } from './views.ts'

type WithoutBase<Event> = Event extends HookEvent ? Omit<Event, 'id' | 'occurredAt' | 'sequence'> : never

/** An event before it gets its id and time. */
export type NewEvent = WithoutBase<HookEvent>

/** Comes with every event. */
interface EventBase {
  /** Unique per event, and the same in each delivery of it. */
  readonly id: string
  /** ISO 8601, UTC. */
  readonly occurredAt: string
  /**
   * Grows from event to event of one order, or of one customer's binding: at least the time in ms since the epoch, so that
   * it also grows after a restore. It orders the statuses that are not final; never drop a `paid` because of it.
   */
  readonly sequence: number
}

/** A payment has a new status. `previousStatus` is the one before. */
export interface PaymentChangedEvent extends EventBase {
  readonly type: 'paymentChanged'
  readonly customerId: string
  readonly previousStatus: Payment['status']
  readonly payment: Payment
}

/** A customer linked or unlinked the OVO account, here or in the OVO app. `previousStatus` is `undefined` for the first one. */
export interface BindingChangedEvent extends EventBase {
  readonly type: 'bindingChanged'
  readonly customerId: string
  readonly previousStatus: Binding['status'] | undefined
  readonly binding: Binding
}

/** A refund has a new status. `payment` is the payment after the change. */
export interface RefundChangedEvent extends EventBase {
  readonly type: 'refundChanged'
  readonly customerId: string
  /** undefined for a refund that `service.recordRefund` recorded. */
  readonly previousStatus: Refund['status'] | undefined
  readonly refund: Refund
  readonly payment: Payment
}

/** An order took money twice: DOKU had called an attempt failed and charged it later, or charged one attempt twice. Refund one. */
export interface OrderPaidTwiceEvent extends EventBase {
  readonly type: 'orderPaidTwice'
  readonly orderId: string
  /** Each charge: every attempt that took money, and an attempt once per number that DOKU gave to its charges. */
  readonly payments: readonly Payment[]
}

/** A webhook refused a request: it did not come from DOKU, or from a DOKU with other keys. It changed nothing. */
export interface NotificationRejectedEvent extends EventBase {
  readonly type: 'notificationRejected'
  readonly route: 'token' | 'notification'
  /** The responseCode of our answer to DOKU, for example `4015600`. */
  readonly responseCode: string
  readonly reason: string
}

/** DOKU notified about a payment or a binding that the storage does not know. It was acknowledged, and changed nothing. */
export interface NotificationUnmatchedEvent extends EventBase {
  readonly type: 'notificationUnmatched'
  /** The partnerReferenceNo, or for a binding the custIdMerchant, that no record here has. */
  readonly reference: string
  readonly subject: 'payment' | 'binding'
}

/** Every event that a hook can get. `type` is the name of its hook. */
export type HookEvent =
  | PaymentChangedEvent
  | BindingChangedEvent
  | RefundChangedEvent
  | OrderPaidTwiceEvent
  | NotificationRejectedEvent
  | NotificationUnmatchedEvent

/**
 * Functions of the host that are told what happened, each with one argument. They run after the state is stored, and no
 * answer to DOKU or a customer waits for them. A hook that throws or takes longer than `hookDeadlineMs` is tried again
 * with growing pauses, by any process; after the last try its event is parked. So a hook can be called twice for one
 * event: `event.id` tells. Events of one order or customer come one after the other, in order.
 *
 * `notificationRejected` and `notificationUnmatched` change nothing here, so they are told once and not kept.
 * @example
 * ```ts
 * import type { Hooks } from 'express-doku-ovo'
 *
 * const hooks: Hooks = {
 *   async paymentChanged({ payment }) {
 *     if (payment.status === 'paid') await orders.settle(payment.orderId, payment.amount.value)
 *   },
 *   orderPaidTwice: ({ orderId }) => tellStaff(`${orderId} was paid twice: refund one of the payments`),
 * }
 * ```
 */
export interface Hooks {
  paymentChanged?: (event: PaymentChangedEvent) => unknown
  bindingChanged?: (event: BindingChangedEvent) => unknown
  refundChanged?: (event: RefundChangedEvent) => unknown
  orderPaidTwice?: (event: OrderPaidTwiceEvent) => unknown
  notificationRejected?: (event: NotificationRejectedEvent) => unknown
  notificationUnmatched?: (event: NotificationUnmatchedEvent) => unknown
}
