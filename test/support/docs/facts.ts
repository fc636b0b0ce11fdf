import type {
  BindingChangedEvent,
  CallMessage,
  ChangeMessage,
  ConfigurationError,
  DokuError,
  HookEvent,
  HostError,
  Json,
  NotificationRejectedEvent,
  NotificationUnmatchedEvent,
  OrderPaidTwiceEvent,
  PaymentChangedEvent,
  RefundChangedEvent,
  StorageError,
  TransportError,
  WebhookMessage,
} from 'express-doku-ovo'

/** Facts that are only types, as values for the tests of the documentation: the compiler holds each against its type. */

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** How the documentation writes these types. */
interface Written {
  readonly string: string
  readonly number: number
  readonly Json: Json
  readonly 'string | undefined': string | undefined
  readonly 'Record<string, string>': Record<string, string>
  readonly "'POST'": 'POST'
  readonly "'token' | 'notification'": 'token' | 'notification'
  readonly "'payment' | 'binding' | 'refund'": 'payment' | 'binding' | 'refund'
}
type TypeName<V> = { [Name in keyof Written]: Same<Written[Name], V> extends true ? Name : never }[keyof Written]
type Mark<T, K extends keyof T> = object extends Pick<T, K> ? '?' : ''

/** The type of each field, with a question mark before it where the field is optional. */
type Fields<T> = { readonly [K in keyof T]-?: `${Mark<T, K>}${TypeName<Required<T>[K]>}` }

export const messageFields = {
  call: {
    clientId: 'string',
    operation: 'string',
    method: "'POST'",
    path: 'string',
    requestHeaders: 'Record<string, string>',
    requestBody: 'Json',
    stringToSign: 'string',
    httpStatus: '?number',
    responseBody: '?Json',
    outcome: 'string',
    durationMs: 'number',
  },
  webhook: {
    clientId: 'string',
    route: "'token' | 'notification'",
    path: 'string',
    requestHeaders: 'Record<string, string>',
    requestBody: 'Json',
    stringToSign: 'string',
    httpStatus: 'number',
    responseBody: 'Json',
  },
  change: {
    clientId: 'string',
    subject: "'payment' | 'binding' | 'refund'",
    id: 'string',
    from: 'string | undefined',
    to: 'string',
  },
} as const satisfies { call: Fields<CallMessage>; webhook: Fields<WebhookMessage>; change: Fields<ChangeMessage> }

type EventFields<T> = { readonly [K in Exclude<keyof T, 'id' | 'occurredAt' | 'sequence' | 'type'>]: true }

/** What comes with each hook's event, besides what comes with all of them. */
export const eventFields = {
  paymentChanged: { customerId: true, previousStatus: true, payment: true } satisfies EventFields<PaymentChangedEvent>,
  bindingChanged: { customerId: true, previousStatus: true, binding: true } satisfies EventFields<BindingChangedEvent>,
  refundChanged: {
    customerId: true,
    previousStatus: true,
    refund: true,
    payment: true,
  } satisfies EventFields<RefundChangedEvent>,
  orderPaidTwice: { orderId: true, payments: true } satisfies EventFields<OrderPaidTwiceEvent>,
  notificationRejected: {
    route: true,
    responseCode: true,
    reason: true,
  } satisfies EventFields<NotificationRejectedEvent>,
  notificationUnmatched: { reference: true, subject: true } satisfies EventFields<NotificationUnmatchedEvent>,
} as const satisfies Record<HookEvent['type'], object>

/** The codes of each class of errors, but for those of `ProblemError`, which are a table of their own. */
export const errorCodes = {
  ConfigurationError: { CONFIGURATION_INVALID: true } satisfies Record<ConfigurationError['code'], true>,
  HostError: { HOST_FUNCTION_INVALID: true } satisfies Record<HostError['code'], true>,
  StorageError: { STORAGE_UNAVAILABLE: true } satisfies Record<StorageError['code'], true>,
  DokuError: { DOKU_ERROR: true } satisfies Record<DokuError['code'], true>,
  TransportError: { DOKU_NOT_REACHED: true, DOKU_ANSWER_LOST: true } satisfies Record<TransportError['code'], true>,
}
