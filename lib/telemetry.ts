import { channel } from 'node:diagnostics_channel'
import type { Json } from './primitives/json.ts'

/** The part of a pino logger that the package uses, in pino's argument order: details first, then the message. */
export interface Logger {
  debug(details: object, message: string): void
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

const ignore = () => {}

/** Says nothing: the default. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }

/** One call to DOKU, published on `express-doku-ovo:call` when it is over. Secrets are masked. */
export interface CallMessage {
  clientId: string
  operation: string
  method: 'POST'
  path: string
  requestHeaders: Record<string, string>
  requestBody: Json
  stringToSign: string
  /** Absent when no answer came. */
  httpStatus?: number
  responseBody?: Json
  /** What became of the call: `success`, a meaning of the response code, or `not-sent` / `unknown`. */
  outcome: string
  durationMs: number
}

/** One request of DOKU to a webhook, published on `express-doku-ovo:webhook` when it is answered. Secrets are masked. */
export interface WebhookMessage {
  clientId: string
  route: 'token' | 'notification'
  path: string
  requestHeaders: Record<string, string>
  requestBody: Json
  /** What DOKU has to have signed, with its token masked; for a notification, over the minified body. */
  stringToSign: string
  httpStatus: number
  responseBody: Json
}

/** One change of a payment or binding, published on `express-doku-ovo:change` once it is stored. */
export interface ChangeMessage {
  clientId: string
  subject: 'payment' | 'binding' | 'refund'
  /** The partnerReferenceNo of a payment, the partnerRefundNo of a refund, the customer's id of a binding. */
  id: string
  from: string | undefined
  to: string
}

/** The package's `node:diagnostics_channel` channels. They cost nothing while nobody subscribes. */
export const channels = {
  call: channel('express-doku-ovo:call'),
  webhook: channel('express-doku-ovo:webhook'),
  change: channel('express-doku-ovo:change'),
}
