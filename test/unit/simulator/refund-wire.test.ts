import { expect } from 'chai'
import { CORE_V1, OVO_V1 } from './paths.ts'
import { REFUND, RefundScene, refundBody } from './refund-scene.ts'
import { Shop } from './shop.ts'

const channel = CORE_V1.channel
const rupiah = (value: unknown, currency: unknown = 'IDR') => ({ refundAmount: { value, currency } })

describe('the fields of a refund', () => {
  let scene: RefundScene
  before(async () => {
    scene = await RefundScene.open()
  })
  after(() => scene.simulator.close())

  const wrong: readonly [what: string, change: object, code: string, field: string][] = [
    ['no reference', { originalPartnerReferenceNo: undefined }, '4005802', 'originalPartnerReferenceNo'],
    ['a reference of 33', { originalPartnerReferenceNo: 'x'.repeat(33) }, '4005801', 'originalPartnerReferenceNo'],
    ['an external id of 37', { originalExternalId: '1'.repeat(37) }, '4005801', 'originalExternalId'],
    ['no amount', { refundAmount: undefined }, '4005802', 'refundAmount.value'],
    ['an amount that is a number', rupiah(10_000), '4005801', 'refundAmount.value'],
    ['an amount without sen', rupiah('10000'), '4005801', 'refundAmount.value'],
    ['an amount of dollars', rupiah('10000.00', 'USD'), '4005801', 'refundAmount.currency'],
    ['no partnerRefundNo', { partnerRefundNo: undefined }, '4005802', 'partnerRefundNo'],
    ['an empty partnerRefundNo', { partnerRefundNo: '' }, '4005802', 'partnerRefundNo'],
    ['a partnerRefundNo of 65', { partnerRefundNo: 'x'.repeat(65) }, '4005801', 'partnerRefundNo'],
    ['a reason of 256', { reason: 'x'.repeat(256) }, '4005801', 'reason'],
    ['no channel', { additionalInfo: {} }, '4005802', 'additionalInfo.channel'],
    ['another channel', { additionalInfo: { channel: 'EMONEY_DANA_SNAP' } }, '4005801', 'additionalInfo.channel'],
  ]
  for (const [what, change, responseCode, field] of wrong) {
    it(`are refused with ${responseCode} for ${what}`, async () => {
      const { status, body } = await scene.callRefund({ ...refundBody(), ...change })
      const message = responseCode === '4005802' ? 'Invalid Mandatory Field' : 'Invalid Field Format'
      expect(status).to.equal(400)
      expect(body).to.deep.equal({ responseCode, responseMessage: `${message} ${field}` })
    })
  }

  it('are refused for an amount of nothing', async () => {
    await scene.charge('INV-1')
    const { body } = await scene.callRefund({ ...refundBody(), ...rupiah('0.00') })
    expect(body.responseMessage).to.equal('Invalid Field Format refundAmount.value')
  })

  it('are taken at their longest', async () => {
    const longest = 'x'.repeat(32)
    await scene.charge(longest)
    const { status } = await scene.callRefund({
      ...refundBody({ originalPartnerReferenceNo: longest, partnerRefundNo: 'r'.repeat(64), reason: 'x'.repeat(255) }),
      additionalInfo: channel,
    })
    expect(status).to.equal(200)
  })
})

describe('the refund operation', () => {
  let scene: RefundScene
  let shop: Shop
  beforeEach(async () => {
    shop = await Shop.open()
    scene = await RefundScene.open({ merchant: shop.urls, sendsBindingNotification: false })
    await scene.charge('INV-1')
    await scene.simulator.settled()
  })
  afterEach(async () => {
    await scene.simulator.close()
    await shop.close()
  })

  const statusesTold = () => shop.notifications.map(({ body }) => JSON.parse(body).latestTransactionStatus)

  it('does not exist in ovo-v1.0', async () => {
    for (const prefix of ['/direct-debit/merchant/ovo/v1.0', '/direct-debit/ovo/v1.0']) {
      for (const path of [`${prefix}/refund`, `${prefix}/debit/refund`]) {
        const { status, body } = await scene.merchant.call(path, refundBody(), { customerToken: scene.customerToken })
        expect(status).to.equal(404)
        expect(body.responseCode).to.equal('4040002')
      }
    }
  })

  it('refunds a payment of ovo-v1.0, too, once the customer is known in core-v1', async () => {
    const { body } = await scene.pay(OVO_V1, scene.customerToken, 'INV-2')
    scene.simulator.approvePayment(body.webRedirectUrl)
    expect((await scene.refund({ originalPartnerReferenceNo: 'INV-2' })).status).to.equal(200)
  })

  it('tells the merchant 04 when all is back, and nothing of a part', async () => {
    await scene.refund({ partnerRefundNo: 'R-1', value: '4000.00' })
    await scene.simulator.settled()
    expect(statusesTold()).to.deep.equal(['00'])
    await scene.refund({ partnerRefundNo: 'R-2', value: '6000.00' })
    await scene.simulator.settled()
    expect(statusesTold()).to.deep.equal(['00', '04'])
  })

  it('can lose its answer after the money has gone back', async () => {
    const { simulator } = scene
    simulator.faults.next('refund', { kind: 'cut', carriesOut: true })
    expect(await scene.refund().catch((error: Error) => error.message)).to.equal('fetch failed')
    expect(simulator.refunds).to.have.lengthOf(1)
    expect((await scene.statusOf('INV-1')).refundHistory).to.have.lengthOf(1)
    expect((await scene.refund()).status).to.equal(200)
    expect(simulator.refunds).to.have.lengthOf(1)
  })

  it('can be answered Inconsistent Request though the money has gone back', async () => {
    scene.simulator.faults.next('refund', { kind: 'refusal', code: '404xx18', carriesOut: true })
    const { body } = await scene.refund()
    expect(body).to.deep.equal({ responseCode: '4045818', responseMessage: 'Inconsistent Request' })
    expect(scene.simulator.refunds).to.have.lengthOf(1)
  })

  it('is not in a status that lags', async () => {
    scene.passSeconds(60)
    await scene.refund()
    scene.simulator.faults.next('status', [
      { kind: 'lag', ms: 1 },
      { kind: 'lag', ms: 0 },
    ])
    const before = await scene.statusOf('INV-1')
    expect(before).to.include({ latestTransactionStatus: '00' })
    expect(before.refundHistory).to.deep.equal([])
    expect((await scene.statusOf('INV-1')).refundHistory).to.have.lengthOf(1)
  })

  it('tells a listener of each refund', async () => {
    const seen: unknown[] = []
    scene.simulator.observe((event) => event.moment === 'refunded' && seen.push(event.entry))
    await scene.refund()
    expect(seen).to.deep.equal(scene.simulator.refunds)
    expect(scene.simulator.calls.at(-1)).to.include({ operation: 'refund', path: REFUND, code: '2005800' })
  })
})
