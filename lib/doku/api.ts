import { isObject, type JsonObject } from '../primitives/json.ts'

/** The requests that we send to DOKU. Each has one endpoint. */
export type Operation =
  | 'accessToken'
  | 'customerToken'
  | 'binding'
  | 'balance'
  | 'payment'
  | 'status'
  | 'unbinding'
  | 'refund'

/** One generation of DOKU's paths. */
export type Api = 'ovo-v1.0' | 'core-v1'

/** One operation in one api. The `endpoints` option can override each field. */
export interface Endpoint {
  /** Without scheme, host and query. The signature covers it. */
  readonly path: string
  /** Two digits, in the middle of every responseCode of this operation. */
  readonly serviceCode: string
  /** Merged into every body of the operation, and `additionalInfo` field by field. */
  readonly extraBody: JsonObject
  /**
   * Added to the headers of the operation, for example `CHANNEL-ID`.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-13
   */
  readonly extraHeaders: Readonly<Record<string, string>>
  /** The longest wait for the whole answer, in ms. */
  readonly deadlineMs: number
  /** Whether `Authorization-customer` must carry the customer token. */
  readonly customerToken: boolean
  /**
   * Whether `Bearer ` stands before the customer token.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-8
   */
  readonly customerTokenAs: 'bearer' | 'bare'
  /**
   * Whether `X-DEVICE-ID` must be sent. If not, it is sent only if the host gives one.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-12
   */
  readonly deviceRequired: boolean
  /** Whether DOKU understands `additionalInfo.paymentType` (SALE, RECURRING). */
  readonly paymentType: boolean
}

/**
 * The `endpoints` option: for each operation, the fields of its row that differ from `apis`. `extraBody` replaces the row’s own.
 * @example
 * ```ts
 * import { dokuOvo } from 'express-doku-ovo'
 *
 * const ovo = dokuOvo({ ...options, endpoints: { payment: { deadlineMs: 60_000, extraHeaders: { 'CHANNEL-ID': 'H2H' } } } })
 * ```
 */
export type EndpointOverrides = { readonly [operation in Operation]?: Partial<Endpoint> }

/**
 * Only DOKU's current api has refunds.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#10
 */
export type Endpoints = { readonly [operation in Exclude<Operation, 'refund'>]: Endpoint } & {
  readonly refund?: Endpoint
}

/**
 * DOKU's own libraries wait as long.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#8
 */
const paymentDeadlineMs = 30_000

const plain = {
  extraBody: {},
  extraHeaders: {},
  deadlineMs: 10_000,
  customerToken: false,
  customerTokenAs: 'bearer',
  deviceRequired: false,
  paymentType: false,
} as const

/**
 * The operations that both apis have alike.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#3
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#4
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#9
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-14 for the status request's serviceCode
 */
const shared = {
  accessToken: { ...plain, serviceCode: '73', path: '/authorization/v1/access-token/b2b' },
  customerToken: { ...plain, serviceCode: '74', path: '/authorization/v1/access-token/b2b2c' },
  status: { ...plain, serviceCode: '55', path: '/orders/v1.0/debit/status', extraBody: { serviceCode: '55' } },
} as const satisfies Partial<Endpoints>

const archive = { ...plain, deviceRequired: true } as const
const channel = { additionalInfo: { channel: 'EMONEY_OVO_SNAP' } } as const
const core = { ...plain, extraBody: channel } as const

/**
 * One row for each operation in each api.
 * @example
 * ```ts
 * import { apis } from 'express-doku-ovo'
 *
 * const { path, deadlineMs } = apis['core-v1'].payment // '/direct-debit/core/v1/debit/payment-host-to-host', 30000
 * ```
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-1
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-1 for the misprints of DOKU's page, and the three rows below it
 */
export const apis: Readonly<Record<Api, Endpoints>> = {
  'ovo-v1.0': {
    ...shared,
    binding: { ...archive, serviceCode: '07', path: '/direct-debit/merchant/ovo/v1.0/registration-account-binding' },
    balance: {
      ...archive,
      serviceCode: '11',
      path: '/direct-debit/merchant/ovo/v1.0/balance-inquiry',
      customerToken: true,
    },
    payment: {
      ...archive,
      serviceCode: '54',
      path: '/direct-debit/merchant/ovo/v1.0/payment-host-to-host',
      customerToken: true,
      deadlineMs: paymentDeadlineMs,
    },
    unbinding: { ...archive, serviceCode: '09', path: '/direct-debit/ovo/v1.0/registration-account-unbinding' },
  },
  'core-v1': {
    ...shared,
    status: { ...shared.status, extraBody: { ...shared.status.extraBody, ...channel } },
    binding: { ...core, serviceCode: '07', path: '/direct-debit/core/v1/registration-account-binding' },
    balance: { ...core, serviceCode: '11', path: '/direct-debit/core/v1/balance-inquiry', customerToken: true },
    payment: {
      ...core,
      serviceCode: '54',
      path: '/direct-debit/core/v1/debit/payment-host-to-host',
      customerToken: true,
      deadlineMs: paymentDeadlineMs,
      paymentType: true,
    },
    unbinding: { ...core, serviceCode: '09', path: '/direct-debit/core/v1/registration-account-unbinding' },
    refund: {
      ...core,
      serviceCode: '58',
      path: '/direct-debit/core/v1/debit/refund',
      customerToken: true,
      deadlineMs: paymentDeadlineMs,
    },
  },
}

/** The rows of one api with the host's overrides. An override that is `undefined` changes nothing. */
export function resolveEndpoints(api: Api, overrides: EndpointOverrides = {}): Endpoints {
  const rows = Object.entries(apis[api]).map(([operation, endpoint]) => {
    const given = Object.entries(overrides[operation as Operation] ?? {}).filter(([, value]) => value !== undefined)
    return [operation, Object.freeze({ ...endpoint, ...Object.fromEntries(given) })]
  })
  return Object.freeze(Object.fromEntries(rows)) as Endpoints
}

/** The body with the row's extra fields. The row's fields win. `additionalInfo` is merged one level deep. */
export function withExtraBody(endpoint: Endpoint, body: JsonObject): JsonObject {
  const merged: JsonObject = { ...body, ...endpoint.extraBody }
  const ours = body.additionalInfo
  const extra = endpoint.extraBody.additionalInfo
  if (isObject(ours) && isObject(extra)) merged.additionalInfo = { ...ours, ...extra }
  return merged
}
