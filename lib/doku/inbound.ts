import type { KeyObject } from 'node:crypto'
import type { Clock } from '../primitives/clock.ts'
import { isObject, type JsonObject, minifyJson, type ParsedJson, parseJson } from '../primitives/json.ts'
import type { JsonProblem } from '../primitives/json-scan.ts'
import { InboundTokens } from './inbound-token.ts'
import { stringToSign, tokenStringToSign, verifyAsymmetric, verifySymmetric } from './signature.ts'
import {
  fieldFormat,
  InboundRefusal,
  inboundServiceCodes,
  mandatoryField,
  refusalCases,
  type SnapToken,
  unauthorized,
} from './snap-reply.ts'
import { formatTimestamp, parseTimestamp } from './timestamp.ts'

/** A request of DOKU, as it came. */
export interface InboundRequest {
  /** Lower-case names, as Node gives them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  /** The public path with the query of the request: DOKU signs both. */
  readonly path: string
}

export type NotificationKind = 'payment' | 'binding'

/** One request of DOKU whose body is parsed at most once. Signatures cover the bytes, never the parsed body. */
export class InboundMessage {
  readonly request: InboundRequest
  #parsed: ParsedJson | undefined

  constructor(request: InboundRequest) {
    this.request = request
  }

  get parsed(): ParsedJson {
    this.#parsed ??= parseJson(this.request.body)
    return this.#parsed
  }

  /** Before the signature is verified, this only chooses the service code of a refusal. */
  get kind(): NotificationKind {
    return notificationKind(this.parsed.ok && isObject(this.parsed.value) ? this.parsed.value : {})
  }
}

/**
 * DOKU posts both kinds to one address, and only their shape tells them apart.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#6-1
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-2
 */
export function notificationKind(body: JsonObject): NotificationKind {
  const isPayment = 'latestTransactionStatus' in body || 'originalPartnerReferenceNo' in body
  const details = body.additionalInfo
  return !isPayment && isObject(details) && ('authCode' in details || 'status' in details) ? 'binding' : 'payment'
}

/** A notification that DOKU signed. */
export interface VerifiedNotification {
  readonly kind: NotificationKind
  readonly body: JsonObject
  readonly externalId: string | undefined
  /** `false` if it is genuine, but signed outside the window. It may be a replay: ask DOKU instead of believing it. */
  readonly fresh: boolean
}

/**
 * The access tokens that DOKU can put into a notification's string-to-sign.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-9
 */
export type SignedWith = 'bearer' | 'empty' | 'doku-token'

export interface InboundOptions {
  readonly clientId: string
  /** Signatures of every key are accepted. */
  readonly secretKeys: readonly [string, ...string[]]
  /** The first key issues tokens. Tokens of every key are accepted. */
  readonly privateKeys: readonly [KeyObject, ...KeyObject[]]
  /** A signature that one of these keys verifies is DOKU's. */
  readonly dokuPublicKeys: readonly KeyObject[]
  readonly clock: Clock
  /** A notification is fresh if its `X-TIMESTAMP` differs from our clock by at most this, either way, in ms. */
  readonly notificationWindowMs: number
  /** A token call is refused if its `X-TIMESTAMP` differs from our clock by more than this, either way, in ms. */
  readonly tokenWindowMs: number
  /**
   * Whether a notification must carry a token that we issued.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-11
   */
  readonly requireBearer: boolean
  readonly signedWith: readonly SignedWith[]
  /** Returns the access token that DOKU issued to us, for `signedWith: ['doku-token']`. */
  readonly currentAccessToken: () => Promise<string | undefined>
}

/**
 * Checks the requests that DOKU sends to us. A refused request has no effect.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7
 */
export class Inbound {
  readonly #options: InboundOptions
  readonly #tokens: InboundTokens

  constructor(options: InboundOptions) {
    this.#options = options
    this.#tokens = new InboundTokens(options.clientId, options.privateKeys, options.clock)
  }

  /**
   * Answers DOKU's request for our access token.
   * @throws InboundRefusal 4017300, or 4007301/02 naming the field
   */
  async issueToken(message: InboundMessage): Promise<{ headers: Record<string, string>; body: SnapToken }> {
    const { clientId, clock } = this.#options
    this.#verifyTokenRequest(message)
    const body: SnapToken = {
      responseCode: '2007300',
      responseMessage: 'Successful',
      accessToken: this.#tokens.issue(),
      tokenType: 'Bearer',
      expiresIn: InboundTokens.lifeSeconds,
      additionalInfo: '',
    }
    return { headers: { 'X-CLIENT-KEY': clientId, 'X-TIMESTAMP': formatTimestamp(clock()) }, body }
  }

  /**
   * DOKU presents the merchant's own client id, signed with DOKU's private key.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-1
   */
  #verifyTokenRequest(message: InboundMessage): void {
    const { request } = message
    const { clientId, dokuPublicKeys, tokenWindowMs } = this.#options
    const service = inboundServiceCodes.token
    const clientKey = requireHeader(request, 'X-CLIENT-KEY', service)
    const timestamp = requireHeader(request, 'X-TIMESTAMP', service)
    const signature = requireHeader(request, 'X-SIGNATURE', service)
    const age = this.#ageOf(timestamp, service)
    if (clientKey !== clientId) throw unauthorized(service, 'Unknown Client')
    const text = tokenStringToSign(clientId, timestamp)
    if (!dokuPublicKeys.some((key) => verifyAsymmetric(text, key, signature))) throw unauthorized(service, 'Signature')
    if (age > tokenWindowMs) throw unauthorized(service, 'Timestamp')
    const { grantType } = requireObject(message.parsed, service)
    if (grantType === undefined) throw mandatoryField(service, 'grantType')
    if (grantType !== 'client_credentials') throw fieldFormat(service, 'grantType')
  }

  /**
   * Proves that DOKU sent these bytes to this path. The window only decides `fresh`.
   * @throws InboundRefusal 4015601, 4015600, or 40056xx naming the field; with 07 in place of 56 for a binding
   */
  async verifyNotification(message: InboundMessage): Promise<VerifiedNotification> {
    const { clientId, notificationWindowMs } = this.#options
    const { request, kind } = message
    const service = inboundServiceCodes[kind]
    const bearer = await this.#readBearer(request, service)
    const timestamp = requireHeader(request, 'X-TIMESTAMP', service)
    const signature = requireHeader(request, 'X-SIGNATURE', service)
    const partnerId = requireHeader(request, 'X-PARTNER-ID', service)
    const age = this.#ageOf(timestamp, service)
    if (!(await this.#isSigned(request, bearer, timestamp, signature))) throw unauthorized(service, 'Signature')
    if (partnerId !== clientId) throw unauthorized(service, 'Unknown Client')
    const body = requireObject(message.parsed, service)
    return { kind, body, externalId: header(request, 'X-EXTERNAL-ID'), fresh: age <= notificationWindowMs }
  }

  async #readBearer(request: InboundRequest, service: string): Promise<string> {
    const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(header(request, 'Authorization') ?? '')?.[1] ?? ''
    if (this.#options.requireBearer && !(await this.#tokens.verify(token))) {
      throw new InboundRefusal(service, refusalCases.invalidToken, 'Invalid Token (B2B)')
    }
    return token
  }

  /** The difference between the timestamp and our clock in ms, never negative. */
  #ageOf(timestamp: string, service: string): number {
    const at = parseTimestamp(timestamp)
    if (at === undefined) throw fieldFormat(service, 'X-TIMESTAMP')
    return Math.abs(this.#options.clock() - at)
  }

  /**
   * DOKU signs minified JSON. Its documents do not say whether it sends the body minified too, so both spellings count.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#1
   */
  async #isSigned(request: InboundRequest, bearer: string, timestamp: string, signature: string): Promise<boolean> {
    const { path, body } = request
    const minified = minifyJson(body)
    const spellings = minified.equals(body) ? [body] : [body, minified]
    const tokens = { bearer, empty: '' }
    for (const source of this.#options.signedWith) {
      // One source at a time: `currentAccessToken` may send a request, which an earlier match saves.
      const accessToken = source === 'doku-token' ? await this.#options.currentAccessToken() : tokens[source]
      const matches = spellings.some((spelling) => {
        if (accessToken === undefined) return false
        const text = stringToSign({ method: 'POST', path, accessToken, body: spelling, timestamp })
        return this.#options.secretKeys.some((secretKey) => verifySymmetric(text, secretKey, signature))
      })
      if (matches) return true
    }
    return false
  }
}

function header(request: InboundRequest, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()]
  return Array.isArray(value) ? value.join(', ') : value
}

function requireHeader(request: InboundRequest, name: string, service: string): string {
  const value = header(request, name)
  if (value === undefined || value === '') throw mandatoryField(service, name)
  return value
}

function requireObject(parsed: ParsedJson, service: string): JsonObject {
  if (parsed.ok && isObject(parsed.value)) return parsed.value
  const reason = parsed.ok ? 'not an object' : describeProblem(parsed)
  throw new InboundRefusal(service, refusalCases.badRequest, `Bad Request (${reason})`)
}

/** The reason, and the field if one is to blame: `duplicate-key amount.value`. */
function describeProblem({ reason, path }: JsonProblem): string {
  return path ? `${reason} ${path.slice(1, 101).replaceAll('/', '.')}` : reason
}
