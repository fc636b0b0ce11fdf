import { isObject, type JsonObject } from '../primitives/json.ts'

/** What DOKU can be asked to do: one endpoint each. */
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

/** Everything the client has to know about one operation in one api. Each field can be overridden by the `endpoints` option. */
export interface Endpoint {
  /** Path only: it is what gets signed. */
  readonly path: string
  /** Two digits: the middle of every responseCode of this operation. */
  readonly serviceCode: string
  /** Merged into every body of the operation; `additionalInfo` is merged field by field. */
  readonly extraBody: JsonObject
  /** Added to the headers of the operation, `CHANNEL-ID` for example (C-13). */
  readonly extraHeaders: Readonly<Record<string, string>>
  /** How long we wait for the whole answer, in ms. */
  readonly deadlineMs: number
  /** `Authorization-customer` carries the customer token. */
  readonly customerToken: boolean
  /** How: with `Bearer ` before it, or by itself (C-8). */
  readonly customerTokenAs: 'bearer' | 'bare'
  /** `X-DEVICE-ID` has to be sent (C-12); otherwise it is sent when the host gives one. */
  readonly deviceRequired: boolean
  /** `additionalInfo.paymentType` (SALE, RECURRING) is understood. */
  readonly paymentType: boolean
}

export type EndpointOverrides = { readonly [operation in Operation]?: Partial<Endpoint> }
/** Only DOKU's current api has refunds. @see protocol.md §10 */
export type Endpoints = { readonly [operation in Exclude<Operation, 'refund'>]: Endpoint } & {
  readonly refund?: Endpoint
}

/** DOKU's own libraries wait that long. @see protocol.md §8 */
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

/** The same in both generations. @see protocol.md §3, §4, §9; C-14 for the status request's serviceCode */
const shared = {
  accessToken: { ...plain, serviceCode: '73', path: '/authorization/v1/access-token/b2b' },
  customerToken: { ...plain, serviceCode: '74', path: '/authorization/v1/access-token/b2b2c' },
  status: { ...plain, serviceCode: '55', path: '/orders/v1.0/debit/status', extraBody: { serviceCode: '55' } },
} as const satisfies Partial<Endpoints>

const archive = { ...plain, deviceRequired: true } as const
const channel = { additionalInfo: { channel: 'EMONEY_OVO_SNAP' } } as const
const core = { ...plain, extraBody: channel } as const

/** One row for each operation in each api. @see ovo-open-api-v1.0.txt; protocol.md §5.1 and C-1 to C-4 for the page's misprints */
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

/** The rows of one api with the host's overrides laid over them; an override that is `undefined` changes nothing. */
export function resolveEndpoints(api: Api, overrides: EndpointOverrides = {}): Endpoints {
  const rows = Object.entries(apis[api]).map(([operation, endpoint]) => {
    const given = Object.entries(overrides[operation as Operation] ?? {}).filter(([, value]) => value !== undefined)
    return [operation, Object.freeze({ ...endpoint, ...Object.fromEntries(given) })]
  })
  return Object.freeze(Object.fromEntries(rows)) as Endpoints
}

/** The body with the row's extra fields: the row's fields win, `additionalInfo` is merged one level deep. */
export function withExtraBody(endpoint: Endpoint, body: JsonObject): JsonObject {
  const merged: JsonObject = { ...body, ...endpoint.extraBody }
  const ours = body.additionalInfo
  const extra = endpoint.extraBody.additionalInfo
  if (isObject(ours) && isObject(extra)) merged.additionalInfo = { ...ours, ...extra }
  return merged
}
