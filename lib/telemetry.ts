import { channel } from 'node:diagnostics_channel'
import type { Json } from './primitives/json.ts'

/**
 * The part of a pino logger that the package uses, in pino's argument order: details first, then the message.
 * @example
 * ```ts
 * import type { Logger } from 'express-doku-ovo'
 *
 * export const logger: Logger = {
 *   debug: () => undefined,
 *   info: (details, message) => console.info(message, details),
 *   warn: (details, message) => console.warn(message, details),
 *   error: (details, message) => console.error(message, details),
 * }
 * ```
 */
export interface Logger {
  debug(details: object, message: string): void
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

const ignore = () => {}

/** Logs nothing. The default. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }

/**
 * One call to DOKU, published on `express-doku-ovo:call` after it has ended. Secrets are masked.
 * @example
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel'
 * import type { CallMessage } from 'express-doku-ovo'
 *
 * subscribe('express-doku-ovo:call', (message) => {
 *   const { operation, outcome, durationMs } = message as CallMessage
 *   console.log(`${operation}: ${outcome} after ${durationMs} ms`)
 * })
 * ```
 */
export interface CallMessage {
  clientId: string
  operation: string
  method: 'POST'
  path: string
  requestHeaders: Record<string, string>
  requestBody: Json
  stringToSign: string
  /** Absent if no answer came. */
  httpStatus?: number
  responseBody?: Json
  /** The result of the call: `success`, another meaning of the response code, `not-sent` or `unknown`. */
  outcome: string
  durationMs: number
}

/**
 * One request of DOKU to a webhook, published on `express-doku-ovo:webhook` after the answer. Secrets are masked.
 * @example
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel'
 * import type { WebhookMessage } from 'express-doku-ovo'
 *
 * subscribe('express-doku-ovo:webhook', (message) => {
 *   const { route, httpStatus, stringToSign } = message as WebhookMessage
 *   if (httpStatus === 401) console.log(`${route} webhook refused; DOKU must have signed:`, stringToSign)
 * })
 * ```
 */
export interface WebhookMessage {
  clientId: string
  route: 'token' | 'notification'
  path: string
  requestHeaders: Record<string, string>
  requestBody: Json
  /** The text that DOKU must have signed, with its token masked. For a notification it covers the minified body. */
  stringToSign: string
  httpStatus: number
  responseBody: Json
}

/**
 * One change of a payment, refund or binding, published on `express-doku-ovo:change` after it is stored.
 * @example
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel'
 * import type { ChangeMessage } from 'express-doku-ovo'
 *
 * subscribe('express-doku-ovo:change', (message) => {
 *   const { subject, id, from, to } = message as ChangeMessage
 *   console.log(`${subject} ${id}: ${from ?? 'new'} -> ${to}`)
 * })
 * ```
 */
export interface ChangeMessage {
  clientId: string
  subject: 'payment' | 'binding' | 'refund'
  /** The partnerReferenceNo of a payment, the partnerRefundNo of a refund, the customer's id of a binding. */
  id: string
  from: string | undefined
  to: string
}

/** The package's `node:diagnostics_channel` channels. A channel without subscribers costs nothing. */
export const channels = {
  call: channel('express-doku-ovo:call'),
  webhook: channel('express-doku-ovo:webhook'),
  change: channel('express-doku-ovo:change'),
}
