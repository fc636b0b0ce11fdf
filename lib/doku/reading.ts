import { DokuOvoError } from '../errors.ts'
import { isObject, type JsonObject, parseJson } from '../primitives/json.ts'
import type { AnswerSchema } from './answers.ts'
import type { Operation } from './api.ts'
import { type Asked, differingField } from './asked.ts'
import type { Clean } from './echo.ts'
import { isSuccess, type Meaning, meaningOf, normaliseResponseCode } from './response-codes.ts'
import { type HttpAnswer, TransportError } from './transport.ts'

const asItIs: Clean = (text) => text

/**
 * DOKU answered, but not with success. `responseCode` is DOKU's own word, and `meaning` is ours.
 * @example
 * ```ts
 * import { DokuError, ProblemError } from 'express-doku-ovo'
 *
 * await ovo.service.balance({ id: 'customer-1' }).catch((error: unknown) => {
 *   const cause = error instanceof ProblemError ? error.cause : undefined
 *   if (cause instanceof DokuError) console.log(cause.operation, cause.responseCode, cause.meaning)
 * })
 * ```
 */
export class DokuError extends DokuOvoError {
  readonly code = 'DOKU_ERROR'
  readonly operation: Operation
  readonly httpStatus: number
  readonly responseCode: string | undefined
  readonly responseMessage: string
  readonly meaning: Meaning
  /** The answer's HTTP `Date`, in ms since the epoch: DOKU's clock. Absent if DOKU sent none. */
  readonly answeredAt: number | undefined
  constructor(
    operation: Operation,
    httpStatus: number,
    body: JsonObject,
    meaning: Meaning,
    clean: Clean = asItIs,
    answeredAt?: number,
  ) {
    const responseCode = normaliseResponseCode(body.responseCode)
    const responseMessage = typeof body.responseMessage === 'string' ? clean(body.responseMessage).slice(0, 150) : ''
    super(`${operation}: DOKU answered HTTP ${httpStatus} ${responseCode ?? 'without responseCode'} ${responseMessage}`)
    this.operation = operation
    this.httpStatus = httpStatus
    this.responseCode = responseCode
    this.responseMessage = responseMessage
    this.meaning = meaning
    this.answeredAt = answeredAt
  }
}

/** An answer after reading it: the value of a success, or the error to throw. */
export type Reading<T> = { readonly body: JsonObject | undefined; readonly outcome: Meaning } & (
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: DokuOvoError }
)

/** The answer repeats another reference or amount than the request had. Nobody knows what DOKU did with the request. */
export class AnswerMismatch extends TransportError {}

/** Reads an answer. A success that cannot be read, or lacks a field that we need, is an error: nobody knows what DOKU did. */
export function readAnswer<T>(
  operation: Operation,
  answer: HttpAnswer,
  schema: AnswerSchema<T>,
  { clean, asked = {} }: { clean?: Clean; asked?: Asked } = {},
): Reading<T> {
  const { httpStatus } = answer
  const body = readObject(answer.body)
  const differs = body && differingField(body, asked)
  if (differs) {
    const message = `${operation}: DOKU answered HTTP ${httpStatus} about something else: ${differs} is not what was sent`
    return { ok: false, body, outcome: 'unknown', error: new AnswerMismatch('unknown', message) }
  }
  const code = responseCodeOf(operation, httpStatus, body)
  const outcome = meaningOf(httpStatus, code)
  if (outcome === 'success') return accept(operation, body, schema)
  const illegible = isSuccess(httpStatus) && code === undefined
  const error = illegible
    ? new TransportError('unknown', `${operation}: DOKU answered HTTP ${httpStatus} with nothing that can be read`)
    : new DokuError(operation, httpStatus, body ?? {}, outcome, clean, answeredAt(answer))
  return { ok: false, body, outcome, error }
}

/** The answer's HTTP `Date`, in ms since the epoch: the only clock that all processes share. */
export function answeredAt({ headers }: Pick<HttpAnswer, 'headers'>): number | undefined {
  const time = typeof headers.date === 'string' ? Date.parse(headers.date) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

const tokenSuccess = { accessToken: '2007300', customerToken: '2007400' } as const

/**
 * ASPI allows a successful token answer without a responseCode.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#16
 */
function responseCodeOf(operation: Operation, httpStatus: number, body: JsonObject | undefined): string | undefined {
  const isToken = operation === 'accessToken' || operation === 'customerToken'
  const isBare = isToken && httpStatus === 200 && !body?.responseCode && body?.accessToken !== undefined
  return isBare ? tokenSuccess[operation] : normaliseResponseCode(body?.responseCode)
}

/** The transport bounds an answer by its bytes. A limit of keys would make a payment with many refunds unreadable. */
function readObject(text: string): JsonObject | undefined {
  const parsed = parseJson(text, { maxKeys: Number.POSITIVE_INFINITY })
  return parsed.ok && isObject(parsed.value) ? parsed.value : undefined
}

function accept<T>(operation: Operation, body: JsonObject | undefined, schema: AnswerSchema<T>): Reading<T> {
  const result = schema.safeParse(body)
  if (result.success) return { ok: true, body, outcome: 'success', value: result.data }
  const field = result.error.issues[0]?.path.join('.') ?? ''
  const message = `${operation}: DOKU said success, but ${field} is missing or unreadable`
  return { ok: false, body, outcome: 'unknown', error: new TransportError('unknown', message) }
}
