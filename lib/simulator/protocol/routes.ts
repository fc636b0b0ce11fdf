import type { Field } from './bodies.ts'
import { BALANCE, BINDING, CUSTOMER_TOKEN, PAYMENT, REFUND, STATUS, TOKEN, UNBINDING } from './bodies.ts'

/** A generation of DOKU's paths. `any`: the path is the same in all generations. */
export type Generation = 'ovo-v1.0' | 'core-v1' | 'any'

interface GenerationFacts {
  /**
   * Whether X-DEVICE-ID is required: in the archived generation only.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-12
   */
  readonly needsDeviceId: boolean
  /** Whether `additionalInfo.channel` names the acquirer (current). The archived generation has it in the path. */
  readonly needsChannel: boolean
  /** Whether `additionalInfo.paymentType` is read. If not, every payment is a SALE. */
  readonly hasPaymentType: boolean
  /** The text before the id in the URL of a page: `/direct-debit/ui/binding/<this><id>`. */
  readonly pagePrefix: string
  /**
   * Whether balances come as `availableBalance` too, which merchants of the current generation read.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-15
   */
  readonly hasAvailableBalance: boolean
}

/**
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-1
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-3
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#12
 */
export const GENERATIONS: Readonly<Record<Generation, GenerationFacts>> = {
  'ovo-v1.0': {
    needsDeviceId: true,
    needsChannel: false,
    hasPaymentType: false,
    pagePrefix: '',
    hasAvailableBalance: false,
  },
  'core-v1': {
    needsDeviceId: false,
    needsChannel: true,
    hasPaymentType: true,
    pagePrefix: 'core/',
    hasAvailableBalance: true,
  },
  any: { needsDeviceId: false, needsChannel: false, hasPaymentType: false, pagePrefix: '', hasAvailableBalance: false },
}

export type OperationName =
  | 'access-token'
  | 'customer-token'
  | 'binding'
  | 'balance'
  | 'payment'
  | 'status'
  | 'refund'
  | 'unbinding'

interface OperationFacts {
  readonly serviceCode: string
  /** The merchant's RSA key signs token calls. The shared secret signs all others. */
  readonly signature: 'asymmetric' | 'symmetric'
  readonly needsCustomerToken: boolean
  readonly fields: readonly Field[]
}

/**
 * DOKU's operations, one row each.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#3
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#4
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#9
 */
export const OPERATIONS: Readonly<Record<OperationName, OperationFacts>> = {
  'access-token': { serviceCode: '73', signature: 'asymmetric', needsCustomerToken: false, fields: TOKEN },
  'customer-token': { serviceCode: '74', signature: 'asymmetric', needsCustomerToken: false, fields: CUSTOMER_TOKEN },
  binding: { serviceCode: '07', signature: 'symmetric', needsCustomerToken: false, fields: BINDING },
  balance: { serviceCode: '11', signature: 'symmetric', needsCustomerToken: true, fields: BALANCE },
  payment: { serviceCode: '54', signature: 'symmetric', needsCustomerToken: true, fields: PAYMENT },
  status: { serviceCode: '55', signature: 'symmetric', needsCustomerToken: false, fields: STATUS },
  refund: { serviceCode: '58', signature: 'symmetric', needsCustomerToken: true, fields: REFUND },
  unbinding: { serviceCode: '09', signature: 'symmetric', needsCustomerToken: false, fields: UNBINDING },
}

/** A request as it came off the wire. */
export interface Received {
  readonly method: string
  /** Path and query, as sent. */
  readonly target: string
  readonly path: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

export interface Route {
  readonly path: string
  readonly operation: OperationName
  readonly generation: Generation
}

/**
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-1
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-1
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-2
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-3
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-4
 */
const ROUTES: readonly Route[] = [
  { path: '/authorization/v1/access-token/b2b', operation: 'access-token', generation: 'any' },
  { path: '/authorization/v1/access-token/b2b2c', operation: 'customer-token', generation: 'any' },
  { path: '/orders/v1.0/debit/status', operation: 'status', generation: 'any' },
  {
    path: '/direct-debit/merchant/ovo/v1.0/registration-account-binding',
    operation: 'binding',
    generation: 'ovo-v1.0',
  },
  { path: '/direct-debit/merchant/ovo/v1.0/balance-inquiry', operation: 'balance', generation: 'ovo-v1.0' },
  { path: '/direct-debit/merchant/ovo/v1.0/payment-host-to-host', operation: 'payment', generation: 'ovo-v1.0' },
  { path: '/direct-debit/ovo/v1.0/registration-account-unbinding', operation: 'unbinding', generation: 'ovo-v1.0' },
  { path: '/direct-debit/core/v1/registration-account-binding', operation: 'binding', generation: 'core-v1' },
  { path: '/direct-debit/core/v1/balance-inquiry', operation: 'balance', generation: 'core-v1' },
  { path: '/direct-debit/core/v1/debit/payment-host-to-host', operation: 'payment', generation: 'core-v1' },
  { path: '/direct-debit/core/v1/debit/refund', operation: 'refund', generation: 'core-v1' },
  { path: '/direct-debit/core/v1/registration-account-unbinding', operation: 'unbinding', generation: 'core-v1' },
]

export function routeOf(path: string): Route | undefined {
  return ROUTES.find((route) => route.path === path)
}
