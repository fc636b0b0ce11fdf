import { expect } from 'chai'
import type { DokuOvoOptions } from 'express-doku-ovo'
import type { Dialect } from 'express-doku-ovo/simulator'
import { alicesPhone, bind, startShop } from '../../support/shop.ts'
import { CORE_V1 } from './paths.ts'
import { Scene } from './scene.ts'

/** Each: a DOKU that does something in another way, and the options for it, as `probe` writes them. */
const ways: readonly [title: string, dialect: Partial<Dialect>, options: Partial<DokuOvoOptions>][] = [
  ['signs notifications without a token', { notificationSignedWith: 'empty' }, { webhooks: { signedWith: ['empty'] } }],
  [
    'signs notifications with its own token',
    { notificationSignedWith: 'doku-token' },
    { webhooks: { signedWith: ['doku-token'] } },
  ],
  [
    'fetches no token before it notifies',
    { notificationSignedWith: 'empty', notificationBearer: false },
    { webhooks: { signedWith: ['empty'], requireBearer: false } },
  ],
  [
    'takes the customer token without Bearer only',
    { customerToken: 'bare' },
    { endpoints: { payment: { customerTokenAs: 'bare' }, balance: { customerTokenAs: 'bare' } } },
  ],
  ['wants X-DEVICE-ID from everybody', { deviceId: 'required' }, { endpoints: { binding: { deviceRequired: true } } }],
  ['has the current paths only', { generations: ['core-v1'] }, { api: 'core-v1' }],
  ['writes its numbers as text', { expiresIn: 'text', customerTokenExpiry: 'seconds' }, {}],
  ['does not say when a customer token ends', { customerTokenExpiry: 'absent' }, {}],
]

describe('a DOKU', () => {
  for (const [title, dialect, options] of ways) {
    it(`that ${title} gets along with the plug-in, as soon as it is told`, async () => {
      const shop = await startShop({ simulator: { dialect }, options: { api: 'core-v1', ...options } })
      try {
        await bind(shop, 'alice', alicesPhone)
        expect((await shop.request('alice', 'GET', '/balance')).status).to.equal(200)
        const { body } = await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
        shop.simulator.approvePayment(body.webRedirectUrl)
        await shop.simulator.settled()
        expect(shop.simulator.notifications.map(({ status }) => status)).to.deep.equal([200, 200])
        const { body: payment } = await shop.request('alice', 'GET', `/payments/${body.partnerReferenceNo}`)
        expect(payment.status).to.equal('paid')
      } finally {
        await shop.close()
      }
    })
  }

  it('that signs in another way is refused as long as nobody has said so', async () => {
    const shop = await startShop({ simulator: { dialect: { notificationSignedWith: 'empty' } } })
    await bind(shop, 'alice', alicesPhone)
    expect(shop.simulator.notifications.map(({ status }) => status)).to.deep.equal([401])
    await shop.close()
  })

  it('that takes one serviceCode refuses the other, and one that replays nothing says conflict', async () => {
    const scene = await Scene.open({ dialect: { statusServiceCode: '54', duplicates: 'conflict' } })
    const { customerToken } = await scene.bind(CORE_V1)
    await scene.pay(CORE_V1, customerToken, 'INV-1')
    const ask = (serviceCode: string, externalId: string) =>
      scene.merchant.call(
        '/orders/v1.0/debit/status',
        { originalPartnerReferenceNo: 'INV-1', serviceCode },
        { externalId },
      )
    expect((await ask('55', '1')).body.responseCode).to.equal('4005501')
    expect((await ask('54', '2')).body.responseCode).to.equal('2005500')
    const again = await ask('54', '2')
    expect([again.status, again.body.responseCode]).to.deep.equal([409, '4095500'])
    await scene.simulator.close()
  })

  it('that has one generation of paths knows no others', async () => {
    const scene = await Scene.open({ dialect: { generations: ['ovo-v1.0'] } })
    const { status, body } = await scene.merchant.call(CORE_V1.binding, {})
    expect([status, body.responseCode]).to.deep.equal([404, '4040002'])
    await scene.simulator.close()
  })
})
