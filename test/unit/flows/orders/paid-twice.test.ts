import { expect } from 'chai'
import type { OrderPaidTwiceEvent } from 'express-doku-ovo'
import { alice, dayMs, type MoneyScene, minuteMs, said, startLinkedScene } from '../../../support/money-scene.ts'

describe('an order of which two attempts take money, because DOKU had called the first one failed', () => {
  let scene: MoneyScene
  let first: string
  let second: string
  beforeEach(async () => {
    scene = await startLinkedScene()
    scene.simulator.faults.next('payment', { kind: 'fails-first' })
    const failed = await scene.pay()
    first = failed.partnerReferenceNo
    scene.simulator.approvePayment(failed.webRedirectUrl ?? '')
    await scene.simulator.settled()
    expect((await scene.payment(first)).status).to.equal('failed')
    second = (await scene.paid()).partnerReferenceNo
    expect(second).not.to.equal(first)
    scene.events.length = 0
  })
  afterEach(() => scene.close())

  /** The money of the first attempt moves after all. */
  const succeedLate = async () => {
    scene.simulator.faults.release('payment')
    await scene.simulator.settled()
    await scene.ovo.service.reconcile()
  }

  it('keeps both facts, and tells the host once, after the payment itself', async () => {
    await succeedLate()
    expect(said(scene.events)).to.deep.equal(['payment paid', 'orderPaidTwice'])
    const twice = scene.events[1] as OrderPaidTwiceEvent
    expect([twice.orderId, twice.payments.map((one) => one.partnerReferenceNo)]).to.deep.equal([
      'order-1',
      [first, second],
    ])
    const statuses = [(await scene.payment(first)).status, (await scene.payment(second)).status]
    expect(statuses).to.deep.equal(['paid', 'paid'])
    expect(scene.simulator.ledger).to.have.length(2)
    const { body } = await scene.request('', 'GET', '/health')
    expect(body).to.include({ status: 'ok', paidTwice: 1 })
  })

  it('is told once, however often DOKU says so', async () => {
    scene.simulator.faults.next('notification', { kind: 'duplicated', times: 5 })
    await succeedLate()
    for (const reference of [first, second]) await scene.simulator.notify(reference)
    await scene.reconcileFor(dayMs, 60 * minuteMs)
    expect(said(scene.events)).to.deep.equal(['payment paid', 'orderPaidTwice'])
  })

  it('lets one of the two be refunded; the other stays paid, and the order is paid', async () => {
    await succeedLate()
    expect((await scene.ovo.service.refund(first)).refund.status).to.equal('succeeded')
    expect((await scene.payment(second)).status).to.equal('paid')
    expect((await scene.ovo.service.pay(alice, { orderId: 'order-1' })).created).to.equal(false)
    await scene.ovo.service.reconcile()
    expect(said(scene.events).filter((what) => what === 'orderPaidTwice')).to.have.length(1)
  })
})

describe('an order whose failed attempt has taken the money after all', () => {
  it('is not charged again: DOKU is asked before a new attempt', async () => {
    const scene = await startLinkedScene()
    const { partnerReferenceNo, webRedirectUrl = '' } = await scene.pay()
    await scene.simulator.notify(partnerReferenceNo, { body: { latestTransactionStatus: '06' } })
    expect((await scene.payment(partnerReferenceNo)).status).to.equal('failed')
    scene.simulator.faults.always('notification', { kind: 'lost' })
    scene.simulator.approvePayment(webRedirectUrl)
    const again = await scene.ovo.service.pay(alice, { orderId: 'order-1' })
    expect([again.created, again.payment.partnerReferenceNo, again.payment.status]).to.deep.equal([
      false,
      partnerReferenceNo,
      'paid',
    ])
    await scene.close()
  })

  it('hides the page of the attempt after it, also if DOKU answers with that page a moment later', async () => {
    const scene = await startLinkedScene()
    scene.simulator.faults.next('payment', { kind: 'fails-first' })
    const first = await scene.pay()
    scene.simulator.approvePayment(first.webRedirectUrl ?? '')
    await scene.simulator.settled()
    const payments = () => scene.simulator.arrivals.filter(({ operation }) => operation === 'payment').length
    scene.storage.before = async (method, key) => {
      if (method !== 'update' || !key.includes('/order/') || payments() < 2) return
      scene.storage.before = () => undefined
      scene.simulator.faults.release('payment')
      await scene.simulator.settled()
    }
    const second = await scene.pay()
    expect((await scene.payment(first.partnerReferenceNo)).status).to.equal('paid')
    expect([second.status, second.webRedirectUrl]).to.deep.equal(['awaiting-customer', undefined])
    await scene.close()
  })

  it('waits while DOKU is still at work on it', async () => {
    const scene = await startLinkedScene()
    const { partnerReferenceNo } = await scene.pay()
    await scene.simulator.notify(partnerReferenceNo, { body: { latestTransactionStatus: '06' } })
    const { code } = await scene.pay().then(
      () => ({ code: 'none' }),
      (error) => error,
    )
    expect(code).to.equal('ORDER_BUSY')
    expect(scene.simulator.arrivals.filter(({ operation }) => operation === 'payment')).to.have.length(1)
    await scene.close()
  })

  it('gets one new attempt for forty clicks in two processes, and DOKU is asked about the failed one a few times only', async () => {
    const scene = await startLinkedScene()
    const other = scene.another()
    scene.simulator.faults.next('payment', { kind: 'refusal', code: '403xx14' })
    await scene.pay()
    const clicks = Array.from({ length: 40 }, (_, index) => scene.pay('order-1', index % 2 ? other : scene.ovo))
    const references = new Set((await Promise.all(clicks)).map(({ partnerReferenceNo }) => partnerReferenceNo))
    expect(references.size).to.equal(1)
    const calls = (name: string) => scene.simulator.arrivals.filter(({ operation }) => operation === name)
    expect(calls('payment')).to.have.length(2)
    expect(calls('status')).to.have.length.within(1, 2)
    await scene.close()
  })
})
