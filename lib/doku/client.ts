import type { KeyObject } from 'node:crypto'
import { isIPv4 } from 'node:net'
import type { z } from 'zod'
import { DokuOvoError } from '../errors.ts'
import type { Clock } from '../primitives/clock.ts'
import { isObject, type JsonObject, parseJson } from '../primitives/json.ts'
import type { Amount } from '../primitives/money.ts'
import { channels, redact, redactHeaders } from '../telemetry.ts'
import {
  accessTokenAnswer,
  balanceAnswer,
  bindingAnswer,
  customerTokenAnswer,
  paymentAnswer,
  readExpiry,
  statusAnswer,
} from './answers.ts'
import { type Endpoint, type Endpoints, type Operation, withExtraBody } from './api.ts'
import { type Meaning, meaningOf, normaliseResponseCode } from './response-codes.ts'
import { signAsymmetric, signSymmetric, stringToSign, tokenStringToSign } from './signature.ts'
import { formatTimestamp } from './timestamp.ts'
import { type HttpAnswer, type Transport, TransportError } from './transport.ts'

/** DOKU answered, and the answer is not a success. `meaning` says what it is, `responseCode` is DOKU's own word for it. */
export class DokuError extends DokuOvoError {
  readonly code = 'DOKU_ERROR'
  readonly operation: Operation
  readonly httpStatus: number
  readonly responseCode: string | undefined
  readonly responseMessage: string
  readonly meaning: Meaning
  constructor(operation: Operation, httpStatus: number, body: JsonObject, meaning: Meaning) {
    const responseCode = normaliseResponseCode(body.responseCode)
    const responseMessage = typeof body.responseMessage === 'string' ? body.responseMessage.slice(0, 150) : ''
    super(`${operation}: DOKU answered HTTP ${httpStatus} ${responseCode ?? 'without responseCode'} ${responseMessage}`)
    this.operation = operation
    this.httpStatus = httpStatus
    this.responseCode = responseCode
    this.responseMessage = responseMessage
    this.meaning = meaning
  }
}

/** From where the customer calls. */
export interface Device {
  /** Becomes `X-DEVICE-ID`: letters and digits are kept, at most 64. */
  readonly deviceId?: string | undefined
  /** Becomes `X-IP-ADDRESS` when it is IPv4, also when it is IPv4 mapped into IPv6. */
  readonly ipAddress?: string | undefined
}

/** What a transactional call carries besides its body. */
export interface Credentials {
  readonly accessToken: string
  readonly customerToken?: string | undefined
  readonly device?: Device | undefined
  /** `X-EXTERNAL-ID`: numeric, unique within a day. */
  readonly externalId: string
}

/** @see protocol.md §5.4 */
export interface BindingRequest {
  readonly phoneNo: string
  readonly additionalInfo: {
    readonly custIdMerchant: string
    readonly customerName?: string | undefined
    readonly email?: string | undefined
    readonly idCard?: string | undefined
    readonly country?: string | undefined
    readonly address?: string | undefined
    readonly dateOfBirth?: string | undefined
    readonly successRegistrationUrl: string
    readonly failedRegistrationUrl: string
  }
}

/** @see protocol.md §5.6 */
export interface PaymentRequest {
  readonly partnerReferenceNo: string
  readonly amount: Amount
  readonly feeType?: string
  readonly payOptionDetails: readonly { payMethod: string; transAmount: Amount; feeAmount: Amount }[]
  readonly additionalInfo: {
    readonly lineItems?: readonly { name: string; price: string; quantity: number }[]
    readonly successPaymentUrl: string
    readonly failedPaymentUrl: string
    readonly paymentType?: string
    readonly remarks?: string
  }
}

export interface StatusRequest {
  readonly originalPartnerReferenceNo: string
  readonly originalReferenceNo?: string
  readonly amount: Amount
}

export interface ClientOptions {
  readonly clientId: string
  readonly secretKey: string
  readonly privateKey: KeyObject
  readonly endpoints: Endpoints
  readonly transport: Transport
  readonly clock: Clock
}

/** `X-DEVICE-ID` "can't contain symbols". @see protocol.md §12 */
export function toDeviceId(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '').slice(0, 64)
}

function toIpAddress(text: string): string | undefined {
  const address = text.replace(/^::ffff:/i, '')
  return isIPv4(address) ? address : undefined
}

function deviceHeaders(device: Device | undefined): Record<string, string> {
  const deviceId = device?.deviceId && toDeviceId(device.deviceId)
  const ipAddress = device?.ipAddress && toIpAddress(device.ipAddress)
  return { ...(deviceId && { 'X-DEVICE-ID': deviceId }), ...(ipAddress && { 'X-IP-ADDRESS': ipAddress }) }
}

/** One request, ready to leave: what was signed is what is sent. */
interface Prepared {
  readonly operation: Operation
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string
  /** What was signed, for the channel: the access token in it is masked. */
  readonly stringToSign: string
}

/**
 * Speaks SNAP to DOKU: one typed method per operation, each at most one HTTP request.
 *
 * Every method throws `TransportError` when no usable answer came, and `DokuError` when DOKU did not say success.
 */
export class DokuClient {
  readonly #options: ClientOptions

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /** @see protocol.md §3 */
  async fetchAccessToken(): Promise<{ accessToken: string; expiresAt: number }> {
    const answer = await this.#send(this.#prepareTokenCall('accessToken', { grantType: 'client_credentials' }))
    const { accessToken, expiresIn } = this.#read('accessToken', answer, accessTokenAnswer)
    return { accessToken, expiresAt: this.#options.clock() + expiresIn * 1000 }
  }

  /** Exchanges a customer's authCode, which stays valid, for a customer token. @see protocol.md §4 */
  async fetchCustomerToken(authCode: string): Promise<{ customerToken: string; expiresAt: number }> {
    const body = { grantType: 'authorization_code', authCode }
    const answer = await this.#send(this.#prepareTokenCall('customerToken', body))
    const { accessToken, accessTokenExpiryTime } = this.#read('customerToken', answer, customerTokenAnswer)
    return { customerToken: accessToken, expiresAt: readExpiry(accessTokenExpiryTime, this.#options.clock()) }
  }

  /** @see protocol.md §5.4 */
  async bind(credentials: Credentials, request: BindingRequest) {
    return this.#call('binding', credentials, request, bindingAnswer)
  }

  /** @see protocol.md §5.5 */
  async inquireBalance(credentials: Credentials) {
    return this.#call('balance', credentials, {}, balanceAnswer)
  }

  /** @see protocol.md §5.6 */
  async pay(credentials: Credentials, request: PaymentRequest) {
    return this.#call('payment', credentials, request, paymentAnswer)
  }

  /** `latestTransactionStatus` describes the payment; the responseCode only the inquiry. @see protocol.md §9 */
  async checkStatus(credentials: Credentials, request: StatusRequest) {
    return this.#call('status', credentials, request, statusAnswer)
  }

  /** `tokenId` is the customer token. @see protocol.md §5.7 */
  async unbind(credentials: Credentials, tokenId: string): Promise<void> {
    const prepared = this.#prepareSignedCall('unbinding', credentials, { tokenId })
    await this.#send(prepared)
  }

  async #call<T>(operation: Operation, credentials: Credentials, body: object, schema: z.ZodType<T>): Promise<T> {
    const answer = await this.#send(this.#prepareSignedCall(operation, credentials, body))
    return this.#read(operation, answer, schema)
  }

  /** A success that lacks what it has to carry is no success: nobody knows what DOKU did. */
  #read<T>(operation: Operation, answer: JsonObject, schema: z.ZodType<T>): T {
    const result = schema.safeParse(answer)
    if (result.success) return result.data
    const field = result.error.issues[0]?.path.join('.') ?? ''
    throw new TransportError('unknown', `${operation}: DOKU said success, but ${field} is missing or unreadable`)
  }

  #prepareTokenCall(operation: Operation, body: JsonObject): Prepared {
    const { clientId, privateKey, endpoints, clock } = this.#options
    const timestamp = formatTimestamp(clock())
    const text = tokenStringToSign(clientId, timestamp)
    const headers = {
      'Content-Type': 'application/json',
      'X-CLIENT-KEY': clientId,
      'X-TIMESTAMP': timestamp,
      'X-SIGNATURE': signAsymmetric(text, privateKey),
    }
    const { path } = endpoints[operation]
    const sent = JSON.stringify(withExtraBody(endpoints[operation], body))
    return { operation, path, headers, body: sent, stringToSign: text }
  }

  #prepareSignedCall(operation: Operation, credentials: Credentials, request: object): Prepared {
    const { clientId, secretKey, endpoints, clock } = this.#options
    const endpoint = endpoints[operation]
    const timestamp = formatTimestamp(clock())
    const body = JSON.stringify(withExtraBody(endpoint, request as JsonObject))
    const signed = { method: 'POST', path: endpoint.path, accessToken: credentials.accessToken, body, timestamp }
    const text = stringToSign(signed)
    const headers = {
      'Content-Type': 'application/json',
      'X-TIMESTAMP': timestamp,
      'X-SIGNATURE': signSymmetric(text, secretKey),
      'X-PARTNER-ID': clientId,
      'X-EXTERNAL-ID': credentials.externalId,
      ...deviceHeaders(credentials.device),
      ...authorization(endpoint, credentials),
      ...endpoint.extraHeaders,
    }
    const shown = text.replace(credentials.accessToken, '***')
    return { operation, path: endpoint.path, headers, body, stringToSign: shown }
  }

  async #send(prepared: Prepared): Promise<JsonObject> {
    const started = this.#options.clock()
    try {
      const { deadlineMs } = this.#options.endpoints[prepared.operation]
      const answer = await this.#options.transport.post({ ...prepared, deadlineMs })
      const { body, meaning } = this.#understand(prepared.operation, answer)
      this.#publish(prepared, started, meaning, answer.httpStatus, body)
      if (meaning === 'success') return body
      throw new DokuError(prepared.operation, answer.httpStatus, body, meaning)
    } catch (error) {
      if (error instanceof TransportError) this.#publish(prepared, started, error.loss)
      throw error
    }
  }

  /** ASPI lets a token answer go without a responseCode when it succeeds (protocol.md §16). */
  #understand(operation: Operation, answer: HttpAnswer): { body: JsonObject; meaning: Meaning } {
    const parsed = parseJson(answer.body)
    const body = parsed.ok && isObject(parsed.value) ? parsed.value : {}
    const bareToken = answer.httpStatus === 200 && body.responseCode === undefined && 'accessToken' in body
    const endpoint = this.#options.endpoints[operation]
    const code = bareToken ? `200${endpoint.serviceCode}00` : normaliseResponseCode(body.responseCode)
    return { body, meaning: meaningOf(answer.httpStatus, code) }
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
      stringToSign: prepared.stringToSign,
      ...(httpStatus !== undefined && { httpStatus }),
      ...(body !== undefined && { responseBody: redact(body) }),
      outcome,
      durationMs: this.#options.clock() - started,
    })
  }
}

/** Both with `Bearer ` (C-8). */
function authorization(endpoint: Endpoint, credentials: Credentials): Record<string, string> {
  const headers = { Authorization: `Bearer ${credentials.accessToken}` }
  if (!endpoint.customerToken) return headers
  return { ...headers, 'Authorization-customer': `Bearer ${credentials.customerToken ?? ''}` }
}
