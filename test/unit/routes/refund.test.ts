import { expect } from 'chai'
import { bind, type Shop, type ShopSetup, startShop } from '../../support/shop.ts'

describe('POST /payments/:partnerReferenceNo/refunds', () => {
  let shop: Shop
  let reference: string
  const begin = async (options: ShopSetup['options'] = {}) => {
    const authorizeRefund = (req: { get(name: string): string | undefined }) => req.get('x-staff') === 'yes'
    shop = await startShop({ options: { api: 'core-v1', authorizeRefund, ...options } })
    await bind(shop, 'alice', '081200000001')
    const { body } = await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
    shop.simulator.approvePayment(body.webRedirectUrl)
    await shop.simulator.settled()
    reference = body.partnerReferenceNo
  }
  afterEach(() => shop.close())
  const refund = (body: unknown = {}, headers: Record<string, string> = { 'x-staff': 'yes' }) =>
    shop.request('', 'POST', `/payments/${reference}/refunds`, body, headers)

  it('gives money back, whole or part, with 201', async () => {
    await begin()
    const part = await refund({ amount: '2500.00', reason: 'one was broken' })
    expect([part.status, part.body.status]).to.deep.equal([201, 'succeeded'])
    expect(part.body.amount).to.deep.equal({ value: '2500.00', currency: 'IDR' })
    expect(part.body.reason).to.equal('one was broken')
    expect((await refund()).body.amount.value).to.equal('7500.00')
    expect(shop.simulator.refunds.map(({ amount }) => amount)).to.deep.equal(['2500.00', '7500.00'])
    const { body } = await shop.request('alice', 'GET', `/payments/${reference}`)
    expect([body.status, body.refunds.length]).to.deep.equal(['refunded', 2])
  })

  it('answers the same refund again with 200', async () => {
    await begin()
    const first = await refund({ partnerRefundNo: 'R-1' })
    const again = await refund({ partnerRefundNo: 'R-1' })
    expect([first.status, again.status]).to.deep.equal([201, 200])
    expect(again.body).to.deep.equal(first.body)
    expect(shop.simulator.refunds).to.have.length(1)
  })

  it('answers 202 while nobody knows what became of it', async () => {
    await begin()
    shop.simulator.faults.next('refund', { kind: 'cut' })
    const { status, body } = await refund()
    expect([status, body.status]).to.deep.equal([202, 'unknown'])
  })

  it('is for staff only: whoever is not, the customer too, gets 403, and nothing is asked or looked up', async () => {
    await begin()
    for (const headers of [{}, { 'x-staff': 'no' }, { 'x-customer': 'alice' }] as Record<string, string>[]) {
      const { status, body } = await refund({ amount: 'nonsense' }, headers)
      expect([status, body.code]).to.deep.equal([403, 'FORBIDDEN'])
    }
    expect(shop.simulator.refunds).to.deep.equal([])
  })

  it('is for nobody when the host gives no authorizeRefund, or one that does not say exactly true', async () => {
    await begin({ authorizeRefund: undefined } as never)
    expect((await refund()).status).to.equal(403)
    await shop.close()
    await begin({ authorizeRefund: (async () => 'yes') as never })
    expect((await refund()).status).to.equal(403)
  })

  it('leaves it to the host’s error handler when authorizeRefund throws or rejects', async () => {
    const thrown = new Error('the session store is down')
    await begin({
      authorizeRefund: (req) => {
        if (req.get('x-staff') === 'throw') throw thrown
        return Promise.reject(thrown)
      },
    })
    for (const staff of ['throw', 'reject']) {
      const { status, body } = await refund({}, { 'x-staff': staff })
      expect([status, body]).to.deep.equal([500, 'the host’s own error page'])
    }
    expect(shop.errors).to.deep.equal([thrown, thrown])
    expect(shop.simulator.refunds).to.deep.equal([])
  })

  it('waits for an authorizeRefund that takes its time', async () => {
    await begin({ authorizeRefund: async () => true })
    expect((await refund()).status).to.equal(201)
  })

  for (const [name, body, field] of [
    ['a number as amount', { amount: 100 }, 'amount'],
    ['an amount without decimals', { amount: '100' }, 'amount'],
    ['nothing as amount', { amount: '0.00' }, 'amount'],
    ['less than nothing', { amount: '-1.00' }, 'amount'],
    ['a number that is too long', { partnerRefundNo: 'x'.repeat(65) }, 'partnerRefundNo'],
    ['a number with a slash', { partnerRefundNo: 'a/b' }, 'partnerRefundNo'],
    ['an empty number', { partnerRefundNo: '' }, 'partnerRefundNo'],
    ['a reason that is too long', { reason: 'x'.repeat(256) }, 'reason'],
    ['a reason with a line break', { reason: 'a\nb' }, 'reason'],
    ['an unknown field', { ammount: '1.00' }, 'ammount'],
    ['more than was paid', { amount: '10000.01' }, 'amount'],
  ] as const) {
    it(`refuses ${name} and names ${field}`, async () => {
      await begin()
      const answer = await refund(body)
      expect(answer.status).to.be.oneOf([400, 409])
      expect(answer.body.field).to.equal(field)
      expect(shop.simulator.refunds).to.deep.equal([])
    })
  }

  for (const [name, body, status] of [
    ['no JSON', '{', 400],
    ['an array', '[]', 400],
    ['nothing', 'null', 400],
  ] as const) {
    it(`refuses ${name}`, async () => {
      await begin()
      expect((await refund(body)).status).to.equal(status)
    })
  }

  it('answers 404 for a payment that is not there, and 409 for one that was not paid', async () => {
    await begin()
    const paid = reference
    reference = 'no-such-payment'
    expect([(await refund()).status, (await refund()).body.code]).to.deep.equal([404, 'PAYMENT_NOT_FOUND'])
    shop.orders.set('order-2', { amount: '5.00' })
    reference = (await shop.request('alice', 'POST', '/payments', { orderId: 'order-2' })).body.partnerReferenceNo
    expect(reference).not.to.equal(paid)
    expect([(await refund()).status, (await refund()).body.code]).to.deep.equal([409, 'PAYMENT_NOT_PAID'])
  })

  it('answers 501 where the api has no refunds', async () => {
    await begin({ api: 'ovo-v1.0' })
    const { status, body } = await refund()
    expect([status, body.code]).to.deep.equal([501, 'REFUND_NOT_SUPPORTED'])
  })
})
