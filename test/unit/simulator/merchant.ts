import { createHash, createHmac, type KeyObject, sign } from 'node:crypto'

/** The fields of all of DOKU's answers. Which of them are there is for the tests to say. */
export interface ReplyBody {
  responseCode: string
  responseMessage: string
  accessToken: string
  accessTokenExpiryTime: string
  refreshToken: string
  expiresIn: number
  redirectUrl: string
  webRedirectUrl: string
  referenceNo: string
  additionalInfo: { authCode: string; accountStatus: string; custIdMerchant: string }
  accountInfos: { balanceType: string; amount: object; availableBalance?: object }[]
  latestTransactionStatus: string
  originalResponseCode: string
  paidTime: string
  refundHistory?: object[]
  refundNo: string
  refundTime: string
}

/** What came back from the simulator, whatever it is. `text` is as much as arrived. */
export interface RawReply {
  status: number
  headers: Headers
  text: string
}

/** What came back from the simulator, when it is what DOKU would say. */
export interface Reply {
  status: number
  headers: Headers
  body: ReplyBody
}

export interface CallOptions {
  method?: string
  /** Replaces headers; `undefined` leaves one out. Applied after signing. */
  headers?: Record<string, string | undefined>
  /** What is sent in place of the body's JSON. It is what is signed, too. */
  rawBody?: string
  accessToken?: string
  customerToken?: string
  secretKey?: string
  timestamp?: string
  externalId?: string
  query?: string
  /** Hangs up. */
  signal?: AbortSignal
}

interface Identity {
  clientId: string
  secretKey: string
  privateKey: KeyObject
}

/** A merchant written for these tests: signs with a few lines of its own, and sends what it is told to send. */
export class Merchant {
  url = ''
  accessToken = ''
  readonly identity: Identity
  readonly now: () => number
  #lastExternalId = 1000

  constructor(identity: Identity, now: () => number) {
    this.identity = identity
    this.now = now
  }

  /** Fetches an access token and uses it from now on. */
  async logIn(): Promise<Reply> {
    const reply = await this.tokenCall('b2b', { grantType: 'client_credentials' })
    this.accessToken = reply.body.accessToken
    return reply
  }

  async customerToken(authCode: string): Promise<Reply> {
    return this.tokenCall('b2b2c', { grantType: 'authorization_code', authCode })
  }

  async tokenCall(kind: 'b2b' | 'b2b2c', body: object, options: CallOptions = {}): Promise<Reply> {
    const { clientId, privateKey } = this.identity
    const timestamp = options.timestamp ?? this.timestamp()
    const signature = sign('sha256', Buffer.from(`${clientId}|${timestamp}`), privateKey).toString('base64')
    const headers = { 'x-client-key': clientId, 'x-timestamp': timestamp, 'x-signature': signature }
    return read(await this.#send(`/authorization/v1/access-token/${kind}`, JSON.stringify(body), headers, options))
  }

  async call(path: string, body: object, options: CallOptions = {}): Promise<Reply> {
    return read(await this.callRaw(path, body, options))
  }

  /** Rejects when the connection is cut. */
  async callRaw(path: string, body: object, options: CallOptions = {}): Promise<RawReply> {
    const target = `${path}${options.query ?? ''}`
    const raw = options.rawBody ?? JSON.stringify(body)
    const accessToken = options.accessToken ?? this.accessToken
    const timestamp = options.timestamp ?? this.timestamp()
    const digest = createHash('sha256').update(raw).digest('hex')
    const stringToSign = [options.method ?? 'POST', target, accessToken, digest, timestamp].join(':')
    const secretKey = options.secretKey ?? this.identity.secretKey
    const headers = {
      'x-timestamp': timestamp,
      'x-signature': createHmac('sha512', secretKey).update(stringToSign).digest('base64'),
      'x-partner-id': this.identity.clientId,
      'x-external-id': options.externalId ?? this.nextExternalId(),
      'x-device-id': 'device1',
      authorization: `Bearer ${accessToken}`,
      'authorization-customer': options.customerToken && `Bearer ${options.customerToken}`,
    }
    return this.#send(target, raw, headers, options)
  }

  nextExternalId(): string {
    this.#lastExternalId += 1
    return String(this.#lastExternalId)
  }

  timestamp(): string {
    return `${new Date(this.now()).toISOString().slice(0, 19)}Z`
  }

  async #send(
    target: string,
    body: string,
    signed: Record<string, string | undefined>,
    options: CallOptions,
  ): Promise<RawReply> {
    const merged = { 'content-type': 'application/json', ...signed, ...options.headers }
    const headers = Object.entries(merged).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
    const method = options.method ?? 'POST'
    const sent = {
      ...(method !== 'GET' && { body: Buffer.from(body) }),
      ...(options.signal && { signal: options.signal }),
    }
    const response = await fetch(`${this.url}${target}`, { method, headers: Object.fromEntries(headers), ...sent })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
}

function read({ status, headers, text }: RawReply): Reply {
  return { status, headers, body: JSON.parse(text) }
}
