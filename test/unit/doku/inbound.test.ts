import { createHash, createHmac, createPrivateKey, createPublicKey, hkdfSync, sign } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { SignJWT } from 'jose'
import sinon from 'sinon'
import {
  Inbound,
  InboundMessage,
  type InboundOptions,
  type InboundRequest,
  notificationKind,
  type SignedWith,
} from '../../../lib/doku/inbound.ts'
import { InboundRefusal } from '../../../lib/doku/snap-reply.ts'
import { formatTimestamp } from '../../../lib/doku/timestamp.ts'
import { clientId, dokuKeys, merchantKeys, secretKey } from '../../support/keys.ts'

const start = Date.UTC(2026, 0, 2, 3, 4, 5)
const path = '/ovo/webhooks/notification'
const windowMs = 300_000
const tokenWindowMs = 600_000
const paid = {
  originalPartnerReferenceNo: 'INV-0008',
  latestTransactionStatus: '00',
  amount: { value: '99000.00', currency: 'IDR' },
  additionalInfo: { status: 'SUCCESS', custIdMerchant: 'José  & Siti' },
}
const bound = {
  originalExternalId: '1',
  additionalInfo: { status: 'SUCCESS', custIdMerchant: 'cust-001', authCode: '22' },
}

let now = start

/** Judges plain requests. */
type Judge = ReturnType<typeof makeInbound>

function makeInbound(options: Partial<InboundOptions> = {}) {
  const inbound = new Inbound({
    clientId,
    secretKeys: [secretKey],
    privateKeys: [createPrivateKey(merchantKeys.privateKey)],
    dokuPublicKeys: [createPublicKey(dokuKeys.publicKey)],
    clock: () => now,
    notificationWindowMs: windowMs,
    tokenWindowMs,
    requireBearer: true,
    signedWith: ['bearer'],
    currentAccessToken: async () => undefined,
    ...options,
  })
  return {
    issueToken: (request: InboundRequest) => inbound.issueToken(new InboundMessage(request)),
    verifyNotification: (request: InboundRequest) => inbound.verifyNotification(new InboundMessage(request)),
  }
}

type Headers = Record<string, string | string[] | undefined>

/** DOKU's token request, as the page describes it; every part of it can be another one. */
function tokenRequest(
  change: { headers?: Headers; body?: string; key?: string; signedFor?: string } = {},
): InboundRequest {
  const timestamp = String(change.headers?.['x-timestamp'] ?? formatTimestamp(now))
  const text = `${change.signedFor ?? clientId}|${timestamp}`
  const signature = sign('sha256', Buffer.from(text), change.key ?? dokuKeys.privateKey).toString('base64')
  const headers = { 'x-client-key': clientId, 'x-timestamp': timestamp, 'x-signature': signature, ...change.headers }
  return {
    headers,
    body: Buffer.from(change.body ?? '{"grantType":"client_credentials"}'),
    path: '/ovo/webhooks/token',
  }
}

interface Change {
  readonly body?: string | Buffer
  /** What is signed in place of the body. */
  readonly signedBody?: string
  readonly signedPath?: string
  readonly signedToken?: string
  readonly secret?: string
  readonly timestamp?: string
  readonly path?: string
  readonly headers?: Headers
}

/** DOKU's notification, signed in the test's own words; every part of it can be another one. */
function notification(token: string, change: Change = {}): InboundRequest {
  const body = Buffer.from(change.body ?? JSON.stringify(paid))
  const timestamp = change.timestamp ?? formatTimestamp(now)
  const digest = createHash('sha256')
    .update(change.signedBody ?? body)
    .digest('hex')
  const text = `POST:${change.signedPath ?? change.path ?? path}:${change.signedToken ?? token}:${digest}:${timestamp}`
  const headers = {
    authorization: `Bearer ${token}`,
    'x-timestamp': timestamp,
    'x-signature': createHmac('sha512', change.secret ?? secretKey)
      .update(text)
      .digest('base64'),
    'x-partner-id': clientId,
    'x-external-id': '4711',
    ...change.headers,
  }
  return { headers, body, path: change.path ?? path }
}

/** `HTTP status, responseCode, responseMessage` of the refusal. */
async function refusalOf(answer: Promise<unknown>): Promise<string> {
  const error: unknown = await answer.then(
    () => new Error('it was accepted'),
    (reason) => reason,
  )
  if (!(error instanceof InboundRefusal)) throw error
  expect(error.code).to.equal('NOTIFICATION_REFUSED')
  return `${error.httpStatus} ${error.responseCode} ${error.responseMessage}`
}

async function tokenFrom(inbound: Judge): Promise<string> {
  const { body } = await inbound.issueToken(tokenRequest())
  return String(body.accessToken)
}

/** The second spelling of the same bytes: one of the spare bits of the last Base64 letter is turned over. */
function withSpareBit(text: string, alphabet: string): string {
  const letters = text.replace(/=*$/, '')
  return letters.slice(0, -1) + alphabet.charAt(alphabet.indexOf(letters.slice(-1)) ^ 1) + text.slice(letters.length)
}
const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const base64url = base64.replace('+/', '-_')

describe('DOKU’s request for our token', () => {
  beforeEach(() => {
    now = start
  })

  it('is answered as SNAP says', async () => {
    const { headers, body } = await makeInbound().issueToken(tokenRequest())
    expect(headers).to.deep.equal({ 'X-CLIENT-KEY': clientId, 'X-TIMESTAMP': '2026-01-02T03:04:05Z' })
    const { accessToken, ...others } = body
    expect(accessToken)
      .to.match(/^[\w-]+\.[\w-]+\.[\w-]+$/)
      .and.to.have.length.below(2048)
    expect(others).to.deep.equal({
      responseCode: '2007300',
      responseMessage: 'Successful',
      tokenType: 'Bearer',
      expiresIn: 900,
      additionalInfo: '',
    })
  })

  it('is answered with another token every time', async () => {
    const inbound = makeInbound()
    expect(await tokenFrom(inbound)).not.to.equal(await tokenFrom(inbound))
  })

  it('may be signed with any ISO time, and carry other fields', async () => {
    const body = '{"grantType":"client_credentials","additionalInfo":{}}'
    for (const timestamp of ['2026-01-02T10:04:05+07:00', '2026-01-02T03:04:05.678Z']) {
      await makeInbound().issueToken(tokenRequest({ headers: { 'x-timestamp': timestamp }, body }))
    }
  })

  const unknown = '401 4017300 Unauthorized. Unknown Client'
  const unsigned = '401 4017300 Unauthorized. Signature'
  const refusals: Record<string, [() => InboundRequest, string]> = {
    'another client': [
      () => tokenRequest({ headers: { 'x-client-key': 'BRN-other' }, signedFor: 'BRN-other' }),
      unknown,
    ],
    'a signature for another client': [() => tokenRequest({ signedFor: 'BRN-other' }), unsigned],
    'a signature with another key': [() => tokenRequest({ key: merchantKeys.privateKey }), unsigned],
    'a signature that is none': [() => tokenRequest({ headers: { 'x-signature': 'AAAA' } }), unsigned],
    'a signature of another time': [
      () => ({ ...tokenRequest(), headers: { ...tokenRequest().headers, 'x-timestamp': '2026-01-02T03:04:06Z' } }),
      unsigned,
    ],
    'a signature in another spelling': [
      () => {
        const request = tokenRequest()
        const signature = withSpareBit(String(request.headers['x-signature']), base64)
        return { ...request, headers: { ...request.headers, 'x-signature': signature } }
      },
      unsigned,
    ],
    'two signatures': [() => tokenRequest({ headers: { 'x-signature': ['AAAA', 'BBBB'] } }), unsigned],
    'no X-CLIENT-KEY': [
      () => tokenRequest({ headers: { 'x-client-key': undefined } }),
      '400 4007302 Invalid Mandatory Field X-CLIENT-KEY',
    ],
    'an empty X-TIMESTAMP': [
      () => tokenRequest({ headers: { 'x-timestamp': '' } }),
      '400 4007302 Invalid Mandatory Field X-TIMESTAMP',
    ],
    'no X-SIGNATURE': [
      () => tokenRequest({ headers: { 'x-signature': undefined } }),
      '400 4007302 Invalid Mandatory Field X-SIGNATURE',
    ],
    'a time that is none': [
      () => tokenRequest({ headers: { 'x-timestamp': 'now' } }),
      '400 4007301 Invalid Field Format X-TIMESTAMP',
    ],
    'a day that does not exist': [
      () => tokenRequest({ headers: { 'x-timestamp': '2026-02-30T00:00:00Z' } }),
      '400 4007301 Invalid Field Format X-TIMESTAMP',
    ],
    'no grantType': [() => tokenRequest({ body: '{}' }), '400 4007302 Invalid Mandatory Field grantType'],
    'another grantType': [
      () => tokenRequest({ body: '{"grantType":"password"}' }),
      '400 4007301 Invalid Field Format grantType',
    ],
    'a grantType that is no text': [
      () => tokenRequest({ body: '{"grantType":["client_credentials"]}' }),
      '400 4007301 Invalid Field Format grantType',
    ],
    'a body that is no JSON': [() => tokenRequest({ body: '{' }), '400 4007300 Bad Request (syntax)'],
    'no body': [() => tokenRequest({ body: '' }), '400 4007300 Bad Request (syntax)'],
    'a list': [() => tokenRequest({ body: '[]' }), '400 4007300 Bad Request (not an object)'],
    'a key twice': [
      () => tokenRequest({ body: '{"grantType":"client_credentials","grantType":"x"}' }),
      '400 4007300 Bad Request (duplicate-key grantType)',
    ],
  }
  for (const [what, [request, refusal]] of Object.entries(refusals)) {
    it(`is refused with ${what}`, async () => {
      expect(await refusalOf(makeInbound().issueToken(request()))).to.equal(refusal)
    })
  }

  it('is refused outside the window, early or late, and not at its edge', async () => {
    for (const side of [-1, 1]) {
      const edge = { headers: { 'x-timestamp': formatTimestamp(start + side * tokenWindowMs) } }
      await makeInbound().issueToken(tokenRequest(edge))
      const over = { headers: { 'x-timestamp': formatTimestamp(start + side * (tokenWindowMs + 1000)) } }
      expect(await refusalOf(makeInbound().issueToken(tokenRequest(over)))).to.equal(
        '401 4017300 Unauthorized. Timestamp',
      )
    }
  })
})

describe('a notification', () => {
  let inbound: Judge
  let token: string
  beforeEach(async () => {
    now = start
    inbound = makeInbound()
    token = await tokenFrom(inbound)
  })
  afterEach(() => sinon.restore())

  it('is believed with our token, DOKU’s signature and a fresh time', async () => {
    const verified = await inbound.verifyNotification(notification(token))
    expect(verified).to.deep.equal({ kind: 'payment', body: paid, externalId: '4711', fresh: true })
  })

  it('is believed by another process of the merchant', async () => {
    expect((await makeInbound().verifyNotification(notification(token))).fresh).to.equal(true)
  })

  it('is believed again when it is sent again', async () => {
    await inbound.verifyNotification(notification(token))
    expect((await inbound.verifyNotification(notification(token))).fresh).to.equal(true)
  })

  it('shows an X-EXTERNAL-ID that came twice as both', async () => {
    const twice = notification(token, { headers: { 'x-external-id': ['1', '2'] } })
    expect(await inbound.verifyNotification(twice)).to.include({ externalId: '1, 2' })
  })

  it('may lack its X-EXTERNAL-ID, write Bearer as it likes, and its time in any ISO form', async () => {
    const headers = { 'x-external-id': undefined, authorization: `bearer ${token}` }
    const request = notification(token, { headers, timestamp: '2026-01-02T10:04:05.5+07:00' })
    expect(await inbound.verifyNotification(request)).to.include({ externalId: undefined, fresh: true })
  })

  it('is fresh up to the edge of the window and stale beyond it, early or late', async () => {
    for (const side of [-1, 1]) {
      const at = (ms: number) =>
        inbound.verifyNotification(notification(token, { timestamp: formatTimestamp(start + side * ms) }))
      expect((await at(windowMs)).fresh).to.equal(true)
      expect((await at(windowMs + 1000)).fresh).to.equal(false)
    }
  })

  describe('with its bytes', () => {
    const pretty = JSON.stringify(paid, null, 2)
    const minified = JSON.stringify(paid)

    it('is believed when what was signed are these very bytes, or these bytes minified', async () => {
      expect((await inbound.verifyNotification(notification(token, { body: pretty }))).body).to.deep.equal(paid)
      const request = notification(token, { body: pretty, signedBody: minified })
      expect((await inbound.verifyNotification(request)).body).to.deep.equal(paid)
    })

    it('is minified and not written anew: numbers and escapes stay as they came', async () => {
      const body = '{ "n" : 10000.00, "u" : "\\u00e9 é", "s": "a  b" }'
      const signed = '{"n":10000.00,"u":"\\u00e9 é","s":"a  b"}'
      await inbound.verifyNotification(notification(token, { body, signedBody: signed }))
      const rewritten = notification(token, { body, signedBody: JSON.stringify(JSON.parse(body)) })
      expect(await refusalOf(inbound.verifyNotification(rewritten))).to.equal('401 4015600 Unauthorized. Signature')
    })

    it('is refused when they were minified on the way but signed as they were', async () => {
      const request = notification(token, { body: minified, signedBody: pretty })
      expect(await refusalOf(inbound.verifyNotification(request))).to.equal('401 4015600 Unauthorized. Signature')
    })

    it('is refused when any one of them was changed', async () => {
      const request = notification(token)
      await fc.assert(
        fc.asyncProperty(fc.nat(request.body.length - 1), fc.integer({ min: 1, max: 255 }), async (index, flip) => {
          const body = Buffer.from(request.body)
          body[index] = (body[index] ?? 0) ^ flip
          expect(await refusalOf(inbound.verifyNotification({ ...request, body }))).to.match(
            /^401 40156?\d{3} Unauthorized/,
          )
        }),
      )
    })
  })

  describe('signed for a path', () => {
    it('with a query is believed with that query only, exactly as it was written', async () => {
      const query = '?x=1&y=a%20b'
      await inbound.verifyNotification(notification(token, { path: path + query }))
      for (const other of ['', '?y=a%20b&x=1', '?x=1&y=a b', '?x=1&y=a+b', '?']) {
        const request = notification(token, { path: path + other, signedPath: path + query })
        expect(await refusalOf(inbound.verifyNotification(request)), other).to.equal(
          '401 4015600 Unauthorized. Signature',
        )
      }
    })
  })

  const unsigned = '401 4015600 Unauthorized. Signature'
  const invalidToken = '401 4015601 Invalid Token (B2B)'
  const headers = (name: string, value: string | undefined): Change => ({ headers: { [name]: value } })
  const refusals: Record<string, [Change, string]> = {
    'another secret': [{ secret: 'SK-other' }, unsigned],
    'another path': [{ signedPath: '/webhooks/notification' }, unsigned],
    'another token signed': [{ signedToken: 'other' }, unsigned],
    'no token signed': [{ signedToken: '' }, unsigned],
    'a signature that is none': [headers('x-signature', 'AAAA'), unsigned],
    'no X-SIGNATURE': [headers('x-signature', undefined), '400 4005602 Invalid Mandatory Field X-SIGNATURE'],
    'no X-TIMESTAMP': [headers('x-timestamp', undefined), '400 4005602 Invalid Mandatory Field X-TIMESTAMP'],
    'no X-PARTNER-ID': [headers('x-partner-id', ''), '400 4005602 Invalid Mandatory Field X-PARTNER-ID'],
    'a time that is none': [{ timestamp: '1735787045' }, '400 4005601 Invalid Field Format X-TIMESTAMP'],
    'another time than was signed': [headers('x-timestamp', '2026-01-02T03:04:06Z'), unsigned],
    'another client': [headers('x-partner-id', 'BRN-other'), '401 4015600 Unauthorized. Unknown Client'],
    'no token': [headers('authorization', undefined), invalidToken],
    'an empty token': [headers('authorization', 'Bearer '), invalidToken],
    'a token of another kind': [headers('authorization', 'Basic YTpi'), invalidToken],
    'two tokens': [headers('authorization', 'Bearer a, Bearer b'), invalidToken],
    'a key twice': [
      { body: '{"latestTransactionStatus":"06","latestTransactionStatus":"00"}' },
      '400 4005600 Bad Request (duplicate-key latestTransactionStatus)',
    ],
    'a key twice, once with escapes': [
      { body: '{"latestTransactionStatus":"06","\\u006catestTransactionStatus":"00"}' },
      '400 4005600 Bad Request (duplicate-key latestTransactionStatus)',
    ],
    'a key twice, further in': [
      { body: '{"amount":{"value":"1.00","value":"2.00"}}' },
      '400 4005600 Bad Request (duplicate-key amount.value)',
    ],
    __proto__: [
      { body: '{"__proto__":{"latestTransactionStatus":"00"}}' },
      '400 4005600 Bad Request (forbidden-key __proto__)',
    ],
    'a list': [{ body: '[]' }, '400 4005600 Bad Request (not an object)'],
    null: [{ body: 'null' }, '400 4005600 Bad Request (not an object)'],
    'a text': [{ body: '"00"' }, '400 4005600 Bad Request (not an object)'],
    'no JSON': [{ body: '{"a":1 2}' }, '400 4005600 Bad Request (syntax)'],
    'no body': [{ body: '' }, '400 4005600 Bad Request (syntax)'],
    'bytes that are no UTF-8': [{ body: Buffer.from([0x22, 0xff, 0x22]) }, '400 4005600 Bad Request (syntax)'],
    'a body that is too deep': [
      { body: `{"amount":${'['.repeat(100)}${']'.repeat(100)}}` },
      `400 4005600 Bad Request (too-deep amount${'.0'.repeat(15)})`,
    ],
  }
  for (const [what, [change, refusal]] of Object.entries(refusals)) {
    it(`is refused with ${what}`, async () => {
      expect(await refusalOf(inbound.verifyNotification(notification(token, change)))).to.equal(refusal)
    })
  }

  it('is refused in lower case: a signature is case-sensitive', async () => {
    const request = notification(token)
    const signature = String(request.headers['x-signature']).toLowerCase()
    const lowered = { ...request, headers: { ...request.headers, 'x-signature': signature } }
    expect(await refusalOf(inbound.verifyNotification(lowered))).to.equal(unsigned)
  })

  it('is refused with a spare bit of the signature turned over', async () => {
    const request = notification(token)
    const signature = withSpareBit(String(request.headers['x-signature']), base64)
    expect(
      Buffer.from(signature, 'base64').equals(Buffer.from(String(request.headers['x-signature']), 'base64')),
    ).to.equal(true)
    const tampered = { ...request, headers: { ...request.headers, 'x-signature': signature } }
    expect(await refusalOf(inbound.verifyNotification(tampered))).to.equal(unsigned)
  })

  it('of a binding is refused with the service code of a binding', async () => {
    const body = JSON.stringify(bound)
    expect((await inbound.verifyNotification(notification(token, { body }))).body).to.deep.equal(bound)
    const refused = (change: Change) => refusalOf(inbound.verifyNotification(notification(token, { body, ...change })))
    expect(await refused(headers('authorization', undefined))).to.equal('401 4010701 Invalid Token (B2B)')
    expect(await refused({ secret: 'SK-other' })).to.equal('401 4010700 Unauthorized. Signature')
    expect(await refused(headers('x-timestamp', undefined))).to.equal('400 4000702 Invalid Mandatory Field X-TIMESTAMP')
    expect(await refused({ timestamp: 'x' })).to.equal('400 4000701 Invalid Field Format X-TIMESTAMP')
  })

  describe('with a token', () => {
    const keyOf = (secret: string | Buffer, client: string) =>
      new Uint8Array(hkdfSync('sha256', secret, client, 'express-doku-ovo inbound token', 32))
    const signed = sign('sha256', Buffer.from('express-doku-ovo\nkey of inbound tokens v1'), merchantKeys.privateKey)
    const seconds = start / 1000
    const claims = { iss: clientId, aud: 'doku-notification', jti: '1', iat: seconds, exp: seconds + 900 }
    const header = { alg: 'HS256', typ: 'JWT' }
    const issue = (payload: object, protectedHeader: object = header, key: Uint8Array = keyOf(signed, clientId)) =>
      new SignJWT({ ...payload }).setProtectedHeader({ alg: 'HS256', ...protectedHeader }).sign(key)
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const judge = (bearer: string) => inbound.verifyNotification(notification(bearer))

    it('is believed with one that is made as ours are: what follows differs in one thing only', async () => {
      expect((await judge(await issue(claims))).fresh).to.equal(true)
    })

    const { exp: _exp, ...endless } = claims
    const { iat: _iat, ...undated } = claims
    const { jti: _jti, ...unnamed } = claims
    const forgeries: Record<string, () => string | Promise<string>> = {
      'that is not signed (alg none)': () => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`,
      'that says none and keeps the signature': async () => {
        const [, payload, signature] = token.split('.')
        return `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.${signature}`
      },
      'signed with HS512': () => issue(claims, { ...header, alg: 'HS512' }),
      'signed with HS384': () => issue(claims, { ...header, alg: 'HS384' }),
      'of another type': () => issue(claims, { ...header, typ: 'at+jwt' }),
      'signed with the secret key itself': () =>
        issue(claims, header, new TextEncoder().encode(secretKey.padEnd(32, 'x'))),
      'of another merchant with the same secret': () =>
        issue({ ...claims, iss: 'BRN-other' }, header, keyOf(secretKey, 'BRN-other')),
      'of the same merchant with another secret': () => issue(claims, header, keyOf('SK-other', clientId)),
      'of another issuer': () => issue({ ...claims, iss: 'BRN-other' }),
      'for another audience': () => issue({ ...claims, aud: 'other' }),
      'that has expired': () => issue({ ...claims, exp: seconds }),
      'that does not expire': () => issue(endless),
      'that does not say when it was issued': () => issue(undated),
      'without an id': () => issue(unnamed),
      'of three parts that are no JWT': () => 'a.b.c',
      'of ours with something before it': () => `x Bearer ${token}`,
      'of ours with something behind it': () => `${token} x`,
      'that is DOKU’s, not ours': () => 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJET0tVIn0.c2ln',
    }
    for (const [what, forge] of Object.entries(forgeries)) {
      it(`is refused with one ${what}`, async () => {
        expect(await refusalOf(judge(await forge()))).to.equal(invalidToken)
      })
    }

    it('is refused with one whose every character but one is ours', async () => {
      for (let index = 0; index < token.length; index += 7) {
        const other = token[index] === 'A' ? 'B' : 'A'
        const forged = token.slice(0, index) + other + token.slice(index + 1)
        expect(await refusalOf(judge(forged)), String(index)).to.equal(invalidToken)
      }
    })

    it('is refused with a spare bit of one turned over, although it decodes to the same bytes', async () => {
      const forged = withSpareBit(token, base64url)
      const signatureOf = (jwt: string) => Buffer.from(jwt.split('.')[2] ?? '', 'base64url')
      expect(signatureOf(forged).equals(signatureOf(token))).to.equal(true)
      expect(forged).not.to.equal(token)
      expect(await refusalOf(judge(forged))).to.equal(invalidToken)
    })

    it('is believed until it expires and not a moment longer, remembered or not', async () => {
      await judge(token)
      now = start + 900_000 - 1
      expect((await judge(token)).fresh).to.equal(true)
      expect((await makeInbound().verifyNotification(notification(token))).fresh).to.equal(true)
      now = start + 900_000
      expect(await refusalOf(judge(token))).to.equal(invalidToken)
      expect(await refusalOf(makeInbound().verifyNotification(notification(token)))).to.equal(invalidToken)
    })
  })

  describe('with requireBearer off', () => {
    beforeEach(() => {
      inbound = makeInbound({ requireBearer: false })
    })

    it('may carry any token that was signed with it, or none', async () => {
      await inbound.verifyNotification(notification('opaque-token_1~+/=='))
      await inbound.verifyNotification(notification('', { headers: { authorization: undefined } }))
    })

    it('still has to be signed, with the very token that it carries', async () => {
      expect(await refusalOf(inbound.verifyNotification(notification('a', { signedToken: 'b' })))).to.equal(unsigned)
      expect(await refusalOf(inbound.verifyNotification(notification('a', { secret: 'SK-other' })))).to.equal(unsigned)
    })
  })

  describe('with signedWith', () => {
    const dokuToken = 'token-that-doku-issued-to-us'
    const signedTokens = { bearer: () => token, empty: () => '', 'doku-token': () => dokuToken }
    const sources = Object.keys(signedTokens) as SignedWith[]
    const judge = (signedWith: readonly SignedWith[], signedToken: string, current: string | undefined = dokuToken) =>
      makeInbound({ signedWith, currentAccessToken: async () => current }).verifyNotification(
        notification(token, { signedToken }),
      )

    for (const source of sources) {
      it(`['${source}'] takes that token and no other`, async () => {
        for (const other of sources) {
          const answer = judge([source], signedTokens[other]())
          if (other === source) expect((await answer).fresh).to.equal(true)
          else expect(await refusalOf(answer), other).to.equal(unsigned)
        }
      })
    }

    it('takes each of several', async () => {
      for (const source of sources) expect((await judge(sources, signedTokens[source]())).fresh).to.equal(true)
      expect(await refusalOf(judge(sources, 'other'))).to.equal(unsigned)
    })

    it("['doku-token'] takes nothing, and not the empty token, while there is none", async () => {
      const none = makeInbound({ signedWith: ['doku-token'], currentAccessToken: async () => undefined })
      for (const signedToken of ['', 'undefined', token]) {
        expect(await refusalOf(none.verifyNotification(notification(token, { signedToken })))).to.equal(unsigned)
      }
    })

    it('does not ask for DOKU’s token when an earlier one fits', async () => {
      const currentAccessToken = sinon.stub().rejects(new Error('DOKU is down'))
      const both = makeInbound({ signedWith: ['bearer', 'doku-token'], currentAccessToken })
      expect((await both.verifyNotification(notification(token))).fresh).to.equal(true)
      expect(currentAccessToken.called).to.equal(false)
    })

    it('still wants our own bearer beside it', async () => {
      const request = notification(token, { signedToken: '', headers: { authorization: undefined } })
      expect(await refusalOf(makeInbound({ signedWith: ['empty'] }).verifyNotification(request))).to.equal(invalidToken)
    })
  })
})

describe('while a key or secret is being replaced', () => {
  const [older, newer] = ['SK-the-older-secret', 'SK-the-newer-secret'] as const
  const during = () => makeInbound({ secretKeys: [newer, older] })
  beforeEach(() => {
    now = start
  })

  for (const secret of [older, newer]) {
    it(`a notification is believed that was signed with the ${secret === newer ? 'newer' : 'older'} secret`, async () => {
      const token = await tokenFrom(makeInbound({ secretKeys: [secret] }))
      expect((await during().verifyNotification(notification(token, { secret }))).fresh).to.equal(true)
      const crossed = notification(token, { secret: secret === newer ? older : newer })
      expect((await during().verifyNotification(crossed)).fresh).to.equal(true)
      const other = notification(token, { secret: 'SK-a-third-secret' })
      expect(await refusalOf(during().verifyNotification(other))).to.equal('401 4015600 Unauthorized. Signature')
    })
  }

  it('tokens are issued with the newer private key, and accepted with either', async () => {
    const [own, other] = [merchantKeys, dokuKeys].map(({ privateKey }) => createPrivateKey(privateKey))
    if (!own || !other) throw new Error('a key is missing')
    const request = notification(await tokenFrom(makeInbound({ privateKeys: [other, own] })))
    for (const privateKeys of [[other], [own, other]] as const) {
      expect((await makeInbound({ privateKeys }).verifyNotification(request)).fresh).to.equal(true)
    }
    expect(await refusalOf(makeInbound({ privateKeys: [own] }).verifyNotification(request))).to.match(/^401 4015601 /)
  })

  it('no private key signs anything before the first token is issued or checked', () => {
    const privateKey = new Proxy(createPrivateKey(merchantKeys.privateKey), {
      get: () => {
        throw new Error('the key was used')
      },
    })
    expect(() => makeInbound({ privateKeys: [privateKey] })).not.to.throw()
  })

  it('a token request is answered that was signed with either of DOKU’s keys, and with no other', async () => {
    const keys = [merchantKeys, dokuKeys].map(({ publicKey }) => createPublicKey(publicKey))
    for (const dokuPublicKeys of [keys, keys.toReversed()]) {
      const inbound = makeInbound({ dokuPublicKeys })
      for (const { privateKey: key } of [merchantKeys, dokuKeys]) {
        expect((await inbound.issueToken(tokenRequest({ key }))).body.responseCode).to.equal('2007300')
      }
    }
    const only = makeInbound({ dokuPublicKeys: keys.slice(1) })
    expect(await refusalOf(only.issueToken(tokenRequest({ key: merchantKeys.privateKey })))).to.match(/^401 4017300 /)
  })
})

describe('the two notifications', () => {
  const bindings = [bound, { additionalInfo: { authCode: '1' } }, { additionalInfo: { status: 'FAILED' } }]
  const others = [
    paid,
    {},
    { additionalInfo: {} },
    { additionalInfo: null },
    { additionalInfo: ['status'] },
    { latestTransactionStatus: '00', additionalInfo: { authCode: '1' } },
    { originalPartnerReferenceNo: 'x', additionalInfo: { status: 'SUCCESS' } },
  ]
  it('are told apart by their shape, and what says anything of a payment is one', () => {
    for (const body of bindings) expect(notificationKind(body), JSON.stringify(body)).to.equal('binding')
    for (const body of others) expect(notificationKind(body), JSON.stringify(body)).to.equal('payment')
  })
})
