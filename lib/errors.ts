import type { Amount } from './primitives/money.ts'

/** Every error that this package throws on purpose is one of these classes. `code` is stable; `message` is for people. */
export abstract class DokuOvoError extends Error {
  abstract readonly code: string
  override get name(): string {
    return this.constructor.name
  }
}

/**
 * The options given to `dokuOvo()` cannot work. `problems` lists every problem, in the host's words.
 * @example
 * ```ts
 * import { ConfigurationError, type DokuOvoOptions, dokuOvo } from 'express-doku-ovo'
 *
 * export function start(options: DokuOvoOptions) {
 *   try {
 *     return dokuOvo(options)
 *   } catch (error) {
 *     if (error instanceof ConfigurationError) for (const problem of error.problems) console.error(problem)
 *     throw error
 *   }
 * }
 * ```
 */
export class ConfigurationError extends DokuOvoError {
  readonly code = 'CONFIGURATION_INVALID'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`dokuOvo() cannot start:\n${problems.map((problem) => `- ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/**
 * A function of the host (`identify`, `findOrder`) returned an unusable value, or the body was read before the router.
 * @example
 * ```ts
 * import { HostError } from 'express-doku-ovo'
 *
 * await ovo.service.pay({ id: 'customer-1' }, { orderId: 'order-1' }).catch((error: unknown) => {
 *   if (error instanceof HostError) console.error('findOrder returned a wrong shape:', error.message)
 *   throw error
 * })
 * ```
 */
export class HostError extends DokuOvoError {
  readonly code = 'HOST_FUNCTION_INVALID'
}

/**
 * The storage could not answer, or its answer cannot be true. The record's state is unknown until it answers again. An
 * adapter of your own throws it with the driver's error as its `cause`.
 * @example
 * ```ts
 * import { StorageError } from 'express-doku-ovo'
 *
 * export async function storageCall<T>(answer: Promise<T>): Promise<T> {
 *   return answer.catch((cause: unknown) => {
 *     throw new StorageError('the database did not answer', { cause })
 *   })
 * }
 * ```
 */
export class StorageError extends DokuOvoError {
  readonly code = 'STORAGE_UNAVAILABLE'
}

/**
 * The problems that a customer can get, by stable code: the HTTP status and the title (RFC 9457). `ProblemError` carries
 * one row, the router answers with it, and https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/errors.md has a section for each.
 * @example
 * ```ts
 * import { problemTypes } from 'express-doku-ovo'
 *
 * const { status, title } = problemTypes.BINDING_REQUIRED // 409
 * ```
 */
export const problemTypes = {
  INVALID_BODY: { status: 400, title: 'The body is not acceptable JSON' },
  INVALID_FIELD: { status: 400, title: 'A field is missing or not acceptable' },
  UNAUTHENTICATED: { status: 401, title: 'Nobody is signed in' },
  FORBIDDEN: { status: 403, title: 'Only staff of the shop may do that' },
  CROSS_SITE: { status: 403, title: 'A page of another site sent the request' },
  BINDING_NOT_FOUND: { status: 404, title: 'No OVO account was ever linked' },
  ORDER_NOT_FOUND: { status: 404, title: 'There is no such order' },
  PAYMENT_NOT_FOUND: { status: 404, title: 'There is no such payment' },
  ALREADY_BOUND: { status: 409, title: 'An OVO account is linked already' },
  BINDING_REQUIRED: { status: 409, title: 'An OVO account must be linked first' },
  BINDING_REPLACED: { status: 409, title: 'Linking was started again elsewhere' },
  PAYMENT_NOT_PAID: { status: 409, title: 'The payment did not take money that could be given back' },
  REFUND_TOO_LARGE: { status: 409, title: 'More than is left of the payment cannot be given back' },
  ORDER_CHANGED: { status: 409, title: 'The order costs something else than its standing attempt' },
  PAYMENT_NOT_RELEASABLE: { status: 409, title: 'The payment took money, or nobody knows yet' },
  ORDER_BUSY: { status: 409, title: 'The order has an attempt that is not final yet' },
  BODY_TOO_SLOW: { status: 408, title: 'The body took too long' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body must be application/json' },
  OVO_REFUSED: { status: 422, title: 'OVO refused' },
  TOO_MANY_REQUESTS: { status: 429, title: 'There were too many requests' },
  REFUND_NOT_SUPPORTED: { status: 501, title: 'DOKU’s api that is in use has no refunds' },
  DOKU_PAGE_UNTRUSTED: { status: 502, title: 'DOKU named a page that is not its own' },
  DOKU_REFUSED: { status: 502, title: 'DOKU did not accept the request' },
  DOKU_UNAVAILABLE: { status: 503, title: 'DOKU cannot be reached right now' },
  LIMITER_UNAVAILABLE: { status: 503, title: 'Requests cannot be counted right now' },
  SHUTTING_DOWN: { status: 503, title: 'The shop is restarting' },
  STORAGE_UNAVAILABLE: { status: 503, title: 'The shop cannot keep records right now' },
} as const satisfies Record<string, { status: number; title: string }>

/** The stable code of a problem. Decide by it, and show the problem’s `detail`. */
export type ProblemCode = keyof typeof problemTypes

/** The folder docs of the repository that package.json names. */
export const documentationUrl = 'https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs'

/** The `type` of a problem (RFC 9457): the address that explains it. It identifies the problem, so it never changes. */
export function problemTypeUrl(code: ProblemCode): string {
  return `${documentationUrl}/errors.md#${code.toLowerCase()}`
}

/** The attempt of an order that has another amount than the order costs now. */
export interface StandingAttempt {
  /** The payment's status: `paid`, `awaiting-customer` and so on. */
  readonly status: string
  readonly amount: Amount
  /** When `POST /payments` may replace it, ISO 8601; absent if it never may. */
  readonly releasableAt?: string
}

/**
 * The caller's request is refused. `status` is the HTTP status, `detail` says why and how to fix it, and `field` names the
 * input at fault, if there is one.
 * @example
 * ```ts
 * import { type Customer, type DokuOvo, ProblemError } from 'express-doku-ovo'
 *
 * export async function payOrLink(ovo: DokuOvo, customer: Customer, orderId: string) {
 *   try {
 *     return (await ovo.service.pay(customer, { orderId })).payment.webRedirectUrl
 *   } catch (error) {
 *     if (error instanceof ProblemError && error.code === 'BINDING_REQUIRED') return '/link-ovo'
 *     throw error
 *   }
 * }
 * ```
 */
export class ProblemError extends DokuOvoError {
  readonly code: ProblemCode
  readonly status: number
  readonly detail: string
  readonly field: string | undefined
  /** With ORDER_CHANGED: the attempt that stands. */
  readonly attempt: StandingAttempt | undefined
  constructor(
    code: ProblemCode,
    detail: string,
    options: { field?: string; attempt?: StandingAttempt; cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = problemTypes[code].status
    this.detail = detail
    this.field = options.field
    this.attempt = options.attempt
  }
}
