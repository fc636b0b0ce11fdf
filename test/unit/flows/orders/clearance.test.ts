import { expect } from 'chai'
import type { DokuOvo, DokuOvoOptions, HookEvent } from 'express-doku-ovo'
import { type DokuPost, startDokuPost, unbearing } from '../../../support/doku-post.ts'
import { answer, idr, refusal, statusReply } from '../../../support/fake-doku.ts'
import { alice, bob, link, rejection, type Scene, startScene } from '../../../support/scene.ts'

const order = { orderId: 'order-1' }
const staff = { by: 'rina@shop.example' }
const unknownAtDoku = refusal('4045501')
const minutes = 60

describe('an order that an attempt stands in the way of', () => {
  let scene: Scene
  let post: DokuPost
  const start = async (options: Partial<DokuOvoOptions> = {}) => {
    scene = await startScene({ ...unbearing, reconcileEveryMs: false, ...options })
    post = await startDokuPost(scene.ovo, scene.clock)
    for (const customer of [alice, bob]) await link(scene, customer)
    scene.events.length = 0
  }
  const stop = async () => {
    await post.close()
    await scene.close()
  }
  const restart = async (options: Partial<DokuOvoOptions>) => {
    await stop()
    await start(options)
  }
  beforeEach(() => start())
  afterEach(stop)

  const pay = (customer = alice, ovo: DokuOvo = scene.ovo) => ovo.service.pay(customer, order)
  const release = (reference: string, ovo = scene.ovo) => ovo.service.release(reference, staff)
  const notify = (reference: string, latestTransactionStatus: string) =>
    post.send({ originalPartnerReferenceNo: reference, latestTransactionStatus, amount: idr('10000.00') })
  const find = (reference: string, customer = alice) => scene.ovo.service.payment(customer, reference)
  const told = async () => {
    await scene.ovo.service.reconcile()
    const isOfOrder = ({ type }: HookEvent) => type === 'paymentChanged' || type === 'orderPaidTwice'
    return scene.events
      .filter(isOfOrder)
      .map((event) => (event.type === 'paymentChanged' ? event.payment.status : event.type))
  }
  const charges = () => scene.doku.of('payment').length

  describe('is freed by a person', () => {
    for (const digits of ['01', '02', '03']) {
      it(`if DOKU says that the attempt still waits (${digits}), and can be paid again`, async () => {
        const { payment } = await pay()
        scene.doku.always.status = statusReply(digits)
        const released = await release(payment.partnerReferenceNo)
        expect([released.status, released.failure?.code, released.orderId]).to.deep.equal([
          'cancelled',
          'RELEASED',
          'order-1',
        ])
        expect(released).not.to.have.property('webRedirectUrl')
        expect(await told()).to.deep.equal(['awaiting-customer', 'cancelled'])
        const next = await pay(bob, scene.another())
        expect([next.created, next.payment.status]).to.deep.equal([true, 'awaiting-customer'])
        expect(next.payment.partnerReferenceNo).not.to.equal(payment.partnerReferenceNo)
      })
    }

    it('if DOKU does not know an attempt that it acknowledged, twice, 15 minutes apart', async () => {
      const { partnerReferenceNo } = (await pay()).payment
      scene.doku.always.status = unknownAtDoku
      for (const passed of [31, 14]) {
        scene.clock.passSeconds(passed * minutes)
        expect((await rejection(release(partnerReferenceNo))).code).to.equal('PAYMENT_NOT_RELEASABLE')
      }
      scene.clock.passSeconds(2 * minutes)
      expect((await release(partnerReferenceNo, scene.another())).failure?.code).to.equal('RELEASED')
    })

    it('also after a refusal, if DOKU is at work on the attempt all the same', async () => {
      scene.doku.next('payment', refusal('4035414'))
      const { payment } = await pay()
      scene.doku.always.status = statusReply('03')
      expect((await rejection(pay())).code).to.equal('ORDER_BUSY')
      expect((await release(payment.partnerReferenceNo)).failure?.code).to.equal('RELEASED')
      expect((await pay()).created).to.equal(true)
    })

    it('from a doubt: a notification called it paid, and DOKU says that it still waits', async () => {
      await restart({ confirmPaid: 'ask' })
      const { partnerReferenceNo } = (await pay()).payment
      scene.doku.always.status = statusReply('03')
      await notify(partnerReferenceNo, '00')
      await scene.clock.passSeconds(60 * minutes)
      expect((await pay(bob)).created).to.equal(false)
      expect((await release(partnerReferenceNo)).status).to.equal('cancelled')
      expect((await pay(bob)).created).to.equal(true)
    })

    it('and the log names the person', async () => {
      await release((await pay()).payment.partnerReferenceNo)
      const line = scene.logged.find(({ message }) => message === 'an attempt was released by a person')
      expect(line?.details.by).to.equal(staff.by)
    })
  })

  describe('is not freed', () => {
    const refused = async (reference: string, code: string, ovo = scene.ovo) => {
      expect((await rejection(release(reference, ovo))).code).to.equal(code)
      expect((await pay(bob)).created).to.equal(false)
      expect(charges()).to.equal(1)
    }

    it('while the attempt is sent: DOKU does not know it yet', async () => {
      const other = scene.another()
      let code: string | undefined
      scene.doku.always.status = unknownAtDoku
      scene.doku.next('payment', async (response, { body }) => {
        code = (await rejection(release(body.partnerReferenceNo, other))).code
        answer(response, scene.doku.success('payment'))
      })
      expect((await pay()).payment.status).to.equal('awaiting-customer')
      expect(code).to.equal('PAYMENT_NOT_RELEASABLE')
    })

    it('while nobody knows what became of the attempt', async () => {
      scene.doku.next('payment', refusal('5045400'))
      const { payment } = await pay()
      expect(payment.status).to.equal('unknown')
      scene.doku.always.status = unknownAtDoku
      await refused(payment.partnerReferenceNo, 'PAYMENT_NOT_RELEASABLE')
    })

    for (const [digits, status] of [
      ['00', 'paid'],
      ['04', 'refunded'],
    ] as const) {
      it(`if the attempt took the money (${digits})`, async () => {
        const { partnerReferenceNo } = (await pay()).payment
        scene.doku.next('status', statusReply(digits))
        await refused(partnerReferenceNo, 'PAYMENT_NOT_RELEASABLE')
        expect((await find(partnerReferenceNo)).status).to.equal(status)
      })
    }

    it('if DOKU does not answer', async () => {
      const { partnerReferenceNo } = (await pay()).payment
      scene.doku.next('status', refusal('5005500'))
      await refused(partnerReferenceNo, 'DOKU_UNAVAILABLE')
    })

    it('if the money is taken between DOKU’s answer and the release', async () => {
      const { partnerReferenceNo } = (await pay()).payment
      scene.doku.next('status', async (response) => {
        await notify(partnerReferenceNo, '00')
        answer(response, statusReply('03'))
      })
      await refused(partnerReferenceNo, 'PAYMENT_NOT_RELEASABLE')
      expect((await find(partnerReferenceNo)).status).to.equal('paid')
    })

    it('if a notification calls it paid between DOKU’s answer and the release', async () => {
      await restart({ confirmPaid: 'ask' })
      const { partnerReferenceNo } = (await pay()).payment
      scene.doku.always.status = statusReply('03')
      scene.doku.next('status', async (response) => {
        await notify(partnerReferenceNo, '00')
        answer(response, statusReply('03'))
      })
      await refused(partnerReferenceNo, 'PAYMENT_NOT_RELEASABLE')
    })

    it('without a person, and for a payment that nobody knows', async () => {
      const { partnerReferenceNo } = (await pay()).payment
      const nobody = scene.ovo.service.release(partnerReferenceNo, { by: ' ' })
      expect((await rejection(nobody)).code).to.equal('INVALID_FIELD')
      expect((await rejection(release('no-such-payment'))).code).to.equal('PAYMENT_NOT_FOUND')
      expect(scene.doku.of('status')).to.deep.equal([])
    })
  })

  describe('and a released attempt that takes the money after all', () => {
    let first: string
    beforeEach(async () => {
      first = (await pay()).payment.partnerReferenceNo
      await release(first)
    })

    it('is paid, hides the page of the newer attempt, and is not paid twice', async () => {
      const second = await pay(bob)
      expect(second.payment.webRedirectUrl).to.be.a('string')
      await notify(first, '00')
      expect((await find(first)).status).to.equal('paid')
      expect(await find(first)).not.to.have.property('failure')
      expect(await find(second.payment.partnerReferenceNo, bob)).not.to.have.property('webRedirectUrl')
      const again = await pay()
      expect([again.created, again.payment.partnerReferenceNo]).to.deep.equal([false, first])
      expect(await told()).not.to.include('orderPaidTwice')
    })

    it('is paid twice if the newer attempt took money too', async () => {
      const second = await pay(bob)
      await notify(second.payment.partnerReferenceNo, '00')
      await notify(first, '00')
      expect((await told()).slice(-2)).to.deep.equal(['paid', 'orderPaidTwice'])
    })

    it('shows nobody the page of the newer attempt, whose answer comes later', async () => {
      scene.doku.next('payment', async (response) => {
        await notify(first, '00')
        answer(response, scene.doku.success('payment'))
      })
      const { payment } = await pay(bob)
      expect(payment.status).to.equal('awaiting-customer')
      expect(payment).not.to.have.property('webRedirectUrl')
    })

    it('is found before the next charge, and by the checks of a week', async () => {
      scene.doku.always.status = statusReply('00')
      const next = await pay(bob, scene.another())
      expect([next.created, next.payment.partnerReferenceNo, next.payment.status]).to.deep.equal([false, first, 'paid'])
      expect(charges()).to.equal(1)
    })

    it('is asked about for a week, as a failed one is', async () => {
      const before = scene.doku.of('status').length
      for (let hour = 0; hour < 8 * 24; hour++) {
        scene.clock.passSeconds(60 * minutes)
        await scene.ovo.service.reconcile()
      }
      expect(scene.doku.of('status').length - before).to.equal(4)
      expect((await find(first)).failure?.code).to.equal('RELEASED')
    })
  })

  describe('whose customer has left', () => {
    const firstWitness = async (reference: string) => {
      scene.clock.passSeconds(2 * minutes)
      await scene.ovo.service.reconcile()
      expect((await find(reference)).status).to.equal('awaiting-customer')
    }

    for (const [who, customer] of [
      ['another', bob],
      ['the same', alice],
    ] as const) {
      it(`is paid with a new attempt by ${who} customer half an hour after the old one was made`, async () => {
        const { partnerReferenceNo } = (await pay()).payment
        await firstWitness(partnerReferenceNo)
        scene.clock.passSeconds(27 * minutes)
        expect((await pay(customer)).created).to.equal(false)
        scene.clock.passSeconds(2 * minutes)
        const other = scene.another()
        const next = await pay(customer, other)
        expect([next.created, next.payment.status]).to.deep.equal([true, 'awaiting-customer'])
        expect((await find(partnerReferenceNo)).failure?.code).to.equal('RELEASED')
        await other.service.reconcile()
        expect(await told()).to.deep.equal(['awaiting-customer', 'cancelled', 'awaiting-customer'])
      })
    }

    it('gets one new attempt, however many click at once, in two processes', async () => {
      await firstWitness((await pay()).payment.partnerReferenceNo)
      scene.clock.passSeconds(30 * minutes)
      const other = scene.another()
      const clicks = Array.from({ length: 10 }, (_, click) =>
        pay(click % 3 ? bob : alice, click % 2 ? other : scene.ovo),
      )
      const results = await Promise.allSettled(clicks)
      const created = results.filter((one) => one.status === 'fulfilled' && one.value.created)
      expect(created).to.have.length(1)
      expect(charges()).to.equal(2)
    })

    it('is not paid again as long as DOKU has said only once that the old attempt waits', async () => {
      await pay()
      scene.clock.passSeconds(31 * minutes)
      expect((await pay(bob)).created).to.equal(false)
      scene.clock.passSeconds(14 * minutes)
      expect((await pay(bob)).created).to.equal(false)
      scene.clock.passSeconds(2 * minutes)
      expect((await pay(bob)).created).to.equal(true)
    })

    for (const [what, reply] of [
      ['does not know the old attempt any more', unknownAtDoku],
      ['does not answer', refusal('5005500')],
    ] as const) {
      it(`is not paid again while DOKU ${what}`, async () => {
        const { partnerReferenceNo } = (await pay()).payment
        await firstWitness(partnerReferenceNo)
        scene.clock.passSeconds(20 * minutes)
        await scene.ovo.service.reconcile()
        scene.clock.passSeconds(10 * minutes)
        scene.doku.always.status = reply
        expect((await pay(bob)).created).to.equal(false)
        expect(charges()).to.equal(1)
      })
    }

    it('is not charged again if the old attempt was paid meanwhile', async () => {
      const { partnerReferenceNo } = (await pay()).payment
      await firstWitness(partnerReferenceNo)
      scene.clock.passSeconds(30 * minutes)
      scene.doku.next('status', statusReply('00'))
      const next = await pay(bob)
      expect([next.created, next.payment.status, charges()]).to.deep.equal([false, 'paid', 1])
    })

    for (const [what, options, more] of [
      ['releaseAfterMs is false', { releaseAfterMs: false }, {}],
      ['the attempt is RECURRING', { api: 'core-v1' }, { paymentType: 'RECURRING' }],
    ] as const) {
      it(`is never freed by a click if ${what}, only by a person`, async () => {
        await restart(options)
        scene.orders.set('order-1', { amount: '10000.00', ...more })
        const { partnerReferenceNo } = (await pay()).payment
        await firstWitness(partnerReferenceNo)
        scene.clock.passSeconds(24 * 60 * minutes)
        expect((await pay(bob)).created).to.equal(false)
        await release(partnerReferenceNo)
        expect((await pay(bob)).created).to.equal(true)
      })
    }

    it('is not freed by a click while a notification calls the old attempt paid', async () => {
      await restart({ confirmPaid: 'ask' })
      const { partnerReferenceNo } = (await pay()).payment
      await firstWitness(partnerReferenceNo)
      scene.clock.passSeconds(30 * minutes)
      await notify(partnerReferenceNo, '00')
      for (const passed of [30, 16, 16]) {
        scene.clock.passSeconds(passed * minutes)
        expect((await pay(bob)).created).to.equal(false)
      }
    })
  })
})
