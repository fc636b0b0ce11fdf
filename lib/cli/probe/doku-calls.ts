import { type Endpoint, type Operation, withExtraBody } from '../../doku/api.ts'
import { cleanerFor } from '../../doku/echo.ts'
import { normaliseResponseCode } from '../../doku/response-codes.ts'
import { signAsymmetric, signSymmetric, stringToSign, tokenStringToSign } from '../../doku/signature.ts'
import { formatTimestamp } from '../../doku/timestamp.ts'
import { createTransport, type Transport } from '../../doku/transport.ts'
import type { Settings } from '../../options/options.ts'
import { externalId } from '../../primitives/ids.ts'
import { isObject, type JsonObject, minifyJson, parseJson } from '../../primitives/json.ts'

/** An answer of DOKU, readable or not. */
export interface Answer {
  readonly status: number
  /** The responseCode as DOKU wrote it. Empty when there is none. */
  readonly code: string
  /** The responseMessage without secrets, for the report. */
  readonly message: string
  readonly body: JsonObject
}

/** The differences between a call and the usual one. */
export interface Variation {
  readonly endpoint?: Endpoint
  /** Replaces these headers, after signing. `undefined` leaves a header out. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly accessToken?: string
  readonly externalId?: string
  readonly timestamp?: string
  /** Sent in place of the body. Its minified form is signed. */
  readonly rawBody?: string
}

/** The largest answer that is read, in bytes. */
const maxAnswerBytes = 262_144

/** Calls DOKU as the plug-in does, except for the given variations, and logs every call. */
export class DokuCalls {
  /** One line for each call, without secrets. */
  readonly log: string[] = []
  accessToken = ''
  readonly #settings: Settings
  readonly #transport: Transport

  constructor(settings: Settings) {
    const { baseUrl, tls, dispatcher } = settings
    this.#settings = settings
    this.#transport = createTransport({ baseUrl, maxAnswerBytes, tls, ...(dispatcher && { dispatcher }) })
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  /** Makes a token call, signed with the merchant's private key. */
  tokenCall(operation: 'accessToken' | 'customerToken', body: JsonObject, timestamp = this.#now()): Promise<Answer> {
    const { clientId, privateKey, endpoints } = this.#settings
    const headers = {
      'x-client-key': clientId,
      'x-timestamp': timestamp,
      'x-signature': signAsymmetric(tokenStringToSign(clientId, timestamp), privateKey),
    }
    return this.#post(operation, endpoints[operation], headers, JSON.stringify(body))
  }

  /** Makes any other call, signed with the secret key. */
  call(operation: Operation, body: JsonObject, variation: Variation = {}): Promise<Answer> {
    const { clientId, secretKey, clock, endpoints } = this.#settings
    const endpoint = variation.endpoint ?? endpoints[operation]
    if (!endpoint) throw new TypeError(`the api in use has no ${operation}`)
    const sent = variation.rawBody ?? JSON.stringify(withExtraBody(endpoint, body))
    const timestamp = variation.timestamp ?? this.#now()
    const accessToken = variation.accessToken ?? this.accessToken
    const text = stringToSign({
      method: 'POST',
      path: endpoint.path,
      accessToken,
      body: minifyJson(Buffer.from(sent)),
      timestamp,
    })
    const headers = {
      'x-timestamp': timestamp,
      'x-signature': signSymmetric(text, secretKey),
      'x-partner-id': clientId,
      'x-external-id': variation.externalId ?? externalId(clock),
      'x-device-id': deviceId,
      authorization: `Bearer ${accessToken}`,
      ...endpoint.extraHeaders,
      ...variation.headers,
    }
    return this.#post(operation, endpoint, headers, sent)
  }

  #now(): string {
    return formatTimestamp(this.#settings.clock())
  }

  async #post(
    operation: Operation,
    { path, deadlineMs }: Endpoint,
    named: Record<string, string | undefined>,
    body: string,
  ): Promise<Answer> {
    const all = Object.entries({ 'content-type': 'application/json', ...named })
    const headers = Object.fromEntries(all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
    const { httpStatus, body: text } = await this.#transport.post({ path, headers, body, deadlineMs })
    const clean = cleanerFor({ headers, body }, this.#settings.secretKey)
    const answer = readAnswer(httpStatus, text, clean)
    this.log.push(`${operation} ${path}: HTTP ${answer.status} ${answer.code} ${answer.message}`.trimEnd())
    return answer
  }
}

const deviceId = 'probe'

function readAnswer(status: number, text: string, clean: (text: string) => string): Answer {
  const parsed = parseJson(text)
  const body = parsed.ok && isObject(parsed.value) ? parsed.value : {}
  const { responseCode, responseMessage } = body
  const code = typeof responseCode === 'string' || typeof responseCode === 'number' ? String(responseCode) : ''
  const message = typeof responseMessage === 'string' ? clean(responseMessage).slice(0, 150) : ''
  return { status, code, message, body }
}

export function isSuccess({ code }: Answer): boolean {
  return normaliseResponseCode(code)?.startsWith('200') ?? false
}

/** `HTTP 404 4040702 Invalid Routing`. */
export function inWords({ status, code, message }: Answer): string {
  return `HTTP ${status} ${code} ${message}`.trimEnd()
}
