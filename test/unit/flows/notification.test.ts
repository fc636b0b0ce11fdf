import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import {
  type BindingChangedEvent,
  type Json,
  memoryStorage,
  type PaymentChangedEvent,
  type PaymentStatus,
  StorageError,
  type WebhookMessage,
} from 'express-doku-ovo'
import fc from 'fast-check'
import { deferred } from '../../support/deferred.ts'
import { type DokuPost, startDokuPost, unbearing } from '../../support/doku-post.ts'
import { answer, idr, refusal, statusReply } from '../../support/fake-doku.ts'
import { alice, hooksBegun, link, type Scene, spied, startScene } from '../../support/scene.ts'

const acknowledged = { responseCode: '2005600', responseMessage: 'Request has been processed successfully' }
const bindingAcknowledged = { responseCode: '2000700', responseMessage: 'Successful' }
const order = { orderId: 'order-1' }

describe('a notification of DOKU', () => {
  let storage: ReturnType<typeof spied>
  let scene: Scene
  let post: DokuPost
  beforeEach(async () => {
    storage = spied(memoryStorage({ clock: () => scene.clock.now }))
    scene = await startScene({ ...unbearing, storage })
    post = await startDokuPost(scene.ovo, scene.clock)
    await link(scene)
  })
  afterEach(async () => {
    await post.close()
    await scene.close()
  })

  const pay = async (orderId = 'order-1') => (await scene.ovo.service.pay(alice, { orderId })).payment
  const find = (reference: string) => scene.ovo.service.payment(alice, reference)
  const about = (reference: string, latestTransactionStatus: string, more: Record<string, Json> = {}) => ({
    originalPartnerReferenceNo: reference,
    latestTransactionStatus,
    amount: idr('10000.00'),
    ...more,
  })
  const moves = () =>
    scene.events
      .filter((event): event is PaymentChangedEvent => event.type === 'paymentChanged')
      .map((event) => [event.previousStatus, event.payment.status])

  describe('about a payment', () => {
    const meanings: [string, PaymentStatus][] = [
      ['00', 'paid'],
      ['01', 'awaiting-customer'],
      ['02', 'awaiting-customer'],
      ['03', 'awaiting-customer'],
      ['04', 'refunded'],
      ['05', 'cancelled'],
      ['06', 'failed'],
      ['07', 'awaiting-customer'],
    ]
    for (const [digits, status] of meanings) {
      it(`with ${digits} leaves a payment that awaits the customer ${status}`, async () => {
        const { partnerReferenceNo } = await pay()
        const reply = await post.send(about(partnerReferenceNo, digits, { transactionStatusDesc: 'As DOKU says' }))
        expect(reply).to.deep.equal({ status: 200, body: acknowledged })
        const payment = await find(partnerReferenceNo)
        expect(payment.status).to.equal(status)
        const failure =
          status === 'failed' || status === 'cancelled' ? { code: digits, message: 'As DOKU says' } : undefined
        expect(payment.failure).to.deep.equal(failure)
      })
    }

    it('keeps DOKU’s reference, also when the notification has none', async () => {
      const one = await pay()
      await post.send(about(one.partnerReferenceNo, '00', { originalReferenceNo: 'r-1' }))
      expect((await find(one.partnerReferenceNo)).referenceNo).to.equal('r-1')
      scene.orders.set('order-2', { amount: '10000.00' })
      const two = await pay('order-2')
      await post.send(about(two.partnerReferenceNo, '00', { originalReferenceNo: 5 }))
      expect((await find(two.partnerReferenceNo)).referenceNo).to.equal(two.referenceNo)
    })

    it('tells the host of each step once, however often and in whatever order the news come', async () => {
      const news = fc
        .array(fc.constantFrom('00', '01', '03', '05', '06', '07'), { minLength: 1, maxLength: 4 })
        .chain((some) => fc.shuffledSubarray([...some, ...some], { minLength: some.length * 2 }))
      let orders = 0
      await fc.assert(
        fc.asyncProperty(news, async (digits) => {
          const orderId = `permuted-${++orders}`
          scene.orders.set(orderId, { amount: '10000.00' })
          scene.events.length = 0
          const { partnerReferenceNo } = await pay(orderId)
          for (const latest of digits) expect((await post.send(about(partnerReferenceNo, latest))).status).to.equal(200)
          const best = digits.includes('00')
            ? 'paid'
            : digits.includes('05')
              ? 'cancelled'
              : digits.includes('06')
                ? 'failed'
                : 'awaiting-customer'
          expect((await find(partnerReferenceNo)).status).to.equal(best)
          const told = moves()
          expect(new Set(told.map(String)).size).to.equal(told.length)
          expect(told.at(-1)?.[1]).to.equal(best)
        }),
        { numRuns: 40 },
      )
    })

    it('is one change when ten come at once', async () => {
      const { partnerReferenceNo } = await pay()
      const replies = await Promise.all(Array.from({ length: 10 }, () => post.send(about(partnerReferenceNo, '00'))))
      expect(new Set(replies.map(({ status }) => status))).to.deep.equal(new Set([200]))
      expect(moves()).to.deep.equal([
        ['sending', 'awaiting-customer'],
        ['awaiting-customer', 'paid'],
      ])
    })

    it('is not lost when another one is stored at the same moment', async () => {
      const { partnerReferenceNo } = await pay()
      await hooksBegun()
      storage.before = async (method) => {
        if (method !== 'update') return
        storage.before = () => undefined
        await post.send(about(partnerReferenceNo, '06'))
      }
      expect((await post.send(about(partnerReferenceNo, '00'))).status).to.equal(200)
      expect((await find(partnerReferenceNo)).status).to.equal('paid')
      await hooksBegun()
      expect(moves().slice(1)).to.deep.equal([
        ['awaiting-customer', 'failed'],
        ['failed', 'paid'],
      ])
    })

    it('counts when it comes before DOKU’s own answer to the payment', async () => {
      scene.doku.next('payment', async (response, { body }) => {
        await post.send(about(body.partnerReferenceNo, '00', { originalReferenceNo: 'r-1' }))
        answer(response, scene.doku.success('payment'))
      })
      const payment = await pay()
      expect(payment).to.include({ status: 'paid', referenceNo: 'r-1' })
      expect(payment).not.to.have.property('webRedirectUrl')
      expect(moves()).to.deep.equal([['sending', 'paid']])
    })

    it('is not undone by an answer that says failed', async () => {
      scene.doku.next('payment', async (response, { body }) => {
        await post.send(about(body.partnerReferenceNo, '00'))
        answer(response, refusal('4035414'))
      })
      expect((await pay()).status).to.equal('paid')
    })

    it('overrules a failure, and keeps the order from being paid again', async () => {
      scene.doku.next('payment', refusal('4035414'))
      const { partnerReferenceNo } = await pay()
      await post.send(about(partnerReferenceNo, '00'))
      const again = await scene.ovo.service.pay(alice, order)
      expect(again).to.deep.include({ created: false })
      expect(again.payment).to.include({ status: 'paid', partnerReferenceNo })
    })

    it('tells the host when a second attempt of one order is paid, once', async () => {
      scene.doku.next('payment', refusal('4035414'))
      const first = await pay()
      scene.doku.next('status', refusal('4045501'))
      const second = await pay()
      for (const { partnerReferenceNo } of [first, second]) {
        for (let times = 0; times < 2; times++) await post.send(about(partnerReferenceNo, '00'))
      }
      await post.send(about(second.partnerReferenceNo, '04'))
      const told = scene.events.filter(({ type }) => type === 'orderPaidTwice')
      expect(told).to.have.length(1)
      expect(told[0]).to.deep.include({ orderId: 'order-1' })
    })

    it('with an unknown reference is acknowledged and told to the host; one that is not paid changes nothing', async () => {
      const before = storage.written.length
      for (const status of ['06', '00']) {
        for (const reference of ['INV-9', '0'.repeat(32), 'x'.repeat(2000), 'a b']) {
          if (status === '00')
            expect(await post.send(about(reference, status)), reference).to.have.property('status', 200)
          const reply = await post.send(about(reference, status))
          expect(reply).to.deep.equal({ status: 200, body: acknowledged })
          const told = scene.events.filter((event) => event.type === 'notificationUnmatched').at(-1)
          expect(told).to.include({ subject: 'payment', reference })
        }
        if (status === '06') expect(storage.written).to.have.length(before)
      }
    })

    it('that calls an unknown reference paid is stored with its event, and told once however often it comes', async () => {
      for (const reference of ['INV-9', '0'.repeat(32)]) {
        scene.events.length = 0
        for (let times = 0; times < 3; times++) await post.send(about(reference, '00'))
        await scene.ovo.service.reconcile()
        const told = scene.events.filter((event) => event.type === 'notificationUnmatched')
        expect(told, reference).to.have.length(1)
        const [first] = storage.written.filter(({ value }) => value.includes(`"reference":"${reference}"`))
        expect(first?.value, reference).to.include('"notificationUnmatched"')
      }
    })

    it('with another amount is refused with 4045613, and changes nothing', async () => {
      const { partnerReferenceNo } = await pay()
      for (const [digits, value] of [
        ['00', '10000.01'],
        ['06', '10000.01'],
        ['00', '0.00'],
      ] as const) {
        const reply = await post.send(about(partnerReferenceNo, digits, { amount: idr(value) }))
        expect([reply.status, reply.body.responseCode]).to.deep.equal([404, '4045613'])
      }
      expect((await find(partnerReferenceNo)).status).to.equal('awaiting-customer')
      expect(scene.events.at(-1)).to.include({ type: 'notificationRejected', responseCode: '4045613' })
    })

    const ill: [string, string, Record<string, Json | undefined>][] = [
      ['4005602', 'originalPartnerReferenceNo', { originalPartnerReferenceNo: undefined }],
      ['4005602', 'originalPartnerReferenceNo', { originalPartnerReferenceNo: '' }],
      ['4005601', 'originalPartnerReferenceNo', { originalPartnerReferenceNo: ['INV-1'] }],
      ['4005601', 'originalPartnerReferenceNo', { originalPartnerReferenceNo: 'x'.repeat(2049) }],
      ['4005602', 'latestTransactionStatus', { latestTransactionStatus: undefined }],
      ['4005601', 'latestTransactionStatus', { latestTransactionStatus: 0 }],
      ['4005601', 'latestTransactionStatus', { latestTransactionStatus: '0' }],
      ['4005601', 'latestTransactionStatus', { latestTransactionStatus: '08' }],
      ['4005602', 'amount', { amount: undefined }],
      ['4005601', 'amount', { amount: '10000.00' }],
      ['4005602', 'amount.value', { amount: { currency: 'IDR' } }],
      ['4005601', 'amount.value', { amount: { value: 10_000, currency: 'IDR' } }],
      ['4005601', 'amount.value', { amount: { value: '1e4', currency: 'IDR' } }],
      ...[
        '10000',
        '10000.005',
        '-10000.00',
        '+10000.00',
        '010000.00',
        '10,000.00',
        '1e400',
        '',
        ' ',
        '9'.repeat(17),
      ].map((value): [string, string, Record<string, Json>] => [
        value === '' ? '4005602' : '4005601',
        'amount.value',
        { amount: { value, currency: 'IDR' } },
      ]),
      ...[null, 0, 10_000.5, true, [], ['10000.00'], {}].map((value): [string, string, Record<string, Json>] => [
        '4005601',
        'amount.value',
        { amount: { value, currency: 'IDR' } },
      ]),
      ['4005601', 'amount', { amount: null }],
      ['4005601', 'amount', { amount: [] }],
      ['4005602', 'amount.currency', { amount: { value: '10000.00' } }],
      ['4005601', 'amount.currency', { amount: { value: '10000.00', currency: ['IDR'] } }],
      ['4005601', 'amount.currency', { amount: { value: '10000.00', currency: 'idr' } }],
      ['4005601', 'amount.currency', { amount: { value: '10000.00', currency: 'USD' } }],
    ]
    for (const [code, field, change] of ill) {
      it(`is refused with ${code} naming ${field}, when it has ${JSON.stringify(change).slice(0, 60)}`, async () => {
        const { partnerReferenceNo } = await pay()
        await scene.ovo.service.reconcile()
        const before = { calls: scene.doku.arrivals.length, writes: storage.written.length }
        const reply = await post.send({ ...about(partnerReferenceNo, '00'), ...change } as Json)
        expect([reply.status, reply.body.responseCode]).to.deep.equal([400, code])
        expect(reply.body.responseMessage).to.match(new RegExp(`${field}$`))
        expect({ calls: scene.doku.arrivals.length, writes: storage.written.length }).to.deep.equal(before)
        expect((await find(partnerReferenceNo)).status).to.equal('awaiting-customer')
      })
    }

    it('needs no amount to say that no money moved', async () => {
      const { partnerReferenceNo } = await pay()
      const { amount: _none, ...body } = about(partnerReferenceNo, '06')
      expect((await post.send(body)).status).to.equal(200)
      expect((await find(partnerReferenceNo)).status).to.equal('failed')
    })

    it('is asked for again while the storage is down', async () => {
      const { partnerReferenceNo } = await pay()
      for (const broken of ['read', 'update']) {
        storage.before = (method) => {
          if (method === broken) throw new StorageError('down')
        }
        const reply = await post.send(about(partnerReferenceNo, '00'))
        expect(reply).to.deep.equal({
          status: 500,
          body: { responseCode: '5005600', responseMessage: 'General Error' },
        })
      }
      storage.before = () => undefined
      expect((await find(partnerReferenceNo)).status).to.equal('awaiting-customer')
      await post.send(about(partnerReferenceNo, '00'))
      expect((await find(partnerReferenceNo)).status).to.equal('paid')
    })

    describe('that was signed too long ago', () => {
      it('changes nothing by itself: DOKU is asked', async () => {
        const { partnerReferenceNo } = await pay()
        scene.doku.next('status', statusReply('03'))
        const reply = await post.send(about(partnerReferenceNo, '00'), 301)
        expect(reply).to.deep.equal({ status: 200, body: acknowledged })
        expect(scene.doku.of('status')).to.have.length(1)
        expect((await find(partnerReferenceNo)).status).to.equal('awaiting-customer')
      })

      it('leads to what DOKU says then', async () => {
        const { partnerReferenceNo } = await pay()
        scene.doku.next('status', statusReply('00', { transAmount: idr('10000.00') }))
        await post.send(about(partnerReferenceNo, '06'), 301)
        expect((await find(partnerReferenceNo)).status).to.equal('paid')
      })

      it('is believed up to five minutes', async () => {
        const { partnerReferenceNo } = await pay()
        await post.send(about(partnerReferenceNo, '00'), 300)
        expect((await find(partnerReferenceNo)).status).to.equal('paid')
        expect(scene.doku.of('status')).to.deep.equal([])
      })

      it('asks nobody when it says nothing new: replays cost DOKU nothing', async () => {
        const { partnerReferenceNo } = await pay()
        await post.send(about(partnerReferenceNo, '00'))
        expect((await post.send(about(partnerReferenceNo, '00'), 3600)).status).to.equal(200)
        expect((await post.send(about(partnerReferenceNo, '06'), 3600)).status).to.equal(200)
        expect(scene.doku.of('status')).to.deep.equal([])
      })

      it('is asked for again when DOKU cannot say: it may be a genuine one that came late', async () => {
        const { partnerReferenceNo } = await pay()
        scene.doku.next('status', refusal('5005500'))
        expect((await post.send(about(partnerReferenceNo, '00'), 1800)).body.responseCode).to.equal('5005600')
        scene.doku.next('status', statusReply('00'))
        expect((await post.send(about(partnerReferenceNo, '00'), 1800)).status).to.equal(200)
        expect((await find(partnerReferenceNo)).status).to.equal('paid')
      })
    })
  })

  describe('about a binding', () => {
    let authCode: string
    beforeEach(async () => {
      await scene.ovo.service.unbind(alice)
      scene.doku.next('binding', (response) => {
        authCode = 'the-auth-code'
        answer(response, {
          status: 200,
          body: { responseCode: '2000700', redirectUrl: 'https://sandbox.doku.com/b', additionalInfo: { authCode } },
        })
      })
      await scene.ovo.service.bind(alice, { phoneNo: '081200000001' })
      scene.doku.arrivals.length = 0
      scene.events.length = 0
    })
    const told = (status: Json, more: Record<string, Json> = {}) => ({
      originalExternalId: '1',
      additionalInfo: { status, custIdMerchant: 'alice', authCode, ...more },
    })
    const status = async () => (await scene.ovo.service.binding(alice)).status
    const steps = () =>
      scene.events
        .filter((event): event is BindingChangedEvent => event.type === 'bindingChanged')
        .map((event) => [event.previousStatus, event.binding.status])

    for (const [word, expected] of [
      ['SUCCESS', 'active'],
      ['FAILED', 'failed'],
      ['PENDING', 'pending'],
    ] as const) {
      it(`with ${word} leaves a pending one ${expected}, however often it comes`, async () => {
        for (let times = 0; times < 3; times++) {
          expect(await post.send(told(word))).to.deep.equal({ status: 200, body: bindingAcknowledged })
        }
        expect(await status()).to.equal(expected)
        expect(steps()).to.deep.equal(expected === 'pending' ? [] : [['pending', expected]])
      })
    }

    it('makes a failed one active when the success comes late, and an active one never fails', async () => {
      for (const word of ['FAILED', 'SUCCESS', 'FAILED', 'PENDING']) await post.send(told(word))
      expect(steps()).to.deep.equal([
        ['pending', 'failed'],
        ['failed', 'active'],
      ])
    })

    it('is one change when ten come at once', async () => {
      await Promise.all(Array.from({ length: 10 }, () => post.send(told('SUCCESS'))))
      expect(steps()).to.deep.equal([['pending', 'active']])
    })

    it('matches nobody with another authCode, or for somebody else', async () => {
      for (const change of [{ authCode: 'another' }, { custIdMerchant: 'bob' }]) {
        expect(await post.send(told('SUCCESS', change))).to.deep.equal({ status: 200, body: bindingAcknowledged })
        expect(scene.events.at(-1)).to.include({ type: 'notificationUnmatched', subject: 'binding' })
      }
      expect(await status()).to.equal('pending')
    })

    it('does not link again what was ended', async () => {
      scene.doku.next('customerToken', refusal('4017400'))
      await scene.ovo.service.unbind(alice)
      await post.send(told('SUCCESS'))
      expect(await status()).to.equal('unbound')
    })

    it('that was signed too long ago is believed only if the authCode can be exchanged', async () => {
      scene.doku.next('customerToken', refusal('4017400'))
      expect((await post.send(told('SUCCESS'), 3600)).status).to.equal(200)
      expect(await status()).to.equal('pending')
      expect((await post.send(told('FAILED'), 3600)).status).to.equal(200)
      expect(await status()).to.equal('pending')
      expect((await post.send(told('SUCCESS'), 3600)).status).to.equal(200)
      expect(await status()).to.equal('active')
    })

    it('is asked for again when DOKU cannot say, or the storage is down', async () => {
      scene.doku.next('customerToken', refusal('5007400'))
      expect((await post.send(told('SUCCESS'), 3600)).body.responseCode).to.equal('5000700')
      storage.before = () => {
        throw new StorageError('down')
      }
      expect((await post.send(told('SUCCESS'))).body.responseCode).to.equal('5000700')
    })

    const ill: [string, string, Record<string, Json>][] = [
      ['4000702', 'additionalInfo.custIdMerchant', { custIdMerchant: '' }],
      ['4000702', 'additionalInfo.authCode', { authCode: '' }],
      ['4000701', 'additionalInfo.authCode', { authCode: 1 }],
      ['4000702', 'additionalInfo.status', { status: '' }],
      ['4000701', 'additionalInfo.status', { status: 'success' }],
    ]
    for (const [code, field, change] of ill) {
      it(`is refused with ${code} naming ${field}, when it has ${JSON.stringify(change)}`, async () => {
        const reply = await post.send(told('SUCCESS', change))
        expect([reply.status, reply.body.responseCode]).to.deep.equal([400, code])
        expect(reply.body.responseMessage).to.include(field)
        expect(await status()).to.equal('pending')
      })
    }
  })

  describe('is not needed when the browser comes back, because DOKU is asked', () => {
    const returnUrl = () => String(scene.doku.of('payment')[0]?.body.additionalInfo.successPaymentUrl)

    it('about a live payment, at once', async () => {
      const { partnerReferenceNo } = await pay()
      scene.doku.next('status', statusReply('00', { transAmount: idr('10000.00') }))
      await post.browse(returnUrl())
      expect((await find(partnerReferenceNo)).status).to.equal('paid')
    })

    it('but not about one that is decided', async () => {
      const { partnerReferenceNo } = await pay()
      await post.send(about(partnerReferenceNo, '00'))
      await post.browse(returnUrl())
      expect(scene.doku.of('status')).to.deep.equal([])
    })

    it('and leaves the payment as it was when DOKU cannot say', async () => {
      const { partnerReferenceNo } = await pay()
      scene.doku.next('status', refusal('5005500'))
      await post.browse(returnUrl())
      expect((await find(partnerReferenceNo)).status).to.equal('awaiting-customer')
    })

    it('and a failed binding leaves alone the one that replaced it meanwhile', async () => {
      await scene.ovo.service.unbind(alice)
      await scene.ovo.service.bind(alice, { phoneNo: '081200000001' })
      const { failedRegistrationUrl } = scene.doku.of('binding')[0]?.body.additionalInfo ?? {}
      scene.doku.next(
        'customerToken',
        async (response) => {
          await scene.another().service.bind(alice, { phoneNo: '081200000002' })
          answer(response, refusal('4017400'))
        },
        refusal('4017400'),
        refusal('4017400'),
      )
      await post.browse(failedRegistrationUrl)
      const binding = await scene.ovo.service.binding(alice)
      expect(binding).to.include({ status: 'pending', phoneNo: '62*******0002' })
      expect(binding.redirectUrl).to.be.a('string')
    })
  })

  describe('and whoever listens to the channel', () => {
    it('hears it with its secrets masked', async () => {
      const heard: WebhookMessage[] = []
      const listen = (message: unknown) => void heard.push(message as WebhookMessage)
      subscribe('express-doku-ovo:webhook', listen)
      const additionalInfo = { status: 'SUCCESS', custIdMerchant: 'bob', authCode: 'a-secret-of-some-length-1234' }
      await post.send({ additionalInfo })
      unsubscribe('express-doku-ovo:webhook', listen)
      expect(heard[0]).to.include({ route: 'notification', httpStatus: 200, path: '/ovo/webhooks/notification' })
      expect(JSON.stringify(heard)).not.to.include('a-secret-of-some-length-1234')
    })
  })

  describe('and the host’s hooks', () => {
    it('are not waited for', async () => {
      const hook = deferred<void>()
      const seen: string[] = []
      const slow = scene.another({
        hooks: {
          paymentChanged: async ({ payment }) => {
            seen.push(`${payment.status} begins`)
            await hook.promise
            seen.push(`${payment.status} ends`)
          },
        },
      })
      const slowPost = await startDokuPost(slow, scene.clock)
      const { payment } = await slow.service.pay(alice, order)
      expect(await slowPost.send(about(payment.partnerReferenceNo, '00'))).to.deep.equal({
        status: 200,
        body: acknowledged,
      })
      expect(seen).to.deep.equal(['awaiting-customer begins'])
      hook.resolve()
      while (seen.length < 4) await new Promise((resolve) => setImmediate(resolve))
      expect(seen).to.deep.equal(['awaiting-customer begins', 'awaiting-customer ends', 'paid begins', 'paid ends'])
      await slowPost.close()
    })

    it('change nothing when they throw', async () => {
      const failing = scene.another({
        hooks: {
          paymentChanged: () => {
            throw new Error('the host has a bug')
          },
        },
      })
      const failingPost = await startDokuPost(failing, scene.clock)
      const { payment } = await failing.service.pay(alice, order)
      expect((await failingPost.send(about(payment.partnerReferenceNo, '00'))).status).to.equal(200)
      expect((await find(payment.partnerReferenceNo)).status).to.equal('paid')
      await failingPost.close()
      expect(scene.logged.filter(({ message }) => message === 'a hook failed')).not.to.deep.equal([])
    })
  })
})
