export { type Api, apis, type Endpoint, type EndpointOverrides, type Operation } from './doku/api.ts'
export { DokuError } from './doku/client.ts'
export type { SignedWith } from './doku/inbound.ts'
export type { KeyInput } from './doku/keys.ts'
export { type Meaning, type ResponseCode, responseCodes } from './doku/response-codes.ts'
export { type Loss, TransportError } from './doku/transport.ts'
export {
  ConfigurationError,
  DokuOvoError,
  HostError,
  type ProblemCode,
  ProblemError,
  problemTypes,
  type StandingAttempt,
  StorageError,
} from './errors.ts'
export type { FindOrder, PayResult } from './flows/payment.ts'
export type { RefundResult } from './flows/refund.ts'
export type {
  BindingChangedEvent,
  HookEvent,
  Hooks,
  NotificationRejectedEvent,
  NotificationUnmatchedEvent,
  OrderPaidTwiceEvent,
  PaymentChangedEvent,
  RefundChangedEvent,
} from './model/events.ts'
export type {
  BindingInput,
  Order,
  PaymentInput,
  RecordRefundInput,
  RefundInput,
  SettleInput,
  StaffInput,
} from './model/input.ts'
export type {
  Balance,
  Binding,
  BindingStatus,
  Customer,
  Payment,
  PaymentFailure,
  PaymentStatus,
  Refund,
  RefundFailure,
  RefundStatus,
} from './model/views.ts'
export type { DokuOvoOptions, WebhookOptions } from './options/options.ts'
export { type DokuOvo, dokuOvo } from './plugin.ts'
export type { Json, JsonObject } from './primitives/json.ts'
export type { Amount } from './primitives/money.ts'
export { keepRawBody } from './routes/middleware/body.ts'
export type { AuthorizeRefund, Identify } from './routes/middleware/identify.ts'
export type { RateLimitOptions, RateLimitStore } from './routes/middleware/rate-limit.ts'
export type { Limit } from './routes/route.ts'
export type { LimitedRoute, RouteName } from './routes/table.ts'
export type { DokuOvoService } from './service.ts'
export { type KeyvLike, type KeyvStorageOptions, keyvStorage } from './storage/keyv/keyv.ts'
export { type MemoryStorageOptions, memoryStorage } from './storage/memory.ts'
export type { Storage, Stored, WriteOptions } from './storage/storage.ts'
export type { CallMessage, ChangeMessage, Logger, WebhookMessage } from './telemetry.ts'
