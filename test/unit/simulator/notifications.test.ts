import { createHash, createHmac, verify } from 'node:crypto'
import { expect } from 'chai'
import type { SimulatorOptions } from '../../../lib/simulator/index.ts'
import { bindingBody, CORE_V1, OVO_V1, POOR } from './paths.ts'
import { CLIENT_ID, dokuKeys, Scene, SECRET_KEY } from './scene.ts'
import { Shop, type Visit } from './shop.ts'

const fails = (status: number) => ({ status, body: `{"status":${status}}` })

/** The signature that a visit should carry, worked out from what arrived and nothing else. */
function expectedSignature({ url, headers, body }: Visit, secretKey = SECRET_KEY): string {
  const token = headers.authorization?.replace('Bearer ', '')
  const digest = createHash('sha256').update(body).digest('hex')
  const text = `POST:${url}:${token}:${digest}:${headers['x-timestamp']}`
  return createHmac('sha512', secretKey).update(text).digest('base64')
}

describe('the simulator’s notifications', () => {
  let scene: Scene
  let shop: Shop
  let pauses: number[]
  const open = async (options: Partial<SimulatorOptions> = {}) => {
    pauses = []
    const sleep = async (ms: number) => {
      pauses.push(ms)
    }
    scene = await Scene.open({ merchant: shop.urls, sleep, ...options })
  }
  beforeEach(async () => {
    shop = await Shop.open()
    await open()
  })
  afterEach(async () => {
    await scene.simulator.close()
    await shop.close()
  })

  const pay = async (api = CORE_V1, additionalInfo: object = { paymentType: 'SALE' }) => {
    const { customerToken } = await scene.bind(api)
    await scene.simulator.settled()
    const { body } = await scene.pay(api, customerToken, 'INV-1', '10000.00', additionalInfo)
    if (body.webRedirectUrl) scene.simulator.approvePayment(body.webRedirectUrl)
    await scene.simulator.settled()
    return { customerToken, referenceNo: body.referenceNo }
  }
  const lastVisit = (): Visit => {
    const visit = shop.notifications.at(-1)
    if (!visit) throw new Error('nobody has been notified')
    return visit
  }

  it('begin by fetching the merchant’s token, signed with DOKU’s key over the merchant’s own client id', async () => {
    await pay()
    expect(shop.tokenVisits).to.have.lengthOf(1)
    const { headers, body } = shop.tokenVisits[0] ?? lastVisit()
    expect(JSON.parse(body)).to.deep.equal({ grantType: 'client_credentials' })
    expect(headers).to.include({
      'content-type': 'application/json',
      'x-client-key': CLIENT_ID,
      'x-timestamp': '2026-03-01T12:00:00+07:00',
    })
    const signature = Buffer.from(String(headers['x-signature']), 'base64')
    const signed = Buffer.from(`${CLIENT_ID}|${headers['x-timestamp']}`)
    expect(verify('sha256', signed, dokuKeys.publicKey, signature)).to.equal(true)
  })

  it('tell of a payment in the shape that merchants have seen', async () => {
    const { referenceNo, customerToken } = await pay()
    const { headers, body, url } = lastVisit()
    expect(url).to.equal('/ovo/webhooks/notification?shop=1&x=%20')
    expect(JSON.parse(body)).to.deep.equal({
      originalPartnerReferenceNo: 'INV-1',
      originalReferenceNo: referenceNo,
      originalExternalId: scene.simulator.ledger[0]?.externalId,
      latestTransactionStatus: '00',
      transactionStatusDesc: 'Success',
      amount: { value: '10000.00', currency: 'IDR' },
      additionalInfo: {
        acquirerId: 'OVO',
        custIdMerchant: 'alice',
        accountType: 'WALLET',
        channelId: 'EMONEY_OVO_SNAP',
        failedPaymentUrl: 'https://shop.example/not-paid',
        successPaymentUrl: 'https://shop.example/paid?o=1',
        origin: { apiFormat: 'SNAP' },
        paymentType: 'SALE',
      },
    })
    expect(headers).to.include({
      'content-type': 'application/json',
      'x-partner-id': CLIENT_ID,
      'x-timestamp': '2026-03-01T12:00:00+07:00',
      'x-device-id': 'device1',
      authorization: 'Bearer shop-token-1',
      'authorization-customer': `Bearer ${customerToken}`,
    })
    expect(headers['x-external-id']).to.match(/^\d{18}$/)
  })

  it('are signed over path, query, the merchant’s bearer, body and timestamp', async () => {
    await pay()
    expect(lastVisit().headers['x-signature']).to.equal(expectedSignature(lastVisit()))
  })

  it('tell of a binding, finished or declined', async () => {
    const { authCode } = await scene.bind(CORE_V1)
    const bindingCall = scene.simulator.calls.find(({ operation }) => operation === 'binding')
    await scene.simulator.settled()
    expect(JSON.parse(lastVisit().body)).to.deep.equal({
      originalExternalId: bindingCall?.headers['x-external-id'],
      additionalInfo: { status: 'SUCCESS', custIdMerchant: 'alice', authCode },
    })
    expect(lastVisit().headers['x-signature']).to.equal(expectedSignature(lastVisit()))
    const { body } = await scene.merchant.call(CORE_V1.binding, bindingBody(CORE_V1, POOR.phoneNo, 'poor'))
    scene.simulator.declineBinding(body.redirectUrl)
    await scene.simulator.settled()
    expect(JSON.parse(lastVisit().body).additionalInfo).to.include({ status: 'FAILED', custIdMerchant: 'poor' })
  })

  it('say nothing about bindings with sendsBindingNotification: false', async () => {
    await scene.simulator.close()
    await open({ sendsBindingNotification: false })
    await pay()
    expect(shop.notifications).to.have.lengthOf(1)
    expect(lastVisit().body).to.include('originalPartnerReferenceNo')
  })

  it('tell of payments that failed or were canceled', async () => {
    const { customerToken } = await scene.bind(OVO_V1, POOR.phoneNo, 'poor')
    await scene.simulator.settled()
    const poor = await scene.pay(OVO_V1, customerToken, 'INV-1')
    scene.simulator.approvePayment(poor.body.webRedirectUrl)
    await scene.simulator.settled()
    const failed = JSON.parse(lastVisit().body)
    expect(failed).to.include({ latestTransactionStatus: '06', transactionStatusDesc: 'Failed' })
    expect(failed.additionalInfo).not.to.have.property('paymentType')
    const declined = await scene.pay(OVO_V1, customerToken, 'INV-2')
    scene.simulator.declinePayment(declined.body.webRedirectUrl)
    await scene.simulator.settled()
    expect(JSON.parse(lastVisit().body)).to.include({ latestTransactionStatus: '05' })
  })

  it('tell of a RECURRING payment, charged or refused', async () => {
    await pay(CORE_V1, { paymentType: 'RECURRING' })
    expect(JSON.parse(lastVisit().body)).to.include({ latestTransactionStatus: '00' })
    const { customerToken } = await scene.bind(CORE_V1, POOR.phoneNo, 'poor')
    await scene.simulator.settled()
    await scene.pay(CORE_V1, customerToken, 'INV-2', '10000.00', { paymentType: 'RECURRING' })
    await scene.simulator.settled()
    expect(JSON.parse(lastVisit().body)).to.include({ latestTransactionStatus: '06' })
  })

  it('keep the merchant’s token until it expires', async () => {
    shop.expiresIn = '60'
    await pay()
    await scene.simulator.notify('INV-1')
    expect(shop.tokenVisits).to.have.lengthOf(1)
    scene.passSeconds(60)
    await scene.simulator.notify('INV-1')
    expect(shop.tokenVisits).to.have.lengthOf(2)
    expect(lastVisit().headers.authorization).to.equal('Bearer shop-token-2')
  })

  it('come again on DOKU’s schedule until they are acknowledged, under one X-EXTERNAL-ID', async () => {
    shop.plans.push(fails(500), fails(302), fails(200))
    await scene.bind(CORE_V1)
    await scene.simulator.settled()
    expect(pauses).to.deep.equal([1_800_000, 19_800_000])
    expect(scene.simulator.notifications.map(({ status, isDelivered }) => [status, isDelivered])).to.deep.equal([
      [500, false],
      [302, false],
      [200, true],
    ])
    expect(scene.simulator.notifications[0]).to.include({ kind: 'binding', about: 'alice', response: '{"status":500}' })
    expect(new Set(shop.notifications.map(({ headers }) => headers['x-external-id'])).size).to.equal(1)
    for (const visit of shop.notifications) expect(visit.headers['x-signature']).to.equal(expectedSignature(visit))
  })

  it('are given up after three retries', async () => {
    shop.plans.push(fails(500), fails(500), fails(500), fails(500))
    await scene.bind(CORE_V1)
    await scene.simulator.settled()
    expect(pauses).to.deep.equal([1_800_000, 19_800_000, 41_400_000])
    expect(shop.notifications).to.have.lengthOf(4)
  })

  it('fetch a new token when the merchant refuses the one they have', async () => {
    shop.plans.push(fails(401))
    await scene.bind(CORE_V1)
    await scene.simulator.settled()
    const bearers = shop.notifications.map(({ headers }) => headers.authorization)
    expect(bearers).to.deep.equal(['Bearer shop-token-1', 'Bearer shop-token-2'])
  })

  it('come again, too, when the merchant’s token URL fails', async () => {
    shop.tokenPlans.push(fails(500), { status: 200, body: '{}' }, { status: 200, body: 'not JSON' })
    await scene.bind(CORE_V1)
    await scene.simulator.settled()
    const [first, second, third, fourth] = scene.simulator.notifications
    expect(first?.error).to.equal("the merchant's token URL answered 500")
    expect(second?.error).to.equal("the merchant's token URL answered without an accessToken")
    expect(third?.error).to.be.a('string')
    expect(fourth).to.include({ isDelivered: true })
    expect(shop.notifications).to.have.lengthOf(1)
  })

  it('go nowhere without a merchant, and to the new address after setMerchant', async () => {
    await scene.simulator.close()
    scene = await Scene.open()
    await scene.bind(CORE_V1)
    await scene.simulator.settled()
    expect(scene.simulator.notifications).to.be.empty
    const refused = await scene.simulator.notify({ custIdMerchant: 'alice' }).catch((error: Error) => error.message)
    expect(refused).to.equal('the simulator does not know the merchant’s URLs: call setMerchant first')
    scene.simulator.setMerchant(shop.urls)
    expect(await scene.simulator.notify({ custIdMerchant: 'alice' })).to.include({ isDelivered: true })
    expect(JSON.parse(lastVisit().body).additionalInfo).to.include({ status: 'SUCCESS' })
  })

  it('can be sent again by hand, once, with a false body, timestamp, secret or header', async () => {
    await pay()
    shop.plans.push(fails(500))
    const body = { latestTransactionStatus: '06', amount: { value: '1.00', currency: 'IDR' } }
    const timestamp = '2020-01-01T00:00:00+07:00'
    const attempt = await scene.simulator.notify('INV-1', { body, timestamp, secretKey: 'SK-false' })
    expect(attempt).to.include({ status: 500, isDelivered: false })
    expect(pauses).to.be.empty
    expect(JSON.parse(lastVisit().body)).to.deep.include({ ...body, originalPartnerReferenceNo: 'INV-1' })
    expect(lastVisit().headers['x-timestamp']).to.equal(timestamp)
    expect(lastVisit().headers['x-signature']).to.equal(expectedSignature(lastVisit(), 'SK-false'))
    await scene.simulator.notify('INV-1', { headers: { authorization: 'Bearer forged' } })
    expect(lastVisit().headers.authorization).to.equal('Bearer forged')
  })

  it('cannot be about what does not exist', async () => {
    for (const subject of ['INV-none', { custIdMerchant: 'nobody' }]) {
      const refused = await scene.simulator.notify(subject).catch((error: Error) => error.message)
      expect(refused).to.match(/^cannot notify: the simulator knows no /)
    }
  })
})
