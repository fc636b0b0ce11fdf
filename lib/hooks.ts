import type { Binding } from './flows/binding-record.ts'
import type { Payment } from './flows/payment-record.ts'

/** Comes with every event: deliver twice what you like, `id` stays the same. */
interface EventBase {
  /** Unique per event: keep it to recognise a delivery that comes again. */
  readonly id: string
  /** ISO 8601, UTC. */
  readonly occurredAt: string
}

export interface PaymentChangedEvent extends EventBase {
  readonly type: 'paymentChanged'
  readonly customerId: string
  readonly previousStatus: Payment['status']
  readonly payment: Payment
}

export interface BindingChangedEvent extends EventBase {
  readonly type: 'bindingChanged'
  readonly customerId: string
  readonly previousStatus: Binding['status'] | undefined
  readonly binding: Binding
}

export interface NotificationRejectedEvent extends EventBase {
  readonly type: 'notificationRejected'
  readonly route: 'token' | 'notification'
  /** What DOKU was answered, for example `4015600`. */
  readonly responseCode: string
  readonly reason: string
}

export interface NotificationUnmatchedEvent extends EventBase {
  readonly type: 'notificationUnmatched'
  /** The partnerReferenceNo, or for a binding the custIdMerchant, that nobody here knows. */
  readonly reference: string
  readonly subject: 'payment' | 'binding'
}

export type HookEvent =
  | PaymentChangedEvent
  | BindingChangedEvent
  | NotificationRejectedEvent
  | NotificationUnmatchedEvent

/**
 * Functions of the host that are told what happened. Each gets one argument. They run after the state is stored and
 * after DOKU or the customer has been answered; events of one payment or binding come one after the other, in order.
 * A hook that throws is logged as an error and changes nothing.
 */
export interface Hooks {
  paymentChanged?: (event: PaymentChangedEvent) => unknown
  bindingChanged?: (event: BindingChangedEvent) => unknown
  notificationRejected?: (event: NotificationRejectedEvent) => unknown
  notificationUnmatched?: (event: NotificationUnmatchedEvent) => unknown
}
