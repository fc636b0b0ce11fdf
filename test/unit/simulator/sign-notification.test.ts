import { createHash, createHmac } from 'node:crypto'
import { expect } from 'chai'
import { type NotificationToSign, signNotification } from 'express-doku-ovo/simulator'
import { clientId, dokuKeys, merchantKeys, secretKey } from '../../support/keys.ts'
import { alicesPhone, bind, type Shop, startShop } from '../../support/shop.ts'

describe('signNotification', () => {
  let shop: Shop
  let partnerReferenceNo: string

  before(async () => {
    shop = await startShop({ mount: '/ovo' })
    await bind(shop, 'alice', alicesPhone)
    const { body } = await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
    partnerReferenceNo = body.partnerReferenceNo
  })

  after(() => shop.close())

  const wanted = (more: Partial<NotificationToSign> = {}): NotificationToSign => ({
    clientId,
    secretKey,
    url: `${shop.url}/webhooks/notification`,
    payment: { partnerReferenceNo, amount: '10000.00' },
    accessToken: { tokenUrl: `${shop.url}/webhooks/token`, dokuPrivateKey: dokuKeys.privateKey },
    ...more,
  })

  const send = async ({ url, ...request }: Awaited<ReturnType<typeof signNotification>>) => {
    const answer = await fetch(url, request)
    return [answer.status, JSON.parse(await answer.text()).responseCode]
  }

  it('is refused when a byte is changed, and for another secret or another path', async () => {
    const genuine = await signNotification(wanted())
    expect(await send({ ...genuine, body: genuine.body.replace('10000.00', '10000.01') })).to.deep.equal([
      401,
      '4015600',
    ])
    expect(await send(await signNotification(wanted({ secretKey: 'SK-other' })))).to.deep.equal([401, '4015600'])
    const elsewhere = await signNotification(wanted({ url: `${shop.url}/webhooks/notification?x=1` }))
    expect(await send({ ...elsewhere, url: `${shop.url}/webhooks/notification` })).to.deep.equal([401, '4015600'])
    expect(await send(await signNotification(wanted({ accessToken: null })))).to.deep.equal([401, '4015601'])
    expect(await send(await signNotification(wanted({ accessToken: 'mine' })))).to.deep.equal([401, '4015601'])
  })

  it('moves the payment, with a token that it has fetched as DOKU does', async () => {
    expect(await send(await signNotification(wanted()))).to.deep.equal([200, '2005600'])
    const { body } = await shop.request('alice', 'GET', `/payments/${partnerReferenceNo}`)
    expect(body.status).to.equal('paid')
  })

  it('tells of a binding', async () => {
    const binding = { custIdMerchant: 'nobody', authCode: '1234', status: 'FAILED' } as const
    const { payment: _none, ...rest } = wanted({ binding })
    expect(await send(await signNotification(rest))).to.deep.equal([200, '2000700'])
    expect(shop.events.at(-1)).to.include({ type: 'notificationUnmatched', subject: 'binding', reference: 'nobody' })
  })

  it('signs what the protocol says, and the same every time for the same clock and id', async () => {
    const clock = () => Date.parse('2026-03-01T05:00:00Z')
    const fixed = wanted({ accessToken: 'a-token', clock, externalId: '42', body: { transactionStatusDesc: 'héllo' } })
    const signed = await signNotification(fixed)
    expect(await signNotification(fixed)).to.deep.equal(signed)
    const hash = createHash('sha256').update(signed.body).digest('hex')
    const text = `POST:/ovo/webhooks/notification:a-token:${hash}:2026-03-01T12:00:00+07:00`
    expect(signed.headers).to.deep.equal({
      'content-type': 'application/json',
      'x-timestamp': '2026-03-01T12:00:00+07:00',
      'x-signature': createHmac('sha512', secretKey).update(text).digest('base64'),
      'x-partner-id': clientId,
      'x-external-id': '42',
      authorization: 'Bearer a-token',
    })
    expect(JSON.parse(signed.body)).to.deep.include({ latestTransactionStatus: '00', transactionStatusDesc: 'héllo' })
  })

  it('names everything that is wrong at once', async () => {
    const wrong = { url: '/ovo', payment: { partnerReferenceNo: '', amount: '10000' }, accessToken: { tokenUrl: 'x' } }
    const error = await signNotification(wrong as unknown as NotificationToSign).catch((reason) => reason)
    expect(error).to.be.instanceOf(TypeError)
    for (const field of [
      'clientId',
      'secretKey',
      'url',
      'payment.partnerReferenceNo',
      'payment.amount',
      'accessToken',
    ]) {
      expect(error.message).to.match(new RegExp(`[:;] ${field.replace('.', '\\.')} must be`))
    }
    const { payment: _none, ...neither } = wanted()
    expect((await signNotification(neither).catch((reason) => reason)).message).to.contain(
      'give either payment or binding',
    )
  })

  it('says that the app gives no token to another key', async () => {
    const accessToken = { tokenUrl: `${shop.url}/webhooks/token`, dokuPrivateKey: merchantKeys.privateKey }
    const error = await signNotification(wanted({ accessToken })).catch((reason) => reason)
    expect(error.message).to.contain('answered 401')
  })
})
