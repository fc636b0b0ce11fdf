import { createHash, createHmac, createPublicKey, verify } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import { type Api, type EndpointOverrides, resolveEndpoints } from '../../../lib/doku/api.ts'
import {
  type BindingRequest,
  type Credentials,
  DokuClient,
  DokuError,
  type PaymentRequest,
} from '../../../lib/doku/client.ts'
import { parsePrivateKey } from '../../../lib/doku/keys.ts'
import { createTransport, type Transport, TransportError } from '../../../lib/doku/transport.ts'
import type { CallMessage } from '../../../lib/telemetry.ts'
import { clientId, merchantKeys, secretKey } from '../../support/keys.ts'
import { type Arrival, type Behaviour, type Peer, reply, startPeer } from './peer.ts'

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
const timestamp = '2026-01-02T03:04:05Z'
const accessToken = 'eyJhbGciOiJSUzI1NiJ9.access-token-of-the-merchant.signature'
const customerToken = 'eyJhbGciOiJSUzI1NiJ9.customer-token-of-alice.signature'
const authCode = '2238230713001534401107183161486001168389'

const credentials: Credentials = {
  accessToken,
  customerToken,
  device: { deviceId: 'd-1', ipAddress: '203.0.113.7' },
  externalId: '12345678901234567890123456789012',
}
const bindingRequest: BindingRequest = {
  phoneNo: '6281234567890',
  additionalInfo: {
    custIdMerchant: 'cust-001',
    customerName: 'José  & Siti <x>',
    successRegistrationUrl: 'https://shop.example/ok?a=1&b=2',
    failedRegistrationUrl: 'https://shop.example/failed',
  },
}
const amount = { value: '10000.00', currency: 'IDR' } as const
const paymentRequest: PaymentRequest = {
  partnerReferenceNo: 'INV-1',
  amount,
  payOptionDetails: [{ payMethod: 'CASH', transAmount: amount, feeAmount: { value: '0.00', currency: 'IDR' } }],
  additionalInfo: { successPaymentUrl: 'https://shop.example/paid', failedPaymentUrl: 'https://shop.example/not-paid' },
}
const statusRequest = { originalPartnerReferenceNo: 'INV-1', amount }

type Run = (client: DokuClient, credentials: Credentials) => Promise<unknown>

const runs = {
  accessToken: (client) => client.fetchAccessToken(),
  customerToken: (client) => client.fetchCustomerToken(authCode),
  binding: (client, who) => client.bind(who, bindingRequest),
  balance: (client, who) => client.inquireBalance(who),
  payment: (client, who) => client.pay(who, paymentRequest),
  status: (client, who) => client.checkStatus(who, statusRequest),
  unbinding: (client, who) => client.unbind(who, customerToken),
} satisfies Record<string, Run>
type Name = keyof typeof runs
const names = Object.keys(runs) as Name[]

const page = 'https://sandbox.doku.com/direct-debit/ui/binding/core/2238230713001534401107183161486001168389'
const answers: Record<Name, Record<string, unknown>> = {
  accessToken: {
    responseCode: '2007300',
    responseMessage: 'Successful',
    accessToken,
    tokenType: 'Bearer',
    expiresIn: 900,
    additionalInfo: '',
  },
  customerToken: {
    responseCode: '2007400',
    accessToken: customerToken,
    accessTokenExpiryTime: '2026-01-03T00:00:00+07:00',
  },
  binding: { responseCode: '2000700', redirectUrl: page, additionalInfo: { accountStatus: 'PENDING', authCode } },
  balance: { responseCode: '2001100', accountInfos: [{ balanceType: 'CASH', amount }] },
  payment: { responseCode: '20054000', webRedirectUrl: page, referenceNo: '1234' },
  status: { responseCode: '2005500', latestTransactionStatus: '00', transAmount: amount },
  unbinding: { responseCode: '2000900', referenceNo: '40cd084b' },
}

interface Setting {
  readonly api?: Api
  readonly endpoints?: EndpointOverrides
}

describe('the client', () => {
  let doku: Peer
  let behaviour: Behaviour
  const transports: Transport[] = []

  before(async () => {
    doku = await startPeer((...request) => behaviour(...request))
  })
  after(() => doku.close())
  beforeEach(() => {
    doku.arrivals.length = 0
  })
  afterEach(async () => {
    for (const transport of transports.splice(0)) await transport.close()
  })

  function makeClient({ api = 'ovo-v1.0', endpoints = {} }: Setting = {}): DokuClient {
    const transport = createTransport({ baseUrl: doku.url, maxAnswerBytes: 65_536 })
    transports.push(transport)
    const privateKey = parsePrivateKey(merchantKeys.privateKey)
    return new DokuClient({
      clientId,
      secretKey,
      privateKey,
      endpoints: resolveEndpoints(api, endpoints),
      transport,
      clock: () => now,
    })
  }

  /** The one request that the operation makes. */
  async function requestOf(name: Name, setting: Setting = {}, who: Partial<Credentials> = {}): Promise<Arrival> {
    behaviour = reply(200, answers[name])
    await runs[name](makeClient(setting), { ...credentials, ...who })
    expect(doku.arrivals).to.have.lengthOf(1)
    return doku.arrivals[0] as Arrival
  }

  /** What the operation throws when DOKU answers so. */
  async function errorOf(name: Name, status: number, body: unknown): Promise<DokuError | TransportError> {
    behaviour = reply(status, body)
    const error: unknown = await runs[name](makeClient(), credentials).then(
      () => new Error('it was a success'),
      (reason) => reason,
    )
    expect(doku.arrivals).to.have.lengthOf(1)
    if (error instanceof DokuError || error instanceof TransportError) return error
    throw error
  }

  /** The names and values that the operation itself sent. */
  function headersOf({ rawHeaders }: Arrival): Record<string, string> {
    const pairs = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : []))
    return Object.fromEntries(
      pairs.filter(([name]) => !['host', 'connection', 'content-length'].includes(String(name))),
    )
  }

  describe('sends', () => {
    const merchant = '/direct-debit/merchant/ovo/v1.0'
    const core = '/direct-debit/core/v1'
    const channel = { channel: 'EMONEY_OVO_SNAP' }
    const status = { originalPartnerReferenceNo: 'INV-1', amount, serviceCode: '55' }
    const info = paymentRequest.additionalInfo
    /** @see docs/protocol.md, source SEED, §5.1, §5.4 to §5.7, §9. The fourth column: does it carry the customer token? */
    const table: [Api, Name, string, boolean, object][] = [
      ['ovo-v1.0', 'binding', `${merchant}/registration-account-binding`, false, bindingRequest],
      ['ovo-v1.0', 'balance', `${merchant}/balance-inquiry`, true, {}],
      ['ovo-v1.0', 'payment', `${merchant}/payment-host-to-host`, true, paymentRequest],
      ['ovo-v1.0', 'status', '/orders/v1.0/debit/status', false, status],
      [
        'ovo-v1.0',
        'unbinding',
        '/direct-debit/ovo/v1.0/registration-account-unbinding',
        false,
        { tokenId: customerToken },
      ],
      [
        'core-v1',
        'binding',
        `${core}/registration-account-binding`,
        false,
        { ...bindingRequest, additionalInfo: { ...bindingRequest.additionalInfo, ...channel } },
      ],
      ['core-v1', 'balance', `${core}/balance-inquiry`, true, { additionalInfo: channel }],
      [
        'core-v1',
        'payment',
        `${core}/debit/payment-host-to-host`,
        true,
        { ...paymentRequest, additionalInfo: { ...info, ...channel } },
      ],
      ['core-v1', 'status', '/orders/v1.0/debit/status', false, { ...status, additionalInfo: channel }],
      [
        'core-v1',
        'unbinding',
        `${core}/registration-account-unbinding`,
        false,
        { tokenId: customerToken, additionalInfo: channel },
      ],
    ]
    for (const [api, name, path, asCustomer, body] of table) {
      it(`${api} ${name} to its path, with its headers and body, and signs the bytes that arrive`, async () => {
        const arrival = await requestOf(name, { api })
        const digest = createHash('sha256').update(arrival.body).digest('hex')
        const text = `POST:${path}:${accessToken}:${digest}:${timestamp}`
        expect(arrival).to.include({ method: 'POST', url: path })
        expect(JSON.parse(arrival.body)).to.deep.equal(body)
        expect(headersOf(arrival)).to.deep.equal({
          'Content-Type': 'application/json',
          'X-TIMESTAMP': timestamp,
          'X-SIGNATURE': createHmac('sha512', secretKey).update(text).digest('base64'),
          'X-PARTNER-ID': clientId,
          'X-EXTERNAL-ID': credentials.externalId,
          'X-DEVICE-ID': 'd1',
          'X-IP-ADDRESS': '203.0.113.7',
          Authorization: `Bearer ${accessToken}`,
          ...(asCustomer && { 'Authorization-customer': `Bearer ${customerToken}` }),
        })
      })
    }

    for (const api of ['ovo-v1.0', 'core-v1'] as const) {
      const tokenCalls: [Name, string, object][] = [
        ['accessToken', '/authorization/v1/access-token/b2b', { grantType: 'client_credentials' }],
        ['customerToken', '/authorization/v1/access-token/b2b2c', { grantType: 'authorization_code', authCode }],
      ]
      for (const [name, path, body] of tokenCalls) {
        it(`${api} ${name} signed with the private key, and nothing of a customer`, async () => {
          const arrival = await requestOf(name, { api })
          const { 'X-SIGNATURE': signature = '', ...others } = headersOf(arrival)
          const key = createPublicKey(merchantKeys.publicKey)
          const isSigned = verify(
            'sha256',
            Buffer.from(`${clientId}|${timestamp}`),
            key,
            Buffer.from(signature, 'base64'),
          )
          expect(arrival).to.include({ method: 'POST', url: path, body: JSON.stringify(body) })
          expect(isSigned).to.equal(true)
          expect(others).to.deep.equal({
            'Content-Type': 'application/json',
            'X-CLIENT-KEY': clientId,
            'X-TIMESTAMP': timestamp,
          })
        })
      }
    }

    const devices: [string, Credentials['device'], string | undefined, string | undefined][] = [
      ['nothing of a device that is not known', undefined, undefined, undefined],
      ['letters and digits of a device id, no symbols', { deviceId: 'é{3f2-A_9}\r\nX: 1' }, '3f2A9X1', undefined],
      ['at most 64 characters of a device id', { deviceId: 'a-'.repeat(100) }, 'a'.repeat(64), undefined],
      ['no device id that is symbols only', { deviceId: '-_-' }, undefined, undefined],
      ['an IPv4 address', { ipAddress: '1.1.1.1' }, undefined, '1.1.1.1'],
      ['an IPv4 address that was mapped into IPv6', { ipAddress: '::ffff:203.0.113.7' }, undefined, '203.0.113.7'],
      ['an IPv4 address that was mapped in capitals', { ipAddress: '::FFFF:203.0.113.7' }, undefined, '203.0.113.7'],
      ['no IPv6 address', { ipAddress: '2001:db8::1' }, undefined, undefined],
      ['no IPv6 address that was mapped in hexadecimal', { ipAddress: '::ffff:cb00:7107' }, undefined, undefined],
      ['no address that is none', { ipAddress: '203.0.113.700' }, undefined, undefined],
      ['no list of addresses', { ipAddress: '203.0.113.7, 10.0.0.1' }, undefined, undefined],
      ['nothing that is empty', { deviceId: '', ipAddress: '' }, undefined, undefined],
    ]
    for (const [what, device, deviceId, ipAddress] of devices) {
      it(what, async () => {
        const { headers } = await requestOf('payment', {}, { device })
        expect(headers['x-device-id']).to.equal(deviceId)
        expect(headers['x-ip-address']).to.equal(ipAddress)
      })
    }

    it('nothing at all when the customer token is missing where it is needed', async () => {
      for (const name of ['balance', 'payment'] as const) {
        const error = await runs[name](makeClient(), { ...credentials, customerToken: undefined }).catch((it) => it)
        expect(error).to.be.instanceOf(TypeError)
      }
      expect(doku.arrivals).to.deep.equal([])
    })

    for (const name of names) {
      it(`${name} as the host overrides it: path, body and headers; the new path is what is signed`, async () => {
        const extraBody = { additionalInfo: { channel: 'X', deep: [1] }, more: 'é' }
        const override = { path: '/other/path', extraBody, extraHeaders: { 'CHANNEL-ID': 'DH', 'X-Extra': '1' } }
        const arrival = await requestOf(name, { endpoints: { [name]: override } })
        const body = JSON.parse(arrival.body)
        expect(arrival.url).to.equal('/other/path')
        expect(arrival.headers).to.include({ 'channel-id': 'DH', 'x-extra': '1' })
        expect(body.more).to.equal('é')
        expect(body.additionalInfo).to.deep.include({ channel: 'X', deep: [1] })
        if (name === 'payment') expect(body.additionalInfo.successPaymentUrl).to.equal('https://shop.example/paid')
        if (name === 'accessToken' || name === 'customerToken') return
        const digest = createHash('sha256').update(arrival.body).digest('hex')
        const text = `POST:/other/path:${accessToken}:${digest}:${timestamp}`
        expect(arrival.headers['x-signature']).to.equal(createHmac('sha512', secretKey).update(text).digest('base64'))
      })
    }
  })

  describe('reads', () => {
    async function read<T>(run: (client: DokuClient) => Promise<T>, status: number, body: unknown): Promise<T> {
      behaviour = reply(status, body)
      return run(makeClient())
    }

    const lives: [unknown, number][] = [
      [900, 900],
      ['900', 900],
      ['3600', 3600],
      [1.5, 1.5],
      ['900 (15 menit)', 900],
      [undefined, 900],
      [null, 900],
      ['', 900],
      ['soon', 900],
      [0, 900],
      [-1, 900],
      [{}, 900],
      [1e300, 900],
      [1_729_050_101_000, 900],
    ]
    for (const [expiresIn, seconds] of lives) {
      it(`the life of an access token from expiresIn ${JSON.stringify(expiresIn)}: ${seconds} s`, async () => {
        const token = await read((client) => client.fetchAccessToken(), 200, { ...answers.accessToken, expiresIn })
        expect(token).to.deep.equal({ accessToken, expiresAt: now + seconds * 1000 })
      })
    }

    const ends: [unknown, number][] = [
      ['2026-01-17T03:04:05+07:00', Date.UTC(2026, 0, 16, 20, 4, 5)],
      ['2026-01-17T03:04:05Z', Date.UTC(2026, 0, 17, 3, 4, 5)],
      ['900', now + 900_000],
      [' 900 ', now + 900_000],
      [1_296_000, now + 1_296_000_000],
      ['1296000', now + 1_296_000_000],
      [undefined, now + 900_000],
      [null, now + 900_000],
      ['', now + 900_000],
      ['never', now + 900_000],
      ['0', now + 900_000],
      [-5, now + 900_000],
      ['0x10', now + 900_000],
      ['Infinity', now + 900_000],
      [1e300, now + 900_000],
      ['2026-02-30T00:00:00Z', now + 900_000],
      [{ at: 1 }, now + 900_000],
    ]
    for (const [accessTokenExpiryTime, expiresAt] of ends) {
      it(`the end of a customer token from ${JSON.stringify(accessTokenExpiryTime)}`, async () => {
        const body = { ...answers.customerToken, accessTokenExpiryTime }
        const token = await read((client) => client.fetchCustomerToken(authCode), 200, body)
        expect(token).to.deep.equal({ customerToken, expiresAt })
      })
    }

    it('a token answer without a responseCode (docs/protocol.md §16), but no other answer without one', async () => {
      const { responseCode: _, ...bare } = answers.accessToken
      expect((await read((client) => client.fetchAccessToken(), 200, bare)).accessToken).to.equal(accessToken)
      expect((await read((client) => client.fetchCustomerToken(authCode), 200, bare)).customerToken).to.equal(
        accessToken,
      )
      doku.arrivals.length = 0
      expect(await errorOf('payment', 200, bare)).to.be.instanceOf(TransportError)
      doku.arrivals.length = 0
      expect(await errorOf('accessToken', 401, bare)).to.be.instanceOf(DokuError)
    })

    it('what DOKU writes for absent: nothing, null and empty text', async () => {
      for (const absent of [undefined, null, '']) {
        const body = { responseCode: '2005400', webRedirectUrl: absent, referenceNo: absent }
        const answer = await read((client) => client.pay(credentials, paymentRequest), 200, body)
        expect(answer.webRedirectUrl).to.equal(undefined)
        expect(answer.referenceNo).to.equal(undefined)
      }
    })

    it('a success although what only informs cannot be read', async () => {
      const body = { ...answers.status, transactionStatusDesc: 'x'.repeat(200), originalReferenceNo: 12 }
      const answer = await read((client) => client.checkStatus(credentials, statusRequest), 200, body)
      expect(answer).to.include({ latestTransactionStatus: '00' })
      expect(answer.transactionStatusDesc).to.equal(undefined)
    })

    it('a success in HTTP 409: the original answer, sent again (C-20)', async () => {
      const answer = await read((client) => client.pay(credentials, paymentRequest), 409, answers.payment)
      expect(answer).to.deep.equal({ webRedirectUrl: page, referenceNo: '1234' })
    })

    it('a success with unknown fields beside it', async () => {
      const body = { ...answers.balance, futureField: { a: [null] } }
      const answer = await read((client) => client.inquireBalance(credentials), 200, body)
      expect(answer.accountInfos).to.deep.equal([{ balanceType: 'CASH', amount }])
    })

    it('nothing from an unbinding: success is all there is', async () => {
      expect(await read((client) => client.unbind(credentials, customerToken), 200, answers.unbinding)).to.equal(
        undefined,
      )
    })
  })

  describe('says unknown', () => {
    const texts: Record<string, string> = {
      empty: '',
      HTML: '<html>Welcome</html>',
      'cut JSON': '{"responseCode":"2005400"',
      'a list': '[{"responseCode":"2005400"}]',
      null: 'null',
      'JSON with a key twice': '{"responseCode":"4035414","responseCode":"2005400"}',
      'an object without a code': '{"message":"ok"}',
      'a code that is none': '{"responseCode":"OK"}',
    }
    for (const [what, text] of Object.entries(texts)) {
      for (const status of [200, 201]) {
        it(`of an answer with HTTP ${status} that is ${what}`, async () => {
          const error = await errorOf('payment', status, text)
          expect(error).to.be.instanceOf(TransportError)
          expect(error).to.include({ loss: 'unknown', code: 'DOKU_ANSWER_LOST' })
          expect(error.message).to.match(/^payment: DOKU answered HTTP 20[01]/)
        })
      }
    }

    const lacking: [Name, string, Record<string, unknown>][] = [
      ['accessToken', 'accessToken', { accessToken: undefined }],
      ['accessToken', 'accessToken', { accessToken: '' }],
      ['customerToken', 'accessToken', { accessToken: 7 }],
      ['binding', 'redirectUrl', { redirectUrl: undefined }],
      ['binding', 'redirectUrl', { redirectUrl: 'javascript:alert(1)' }],
      ['binding', 'additionalInfo', { additionalInfo: '' }],
      ['binding', 'additionalInfo.authCode', { additionalInfo: { accountStatus: 'PENDING' } }],
      ['balance', 'accountInfos', { accountInfos: null }],
      [
        'balance',
        'accountInfos.0.amount.value',
        { accountInfos: [{ balanceType: 'CASH', amount: { value: 1, currency: 'IDR' } }] },
      ],
      ['payment', 'webRedirectUrl', { webRedirectUrl: 'javascript:alert(1)' }],
      ['payment', 'webRedirectUrl', { webRedirectUrl: '/relative' }],
      ['status', 'latestTransactionStatus', { latestTransactionStatus: undefined }],
      ['status', 'latestTransactionStatus', { latestTransactionStatus: '08' }],
    ]
    for (const [name, field, change] of lacking) {
      it(`of a success of ${name} with ${JSON.stringify(change)}, naming the field and not its value`, async () => {
        const error = await errorOf(name, 200, { ...answers[name], ...change })
        expect(error).to.be.instanceOf(TransportError)
        expect(error).to.include({ loss: 'unknown' })
        expect(error.message).to.equal(`${name}: DOKU said success, but ${field} is missing or unreadable`)
      })
    }

    const different: [Name, string, Record<string, unknown>][] = [
      ['status', 'transAmount', { transAmount: { value: '10000.00', currency: 'USD' } }],
      ['status', 'transAmount', { transAmount: '10000.00' }],
      ['status', 'amount', { amount: { value: '1000000', currency: 'IDR' } }],
      ['status', 'originalPartnerReferenceNo', { originalPartnerReferenceNo: 5 }],
      ['payment', 'partnerReferenceNo', { partnerReferenceNo: 'of-bob' }],
    ]
    for (const [name, field, change] of different) {
      it(`of an answer to ${name} that repeats something else: ${JSON.stringify(change)}`, async () => {
        const error = await errorOf(name, 200, { ...answers[name], ...change })
        expect(error).to.be.instanceOf(TransportError)
        expect(error).to.include({ loss: 'unknown' })
        expect(error.message).to.include(`about something else: ${field} is not what was sent`)
      })
    }

    it('of an answer that never comes; each operation brings its own deadline', async () => {
      const deadlines: number[] = []
      const transport: Transport = {
        post: async ({ deadlineMs }) => {
          deadlines.push(deadlineMs)
          throw new TransportError('unknown', 'hangs')
        },
        close: async () => {},
      }
      const privateKey = parsePrivateKey(merchantKeys.privateKey)
      const endpoints = resolveEndpoints('ovo-v1.0', { status: { deadlineMs: 1234 } })
      const client = new DokuClient({ clientId, secretKey, privateKey, endpoints, transport, clock: () => now })
      for (const name of names) {
        const error = await runs[name](client, credentials).catch((it) => it)
        expect(error).to.include({ loss: 'unknown' })
      }
      expect(deadlines).to.deep.equal([10_000, 10_000, 10_000, 10_000, 30_000, 1234, 10_000])
    })
  })

  describe('throws a DokuError', () => {
    it('with what DOKU said, and what it means', async () => {
      const body = { responseCode: '4035414', responseMessage: 'Insufficient Fund' }
      const error = await errorOf('payment', 403, body)
      expect(error).to.be.instanceOf(DokuError)
      expect(error).to.include({
        name: 'DokuError',
        code: 'DOKU_ERROR',
        operation: 'payment',
        httpStatus: 403,
        meaning: 'declined',
        ...body,
        message: 'payment: DOKU answered HTTP 403 4035414 Insufficient Fund',
      })
    })

    it('for every operation', async () => {
      for (const name of names) {
        doku.arrivals.length = 0
        const error = await errorOf(name, 500, { responseCode: '5000000', responseMessage: 'General Error' })
        expect(error).to.be.instanceOf(DokuError)
        expect(error).to.include({ operation: name, meaning: 'unknown' })
      }
    })

    it('without a responseCode when there is none, and with 150 characters of a message at most', async () => {
      const html = await errorOf('payment', 502, '<html>Bad Gateway</html>')
      expect(html).to.include({ responseCode: undefined, responseMessage: '', meaning: 'unknown', httpStatus: 502 })
      expect(html.message).to.equal('payment: DOKU answered HTTP 502 without responseCode ')
      doku.arrivals.length = 0
      const long = await errorOf('payment', 403, { responseCode: 40354140, responseMessage: 'x'.repeat(1000) })
      expect(long).to.include({ responseCode: '4035414', responseMessage: 'x'.repeat(150) })
      doku.arrivals.length = 0
      expect(await errorOf('payment', 403, { responseCode: '4035414', responseMessage: 7 })).to.include({
        responseMessage: '',
      })
    })

    it('when a redirect is all there is', async () => {
      expect(await errorOf('payment', 302, answers.payment)).to.include({ meaning: 'unknown', httpStatus: 302 })
    })
  })

  describe('publishes each call', () => {
    async function published(run: () => Promise<unknown>): Promise<CallMessage> {
      const messages: CallMessage[] = []
      const keep = (message: unknown) => void messages.push(message as CallMessage)
      subscribe('express-doku-ovo:call', keep)
      try {
        await run().catch(() => undefined)
      } finally {
        unsubscribe('express-doku-ovo:call', keep)
      }
      expect(messages).to.have.lengthOf(1)
      return messages[0] as CallMessage
    }

    const secrets = [accessToken, customerToken, authCode, secretKey, '6281234567890', 'José', merchantKeys.privateKey]

    for (const api of ['ovo-v1.0', 'core-v1'] as const) {
      for (const name of names) {
        it(`${api} ${name}: what was sent, signed and answered, and no secret of it`, async () => {
          const message = await published(() => requestOf(name, { api }))
          const text = JSON.stringify(message)
          const [arrival] = doku.arrivals
          const signature = String(arrival?.headers['x-signature'])
          for (const secret of [...secrets, signature]) expect(text).not.to.include(secret)
          const described = {
            clientId,
            operation: name,
            method: 'POST',
            httpStatus: 200,
            outcome: 'success',
            durationMs: 0,
          }
          expect(message).to.include({ ...described, path: arrival?.url })
          expect(message.responseBody).to.include({ responseCode: answers[name].responseCode })
          expect(message.requestHeaders['X-TIMESTAMP']).to.equal(timestamp)
        })
      }
    }

    it('with the string that was signed, so that it can be compared with DOKU’s; only the token is masked', async () => {
      const { stringToSign } = await published(() => requestOf('payment'))
      const digest = createHash('sha256')
        .update(doku.arrivals[0]?.body ?? '')
        .digest('hex')
      const path = '/direct-debit/merchant/ovo/v1.0/payment-host-to-host'
      expect(stringToSign).to.equal(`POST:${path}:***:${digest}:${timestamp}`)
      doku.arrivals.length = 0
      expect((await published(() => requestOf('accessToken'))).stringToSign).to.equal(`${clientId}|${timestamp}`)
    })

    it('with its outcome: DOKU’s meaning, or how it was lost', async () => {
      const refused = await published(() => errorOf('payment', 403, { responseCode: '4035414' }))
      expect(refused).to.include({ outcome: 'declined', httpStatus: 403 })
      doku.arrivals.length = 0
      const unreadable = await published(() => errorOf('payment', 200, '<html>'))
      expect(unreadable).to.include({ outcome: 'unknown', httpStatus: 200 })
      expect(unreadable).not.to.have.property('responseBody')
      doku.arrivals.length = 0
      const lacking = await published(() => errorOf('status', 200, { responseCode: '2005500' }))
      expect(lacking).to.include({ outcome: 'unknown', httpStatus: 200 })
      behaviour = (req) => req.socket.destroy()
      const lost = await published(() => makeClient().pay(credentials, paymentRequest))
      expect(lost).to.include({ outcome: 'unknown' })
      expect(lost).not.to.have.property('httpStatus')
      const notSent = await published(() => makeClient().pay({ ...credentials, externalId: 'a\nb' }, paymentRequest))
      expect(notSent).to.include({ outcome: 'not-sent' })
    })
  })
})
