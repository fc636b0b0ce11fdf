import { createHmac, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { expect } from 'chai'
import express, { type Request } from 'express'
import sinon, { type SinonFakeTimers, type SinonStub } from 'sinon'
import { createSimulator, SAMPLE_ACCOUNTS, type Simulator } from '../../../lib/simulator/index.ts'
import {
  balanceDto,
  bindingDto,
  cardUnbindingDto,
  config,
  paymentDto,
  refundDto,
  type Snap,
  SnapClass,
  statusDto,
  tokenService,
  unbindingDto,
} from './sdk.ts'

const pair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
const merchantKeys = pair()
const dokuKeys = pair()

const CLIENT_ID = 'BRN-0001-1700000000001'
const SECRET_KEY = 'SK-official-sdk-tests'
const IP_ADDRESS = '203.0.113.10'
const [ALICE = '', BOB = ''] = SAMPLE_ACCOUNTS.map(({ phoneNo }) => phoneNo)

const originalUrl = config.CORE_SANDBOX_BASE_URL
let simulator: Simulator
let snap: Snap
let time: SinonFakeTimers
let printed: SinonStub

/** Only the date stands still, until it is moved: the SDK takes its X-EXTERNAL-ID from it. */
async function setUp(): Promise<void> {
  time = sinon.useFakeTimers({ now: Date.parse('2026-03-01T05:00:00Z'), toFake: ['Date'] })
  printed = sinon.stub(console, 'log')
  simulator = createSimulator({
    clientId: CLIENT_ID,
    secretKey: SECRET_KEY,
    merchantPublicKey: merchantKeys.publicKey,
    dokuPrivateKey: dokuKeys.privateKey,
  })
  config.CORE_SANDBOX_BASE_URL = (await simulator.listen()).url
  snap = await newSnap()
}

async function tearDown(): Promise<void> {
  sinon.restore()
  time.restore()
  config.CORE_SANDBOX_BASE_URL = originalUrl
  await simulator.close()
}

/** The constructor fetches a token and waits for nobody; a test must not leave that behind. */
async function newSnap(): Promise<Snap> {
  const fetching = sinon.spy(SnapClass.prototype, 'getTokenB2B')
  const created = new SnapClass({
    isProduction: false,
    privateKey: merchantKeys.privateKey,
    clientID: CLIENT_ID,
    publicKey: merchantKeys.publicKey,
    dokuPublicKey: dokuKeys.publicKey,
    issuer: 'shop',
    secretKey: SECRET_KEY,
  })
  await fetching.firstCall.returnValue
  fetching.restore()
  return created
}

/** A millisecond later, as the SDK needs it to be. */
function next<Result>(step: () => Promise<Result>): Promise<Result> {
  time.tick(1)
  return step()
}

async function bind(phoneNo: string, custIdMerchant: string): Promise<string> {
  const { redirectUrl, additionalInfo } = await next(() =>
    snap.doAccountBinding(bindingDto(phoneNo, custIdMerchant), IP_ADDRESS),
  )
  simulator.approveBinding(redirectUrl)
  return additionalInfo.authCode
}

const pay = (reference: string, authCode: string, paymentType: 'SALE' | 'RECURRING' = 'RECURRING') =>
  next(() => snap.doPayment(paymentDto(reference, '10000.00', paymentType), authCode, IP_ADDRESS))

const refusal = (error: { response?: { data: { responseCode: string } } }) => error.response?.data.responseCode

describe('DOKU’s official Node SDK, against the simulator', () => {
  beforeEach(setUp)
  afterEach(tearDown)

  it('binds, asks for balance and status, pays both ways, and unbinds, with every signature accepted', async () => {
    const authCode = await bind(ALICE, 'alice')
    const balance = await next(() => snap.doBalanceInquiry(balanceDto(), authCode, IP_ADDRESS))
    const sale = await pay('INV-1', authCode, 'SALE')
    simulator.approvePayment(sale.webRedirectUrl ?? '')
    const recurring = await pay('INV-2', authCode, 'RECURRING')
    const status = await next(() => snap.doCheckStatus(statusDto('INV-1')))
    const unbinding = await next(() => snap.doAccountUnbinding(unbindingDto(snap.tokenB2b2c), IP_ADDRESS))

    expect(printed.called).to.equal(false)
    expect(balance.accountInfos[0]).to.deep.include({ balanceType: 'CASH' })
    expect(sale).to.include({ responseCode: '2005400' })
    expect(recurring).to.include({ responseCode: '2005400', webRedirectUrl: undefined })
    expect(status).to.include({ responseCode: '2005500', latestTransactionStatus: '00' })
    expect(unbinding).to.include({ responseCode: '2000900' })
    expect(simulator.ledger.map(({ partnerReferenceNo }) => partnerReferenceNo)).to.deep.equal(['INV-1', 'INV-2'])
    expect(simulator.calls.map(({ operation, verdict }) => `${operation} ${verdict}`)).to.deep.equal([
      'access-token accepted',
      'binding accepted',
      'customer-token accepted',
      'balance accepted',
      'payment accepted',
      'payment accepted',
      'status accepted',
      'unbinding accepted',
    ])
  })

  it('refunds part of a payment, with the signature and the customer token accepted', async () => {
    const authCode = await bind(ALICE, 'alice')
    await pay('INV-1', authCode)
    const refund = await next(() => snap.doRefund(refundDto('INV-1', 'R-1', '4000.00'), authCode, IP_ADDRESS))
    expect(refund).to.include({ responseCode: '2005800', partnerRefundNo: 'R-1' })
    expect(simulator.calls.at(-1)).to.include({ operation: 'refund', verdict: 'accepted' })
    expect(simulator.refunds.map(({ amount, phoneNo }) => [amount, phoneNo])).to.deep.equal([['4000.00', ALICE]])
  })

  it('sends the customer token raw, and prices as numbers: the simulator takes both', async () => {
    await pay('INV-1', await bind(ALICE, 'alice'))
    const { headers, body } = simulator.calls.at(-1) ?? { headers: {}, body: '' }
    expect(headers).to.include({ 'authorization-customer': snap.tokenB2b2c })
    expect(JSON.parse(body).additionalInfo.lineItems[0].price).to.equal(10000)
  })
})

describe('DOKU’s official Node SDK is wrong, and the simulator shows it:', () => {
  beforeEach(setUp)
  afterEach(tearDown)

  it('it keeps one customer token per process, so Bob’s payment is deducted from Alice’s wallet', async () => {
    const alice = await bind(ALICE, 'alice')
    const bob = await bind(BOB, 'bob')
    await pay('INV-of-alice', alice)
    await pay('INV-of-bob', bob)
    expect(simulator.ledger.map(({ partnerReferenceNo, phoneNo }) => [partnerReferenceNo, phoneNo])).to.deep.equal([
      ['INV-of-alice', ALICE],
      ['INV-of-bob', ALICE],
    ])
  })

  it('it never lets its access token expire, so that every call fails after 15 minutes', async () => {
    await bind(ALICE, 'alice')
    time.tick(900_000)
    const failed = await snap.doAccountBinding(bindingDto(BOB, 'bob'), IP_ADDRESS).catch(refusal)
    expect(failed).to.equal('4010701')
    expect(simulator.calls.filter(({ operation }) => operation === 'access-token')).to.have.lengthOf(1)
  })

  it('it never lets its customer token expire either', async () => {
    const alice = await bind(ALICE, 'alice')
    await pay('INV-1', alice)
    time.tick(900_000)
    await snap.getTokenB2B()
    expect(await pay('INV-2', alice).catch(refusal)).to.equal('4015402')
  })

  it('it uses the millisecond as X-EXTERNAL-ID, so two payments in one are a conflict', async () => {
    const alice = await bind(ALICE, 'alice')
    await pay('INV-1', alice)
    const second = snap.doPayment(paymentDto('INV-2', '10000.00', 'RECURRING'), alice, IP_ADDRESS)
    expect(await second.catch(refusal)).to.equal('4095400')
    expect(simulator.ledger).to.have.lengthOf(1)
  })

  it('it refuses short IPv4 addresses before it sends anything', async () => {
    const answer = await snap.doAccountBinding(bindingDto(ALICE, 'alice'), '1.1.1.1')
    expect(answer.responseMessage).to.equal('X-IP-ADDRESS must be in 10 to 15 characters.')
    expect(simulator.calls.filter(({ operation }) => operation === 'binding')).to.be.empty
  })

  it('it prints the secret key when it creates a signature', () => {
    tokenService.createSignature('anything', SECRET_KEY)
    expect(printed.args).to.deep.equal([[`secretKey: ${SECRET_KEY}`]])
  })

  it('it prints the access token when it unregisters a card', async () => {
    await snap.doUnRegistCardUnBind(cardUnbindingDto()).catch(() => {})
    expect(printed.args.flat()).to.include(snap.tokenB2B)
  })
})

/** A merchant who follows the SDK's readme: its token endpoint and its signature check, on a mounted router. */
describe('DOKU’s official Node SDK, receiving the simulator’s notifications', () => {
  let server: Server
  let verdicts: { sdk: boolean; isTokenGood: boolean; isFormulaGood: boolean; routePath: string }[]

  beforeEach(async () => {
    await setUp()
    verdicts = []
    server = merchantApp().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    simulator.setMerchant({ tokenUrl: `${base}/ovo/token`, notificationUrl: `${base}/ovo/notify` })
  })
  afterEach(async () => {
    await tearDown()
    server.closeAllConnections()
    server.close()
  })

  function merchantApp() {
    const router = express.Router()
    router.post('/token', (request, response) => {
      response.json(snap.validateSignatureAndGenerateToken(request).body)
    })
    router.post('/notify', (request, response) => {
      verdicts.push(judge(request))
      response.json({ responseCode: '2005600', responseMessage: 'Successful' })
    })
    return express().use(express.json()).use('/ovo', router)
  }

  /** What the SDK says, next to the SDK's own formula fed with the right path and the right token. */
  function judge(request: Request) {
    const bearer = request.get('authorization') ?? ''
    const token = bearer.replace('Bearer ', '')
    const timestamp = request.get('x-timestamp') ?? ''
    const { originalUrl: path, body } = request
    const formula = tokenService.generateSymmetricSignature('POST', path, token, body, timestamp, SECRET_KEY)
    return {
      sdk: snap.validateSymmetricSignature(request),
      isTokenGood: Boolean(snap.validateTokenB2B(bearer)),
      isFormulaGood: formula === request.get('x-signature'),
      routePath: String(request.route.path),
    }
  }

  it('accepts the simulator’s token request, and its formula confirms the simulator’s signature', async () => {
    await bind(ALICE, 'alice')
    await simulator.settled()
    expect(simulator.notifications).to.have.lengthOf(1)
    expect(simulator.notifications[0]).to.include({ status: 200, isDelivered: true })
    expect(verdicts[0]).to.include({ isTokenGood: true, isFormulaGood: true })
  })

  it('is wrong to call every genuine notification forged: it signs with its own token, over the route’s path', async () => {
    await bind(ALICE, 'alice')
    await simulator.settled()
    expect(verdicts[0]).to.include({ sdk: false, routePath: '/notify' })
  })

  it('is wrong to take a signature in any case of its letters', () => {
    const body = { latestTransactionStatus: '00' }
    const timestamp = '2026-03-01T12:00:00+07:00'
    const parts = ['POST', '/notify', snap.tokenB2B, body, timestamp, SECRET_KEY] as const
    const headers = new Map([
      ['x-timestamp', timestamp],
      ['x-signature', tokenService.generateSymmetricSignature(...parts).toLowerCase()],
    ])
    const request = { get: (name: string) => headers.get(name), body, route: { path: '/notify' } }
    expect(snap.validateSymmetricSignature(request)).to.equal(true)
    headers.set('x-signature', createHmac('sha512', 'SK-other').update('anything').digest('base64'))
    expect(snap.validateSymmetricSignature(request)).to.equal(false)
  })

  it('is wrong to overwrite its token’s life with the first customer token: it refuses the tokens that it issues then', async () => {
    const alice = await bind(ALICE, 'alice')
    await simulator.settled()
    await snap.getTokenB2B2c(alice)
    time.tick(900_000)
    await simulator.notify({ custIdMerchant: 'alice' })
    expect(verdicts.map(({ isTokenGood }) => isTokenGood)).to.deep.equal([true, false])
  })
})
