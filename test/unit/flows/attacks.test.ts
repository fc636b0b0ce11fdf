import { hash } from 'node:crypto'
import { expect } from 'chai'
import { type DokuOvoOptions, type JsonObject, memoryStorage, type Payment } from 'express-doku-ovo'
import { deferred } from '../../support/deferred.ts'
import { type DokuPost, startDokuPost, unbearing } from '../../support/doku-post.ts'
import { answer, idr, refusal, statusReply } from '../../support/fake-doku.ts'
import { alice, bob, hooksBegun, link, rejection, type Scene, startScene } from '../../support/scene.ts'

const minute = 60
const hour = 60 * minute
const day = 24 * hour
const failed = refusal('4035414', 'Insufficient Funds')
const unknown = refusal('4045501')

describe('what an attacker tried', () => {
  let scene: Scene
  let post: DokuPost
  const begin = async (options: Partial<DokuOvoOptions> = {}) => {
    const storage = memoryStorage({ clock: () => scene.clock.now })
    scene = await startScene({ ...unbearing, storage, reconcileEveryMs: false, api: 'core-v1', ...options })
    post = await startDokuPost(scene.ovo, scene.clock)
    await link(scene)
  }
  afterEach(async () => {
    await post.close()
    await scene.close()
  })

  const pay = async (customer = alice, orderId = 'order-1') => scene.ovo.service.pay(customer, { orderId })
  const find = (reference: string) => scene.ovo.service.payment(alice, reference)
  const asked = () => scene.doku.of('status').length
  const charges = () => scene.doku.of('payment').length
  const notify = (reference: string, status: string, more: JsonObject = {}, ageSeconds = 0) => {
    const about = { originalPartnerReferenceNo: reference, latestTransactionStatus: status, amount: idr('10000.00') }
    return post.send({ ...about, ...more }, ageSeconds)
  }
  const wait = async (seconds: number) => {
    scene.clock.passSeconds(seconds)
    await scene.ovo.service.reconcile()
  }
  const choose = (partnerReferenceNo: string) =>
    void scene.orders.set('order-1', { amount: '10000.00', partnerReferenceNo })
  /** An attempt whose payment request came to nothing that anybody knows. */
  const payUnanswered = async () => {
    scene.doku.next('payment', refusal('5005400'))
    return (await pay()).payment
  }
  const release = async ({ partnerReferenceNo }: Payment) => {
    scene.doku.always.status = statusReply('03')
    await scene.ovo.service.release(partnerReferenceNo, { by: 'dewi' })
  }
  /** A reference that this package makes for the same order, as another attempt of a lost record had it. */
  const lostReference = ({ partnerReferenceNo }: Payment) => `${partnerReferenceNo.slice(0, 20)}02ABCDEFGHJK`
  /** The first attempt failed and can be asked about. */
  const payInVain = async () => {
    scene.doku.next('payment', failed)
    scene.doku.always.status = statusReply('06')
    return (await pay()).payment
  }

  describe('a late or repeated notification', () => {
    it('about an attempt that ended blocks the next charge: DOKU is asked, and the doubt remains', async () => {
      await begin()
      const { partnerReferenceNo } = await payUnanswered()
      scene.doku.always.status = unknown
      await wait(31 * minute)
      await wait(12 * hour)
      expect((await find(partnerReferenceNo)).failure?.code).to.equal('NOT_FOUND')
      expect((await notify(partnerReferenceNo, '00', { originalReferenceNo: 'doku-77' }, hour)).status).to.equal(200)
      const before = asked()
      expect((await rejection(pay())).code).to.equal('ORDER_BUSY')
      expect([asked() - before, charges()]).to.deep.equal([1, 1])
    })

    it('about a released attempt blocks the next charge while DOKU still calls the attempt pending', async () => {
      await begin()
      const { payment } = await pay()
      await release(payment)
      await notify(payment.partnerReferenceNo, '00', { originalReferenceNo: 'doku-1' }, hour)
      expect((await rejection(pay())).code).to.equal('ORDER_BUSY')
      expect(charges()).to.equal(1)
    })

    it('that claims a payment makes the plug-in ask DOKU once, however often it comes', async () => {
      await begin({ confirmPaid: 'ask' })
      const { payment } = await pay()
      for (let sent = 0; sent < 20; sent++) await notify(payment.partnerReferenceNo, '00')
      await scene.ovo.close()
      expect(asked()).to.equal(1)
    })
  })

  describe('a payment that only a notification names', () => {
    it('is asked about before anybody is led to the page of a live attempt', async () => {
      await begin()
      const { payment } = await pay()
      const lost = lostReference(payment)
      await notify(lost, '00', { originalReferenceNo: 'doku-2' })
      scene.doku.always.status = statusReply('00', { originalReferenceNo: 'doku-2' })
      const again = await pay()
      expect(again.payment).to.include({ partnerReferenceNo: lost, status: 'paid' })
      expect((await find(payment.partnerReferenceNo)).webRedirectUrl).to.equal(undefined)
    })

    it('is asked about by reconciliation too, so that the host hears of an order that was paid twice', async () => {
      await begin()
      const { payment } = await pay()
      await notify(lostReference(payment), '00', { originalReferenceNo: 'doku-2' })
      await notify(payment.partnerReferenceNo, '00', { originalReferenceNo: 'doku-1' })
      scene.doku.always.status = statusReply('00', { originalReferenceNo: 'doku-2' })
      await wait(2 * minute)
      await hooksBegun()
      expect(scene.events.map(({ type }) => type)).to.include('orderPaidTwice')
    })

    it('is found if its reference is the one that the host chose, with a suffix', async () => {
      await begin()
      choose('shop-1')
      await notify('shop-1-02', '00', { originalReferenceNo: 'doku-2' })
      scene.doku.always.status = statusReply('00', { originalReferenceNo: 'doku-2' })
      expect((await pay()).payment).to.include({ partnerReferenceNo: 'shop-1-02', status: 'paid' })
      expect(charges()).to.equal(0)
    })

    it('is found if its reference leads to an order whose record is lost', async () => {
      await begin()
      choose('shop-1')
      await payInVain()
      const { partnerReferenceNo } = (await pay()).payment
      const kept = await scene.storage.lease(scene.clock.now + 99 * day * 1000, 1, 100)
      await scene.storage.remove(kept.find(({ key }) => key.includes('/order/'))?.key ?? '')
      scene.orders.set('order-1', { amount: '10000.00' }) // the host chooses no reference any more
      const before = charges()
      await notify(partnerReferenceNo, '00', { originalReferenceNo: 'doku-2' })
      scene.doku.always.status = statusReply('00', { originalReferenceNo: 'doku-2' })
      expect((await pay()).payment).to.include({ partnerReferenceNo, status: 'paid' })
      expect(charges()).to.equal(before)
    })

    it('is not found by another order whose reference differs in its last two digits only', async () => {
      await begin()
      await notify('INV-2026-01', '00', { originalReferenceNo: 'doku-1' })
      scene.doku.always.status = statusReply('00', { originalReferenceNo: 'doku-1' })
      choose('INV-2026-02')
      const { created, payment } = await pay()
      expect(created).to.equal(true)
      expect(payment).to.include({ partnerReferenceNo: 'INV-2026-02', status: 'awaiting-customer' })
      scene.orders.set('order-2', { amount: '10000.00', partnerReferenceNo: 'INV-2026-01' })
      expect((await pay(alice, 'order-2')).payment).to.include({ partnerReferenceNo: 'INV-2026-01', status: 'paid' })
    })

    it('is found if another reference has taken its slot', async () => {
      await begin()
      const [first, second] = collidingReferences()
      await notify(first, '00')
      await notify(second, '00')
      choose(second)
      scene.doku.always.status = statusReply('00', { originalReferenceNo: 'doku-1' })
      expect((await pay()).payment).to.include({ partnerReferenceNo: second, status: 'paid' })
      expect(charges()).to.equal(0)
    })

    it('is found if its reference is a hexadecimal UUID of the host, which has the form of ours', async () => {
      await begin()
      choose('550E8400E29B41D4A7160144665544AB')
      await notify('550E8400E29B41D4A7160144665544AB', '00', { originalReferenceNo: 'doku-1' })
      scene.doku.always.status = statusReply('00', { originalReferenceNo: 'doku-1' })
      expect((await pay()).payment.status).to.equal('paid')
      expect(charges()).to.equal(0)
    })

    it('keeps its event: if the host’s hook fails, the parked event can be delivered again', async () => {
      const told: string[] = []
      let isDown = true
      const notificationUnmatched = ({ reference }: { reference: string }) => {
        if (isDown) throw new Error('the host is down')
        told.push(reference)
      }
      await begin({ hooks: { notificationUnmatched }, hookRetriesMs: [] })
      await notify('shop-1', '00')
      await hooksBegun()
      await scene.ovo.service.reconcile()
      const [parked] = await scene.ovo.service.parkedEvents()
      isDown = false
      expect(await scene.ovo.service.redeliver(parked?.id ?? '')).to.equal(true)
      expect(told).to.deep.equal(['shop-1'])
    })
  })

  describe('a refund', () => {
    const refundUnanswered = async (amount: string, refundHistory: readonly JsonObject[]) => {
      await begin()
      const { partnerReferenceNo } = (await pay()).payment
      await notify(partnerReferenceNo, '00', { originalReferenceNo: 'doku-1' })
      scene.doku.next('refund', refusal('5000700'))
      const { refund } = await scene.ovo.service.refund(partnerReferenceNo, { amount, partnerRefundNo: 'R1' })
      expect(refund.status).to.equal('unknown')
      scene.doku.always.status = statusReply('00', { refundHistory: [...refundHistory] })
      const before = asked()
      await wait(2 * minute)
      expect(asked() - before).to.equal(1)
      return (await find(partnerReferenceNo)).refunds?.[0]?.status
    }

    it('stays reserved if entries of its history contradict each other: the one that says most counts', async () => {
      const entries = [
        { partnerRefundNo: 'R1', refundStatus: '06' },
        { partnerRefundNo: 'R1', refundNo: 'doku-r', refundStatus: '00' },
      ]
      expect(await refundUnanswered('10000.00', entries)).to.equal('succeeded')
    })

    it('is not ended by an entry for another amount', async () => {
      const entry = { partnerRefundNo: 'R1', refundAmount: idr('1000.00'), refundStatus: '00' }
      expect(await refundUnanswered('9000.00', [entry])).to.equal('unknown')
    })

    it('cannot be recorded under the number of a failed one; under another number it can', async () => {
      await begin()
      const { partnerReferenceNo } = (await pay()).payment
      await notify(partnerReferenceNo, '00', { originalReferenceNo: 'doku-1' })
      const wanted = { amount: '10000.00', partnerRefundNo: 'R1' }
      scene.doku.next('refund', refusal('4030715'))
      expect((await scene.ovo.service.refund(partnerReferenceNo, wanted)).refund.status).to.equal('failed')
      const record = { ...wanted, by: 'dewi', evidence: 'dashboard' }
      expect(await rejection(scene.ovo.service.recordRefund(partnerReferenceNo, record))).to.include({
        code: 'INVALID_FIELD',
        field: 'partnerRefundNo',
      })
      const other = await scene.ovo.service.recordRefund(partnerReferenceNo, { ...record, partnerRefundNo: 'R2' })
      expect(other.refund.status).to.equal('succeeded')
    })
  })

  describe('a wrong clock', () => {
    it('of DOKU makes no two witnesses of two answers within a second', async () => {
      await begin()
      const { partnerReferenceNo } = await payUnanswered()
      const back = scene.doku.of('payment')[0]?.body.additionalInfo.successPaymentUrl
      scene.doku.always.status = unknown
      scene.clock.passSeconds(31 * minute)
      await post.browse(back)
      scene.clock.passSeconds(1)
      scene.doku.now = () => scene.clock.now + 16 * minute * 1000
      await post.browse(back)
      expect(asked()).to.equal(2)
      expect((await find(partnerReferenceNo)).status).to.equal('unknown')
    })

    it('of DOKU lets no person release an attempt after two answers within a second', async () => {
      await begin()
      const { partnerReferenceNo } = await payUnanswered()
      const releaseNow = () => rejection(scene.ovo.service.release(partnerReferenceNo, { by: 'dewi' }))
      scene.doku.always.status = unknown
      scene.clock.passSeconds(31 * minute)
      expect((await releaseNow()).code).to.equal('PAYMENT_NOT_RELEASABLE')
      scene.clock.passSeconds(1)
      scene.doku.now = () => scene.clock.now + 16 * minute * 1000
      expect((await releaseNow()).code).to.equal('PAYMENT_NOT_RELEASABLE')
    })

    it('of ours locks no order with questions that it noted in the future', async () => {
      await begin()
      await payInVain()
      scene.doku.always.status = statusReply('03')
      scene.clock.passSeconds(6 * day)
      for (let click = 0; click < 7; click++) expect((await rejection(pay())).code).to.equal('ORDER_BUSY')
      scene.clock.passSeconds(-6 * day + hour)
      scene.doku.always.status = statusReply('06')
      expect((await pay()).created).to.equal(true)
    })
  })

  describe('the page of a newer attempt', () => {
    it('is hidden while a notification calls an earlier attempt paid', async () => {
      await begin({ confirmPaid: 'ask' })
      const { partnerReferenceNo } = (await pay()).payment
      await notify(partnerReferenceNo, '06')
      scene.doku.always.status = statusReply('06')
      const newer = (await pay()).payment
      expect(newer.webRedirectUrl).to.be.a('string')
      scene.doku.always.status = statusReply('03')
      await notify(partnerReferenceNo, '00')
      expect((await find(newer.partnerReferenceNo)).webRedirectUrl).to.equal(undefined)
      expect((await pay()).payment.webRedirectUrl).to.equal(undefined)
    })

    it('is not shown if a released attempt was paid while the newer one was sent', async () => {
      await begin()
      const { payment } = await pay()
      await release(payment)
      const arrived = deferred<void>()
      const paid = deferred<void>()
      scene.doku.next('payment', async (response) => {
        arrived.resolve()
        await paid.promise
        answer(response, scene.doku.success('payment'))
      })
      const newer = pay()
      await arrived.promise
      await notify(payment.partnerReferenceNo, '00', { originalReferenceNo: 'doku-1' })
      paid.resolve()
      expect((await newer).payment)
        .to.include({ status: 'awaiting-customer' })
        .and.not.have.property('webRedirectUrl')
    })
  })

  describe('a customer without an account', () => {
    it('cannot use up the questions of an order: DOKU is not asked for that customer', async () => {
      await begin()
      await payInVain()
      for (let click = 0; click < 8; click++) expect((await rejection(pay(bob))).code).to.equal('BINDING_REQUIRED')
      expect(asked()).to.equal(0)
      expect((await pay()).created).to.equal(true)
    })

    it('cannot release an abandoned attempt of somebody else', async () => {
      await begin()
      const { partnerReferenceNo } = (await pay()).payment
      for (let round = 0; round < 4; round++) await wait(9 * minute)
      const seen = await pay(bob)
      expect(seen.created).to.equal(false)
      expect((await find(partnerReferenceNo)).status).to.equal('awaiting-customer')
    })
  })

  it('releases no abandoned attempt while DOKU says that it does not know it', async () => {
    await begin()
    const { partnerReferenceNo } = (await pay()).payment
    for (let round = 0; round < 4; round++) await wait(9 * minute)
    scene.doku.always.status = unknown
    expect((await pay()).created).to.equal(false)
    expect(await find(partnerReferenceNo)).to.include({ status: 'awaiting-customer' })
  })

  it('locks no order whose reference is a hexadecimal UUID: after a refusal it can be charged again', async () => {
    await begin()
    choose('550E8400E29B41D4A7169944665544AB')
    await payInVain()
    expect((await pay()).created).to.equal(true)
  })

  it('reads an answer that repeats a reference as a number, or has an empty amount', async () => {
    await begin()
    choose('100200')
    const page = { referenceNo: 'doku-1', webRedirectUrl: `${scene.doku.url}/payment/1` }
    const echo = (body: JsonObject) => ({ status: 200, body: { responseCode: '2005400', ...page, ...body } })
    scene.doku.next('payment', echo({ partnerReferenceNo: 100_200 }), echo({ amount: { value: '', currency: '' } }))
    expect((await pay()).payment.status).to.equal('awaiting-customer')
    scene.orders.set('order-2', { amount: '10000.00' })
    expect((await pay(alice, 'order-2')).payment.status).to.equal('awaiting-customer')
  })
})

/** Two references of a host whose first slot is the same one. */
function collidingReferences(): [string, string] {
  const seen = new Map<number, string>()
  for (let number = 0; ; number++) {
    const reference = `shop${number}`
    const slot = hash('sha256', reference, 'buffer').readUInt32BE() % 10_000
    const earlier = seen.get(slot)
    if (earlier !== undefined) return [earlier, reference]
    seen.set(slot, reference)
  }
}
