import type { KeyObject } from 'node:crypto'
import type { Clock } from '../primitives/clock.ts'
import type { JsonObject } from '../primitives/json.ts'
import { parseAmountValue } from '../primitives/money.ts'
import { redact, redactHeaders } from '../redaction.ts'
import { channels } from '../telemetry.ts'
import {
  type AnswerSchema,
  accessTokenAnswer,
  balanceAnswer,
  bindingAnswer,
  customerTokenAnswer,
  paymentAnswer,
  readExpiry,
  refundAnswer,
  type StatusAnswer,
  statusAnswer,
  unbindingAnswer,
} from './answers.ts'
import { type Endpoint, type Endpoints, type Operation, withExtraBody } from './api.ts'
import type { Asked } from './asked.ts'
import { type Clean, cleanBody, cleanerFor } from './echo.ts'
import { answeredAt, readAnswer } from './reading.ts'
import type { BindingRequest, Credentials, PaymentRequest, RefundRequest, StatusRequest } from './requests.ts'
import { authorization, deviceHeaders } from './requests.ts'
import { signAsymmetric, signSymmetric, stringToSign, tokenStringToSign } from './signature.ts'
import { formatTimestamp } from './timestamp.ts'
import { type HttpAnswer, type Transport, TransportError } from './transport.ts'

export { AnswerMismatch, DokuError } from './reading.ts'
export type { BindingRequest, Credentials, Device, PaymentRequest, RefundRequest, StatusRequest } from './requests.ts'

/** When DOKU answered, by its HTTP `Date`, in ms since the epoch. Absent if DOKU sent none. */
export interface Answered {
  readonly answeredAt: number | undefined
}

export interface ClientOptions {
  readonly clientId: string
  readonly secretKey: string
  readonly privateKey: KeyObject
  readonly endpoints: Endpoints
  readonly transport: Transport
  readonly clock: Clock
}

/** One request, ready to send. `body` holds the bytes that the signature covers. */
interface Prepared {
  readonly operation: Operation
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string
  readonly deadlineMs: number
  /** Asked directly before the first byte leaves. */
  readonly mayStart?: () => boolean
  /** Returns the signed text for the diagnostics channel, with the access token masked. */
  readonly showStringToSign: () => string
}

/**
 * Speaks SNAP to DOKU: one typed method per operation. Each call sends at most one HTTP request.
 *
 * Every method throws `TransportError` if no usable answer came, and `DokuError` if DOKU did not say success.
 */
export class DokuClient {
  readonly #options: ClientOptions

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#3 */
  async fetchAccessToken(): Promise<{ accessToken: string; expiresAt: number }> {
    const prepare = () => this.#prepareTokenCall('accessToken', { grantType: 'client_credentials' })
    const { accessToken, expiresIn } = (await this.#send(prepare, accessTokenAnswer)).value
    return { accessToken, expiresAt: this.#options.clock() + expiresIn * 1000 }
  }

  /**
   * Exchanges a customer's authCode, which stays valid, for a customer token.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#4
   */
  async fetchCustomerToken(authCode: string): Promise<{ customerToken: string; expiresAt: number }> {
    const prepare = () => this.#prepareTokenCall('customerToken', { grantType: 'authorization_code', authCode })
    const { accessToken, accessTokenExpiryTime } = (await this.#send(prepare, customerTokenAnswer)).value
    return { customerToken: accessToken, expiresAt: readExpiry(accessTokenExpiryTime, this.#options.clock()) }
  }

  /** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-4 */
  bind(credentials: Credentials, request: BindingRequest) {
    return this.#call('binding', credentials, request, bindingAnswer)
  }

  /** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-5 */
  inquireBalance(credentials: Credentials) {
    return this.#call('balance', credentials, {}, balanceAnswer)
  }

  /** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-6 */
  pay(credentials: Credentials, request: PaymentRequest) {
    const asked = { reference: request.partnerReferenceNo, sen: parseAmountValue(request.amount.value) }
    return this.#call('payment', credentials, request, paymentAnswer, asked)
  }

  /**
   * `latestTransactionStatus` describes the payment; the responseCode only the inquiry.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#9
   */
  async checkStatus(credentials: Credentials, request: StatusRequest): Promise<StatusAnswer & Answered> {
    const asked = { reference: request.originalPartnerReferenceNo, sen: parseAmountValue(request.amount.value) }
    const prepare = () => this.#prepareSignedCall('status', credentials, request)
    const { value, answeredAt } = await this.#send(prepare, statusAnswer, asked)
    return { ...value, answeredAt }
  }

  /**
   * `tokenId` is the customer token.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-7
   */
  async unbind(credentials: Credentials, tokenId: string): Promise<void> {
    await this.#call('unbinding', credentials, { tokenId }, unbindingAnswer)
  }

  /** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#10 */
  refund(credentials: Credentials, request: RefundRequest) {
    const { originalPartnerReferenceNo: reference, partnerRefundNo, refundAmount } = request
    const asked = { reference, partnerRefundNo, sen: parseAmountValue(refundAmount.value) }
    return this.#call('refund', credentials, request, refundAnswer, asked)
  }

  /** @throws TypeError if the api in use has no such operation */
  #endpoint(operation: Operation): Endpoint {
    const endpoint = this.#options.endpoints[operation]
    if (!endpoint) throw new TypeError(`the api in use has no ${operation}`)
    return endpoint
  }

  async #call<T>(
    operation: Operation,
    credentials: Credentials,
    body: object,
    schema: AnswerSchema<T>,
    asked?: Asked,
  ): Promise<T> {
    return (await this.#send(() => this.#prepareSignedCall(operation, credentials, body), schema, asked)).value
  }

  #prepareTokenCall(operation: Operation, body: JsonObject): Prepared {
    const { clientId, privateKey, clock } = this.#options
    const endpoint = this.#endpoint(operation)
    const timestamp = formatTimestamp(clock())
    const text = tokenStringToSign(clientId, timestamp)
    const headers = {
      'Content-Type': 'application/json',
      'X-CLIENT-KEY': clientId,
      'X-TIMESTAMP': timestamp,
      'X-SIGNATURE': signAsymmetric(text, privateKey),
      ...endpoint.extraHeaders,
    }
    const sent = JSON.stringify(withExtraBody(endpoint, body))
    const { path, deadlineMs } = endpoint
    return { operation, path, headers, body: sent, deadlineMs, showStringToSign: () => text }
  }

  #prepareSignedCall(operation: Operation, credentials: Credentials, request: object): Prepared {
    const { clientId, secretKey, clock } = this.#options
    const endpoint = this.#endpoint(operation)
    const { path, deadlineMs } = endpoint
    const timestamp = formatTimestamp(clock())
    const body = JSON.stringify(withExtraBody(endpoint, request as JsonObject))
    const signed = { method: 'POST', path, accessToken: credentials.accessToken, body, timestamp }
    const headers = {
      'Content-Type': 'application/json',
      'X-TIMESTAMP': timestamp,
      'X-SIGNATURE': signSymmetric(stringToSign(signed), secretKey),
      'X-PARTNER-ID': clientId,
      'X-EXTERNAL-ID': credentials.externalId,
      ...deviceHeaders(credentials.device),
      ...authorization(operation, endpoint, credentials),
      ...endpoint.extraHeaders,
    }
    const showStringToSign = () => stringToSign({ ...signed, accessToken: '***' })
    const { sendBefore } = credentials
    const mayStart = () => sendBefore === undefined || clock() <= sendBefore
    return { operation, path, headers, body, deadlineMs, mayStart, showStringToSign }
  }

  /** Rejects, and never throws, if the request cannot be prepared. */
  async #send<T>(prepare: () => Prepared, schema: AnswerSchema<T>, asked?: Asked): Promise<{ value: T } & Answered> {
    const prepared = prepare()
    const started = this.#options.clock()
    const answer = await this.#post(prepared, started)
    const clean: Clean = (text) => cleanerFor(prepared, this.#options.secretKey)(text)
    const reading = readAnswer(prepared.operation, answer, schema, { clean, ...(asked && { asked }) })
    this.#publish(prepared, started, reading.outcome, answer.httpStatus, reading.body)
    if (reading.ok) return { value: reading.value, answeredAt: answeredAt(answer) }
    throw reading.error
  }

  #post(prepared: Prepared, started: number): Promise<HttpAnswer> {
    return this.#options.transport.post(prepared).catch((error) => {
      if (error instanceof TransportError) this.#publish(prepared, started, error.loss)
      throw error
    })
  }

  #publish(prepared: Prepared, started: number, outcome: string, httpStatus?: number, body?: JsonObject): void {
    if (!channels.call.hasSubscribers) return
    channels.call.publish({
      clientId: this.#options.clientId,
      operation: prepared.operation,
      method: 'POST',
      path: prepared.path,
      requestHeaders: redactHeaders(prepared.headers),
      requestBody: redact(JSON.parse(prepared.body)),
      stringToSign: prepared.showStringToSign(),
      ...(httpStatus !== undefined && { httpStatus }),
      ...(body !== undefined && {
        responseBody: redact(cleanBody(body, cleanerFor(prepared, this.#options.secretKey))),
      }),
      outcome,
      durationMs: this.#options.clock() - started,
    })
  }
}
