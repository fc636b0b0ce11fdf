import { expect } from 'chai'
import { memoryStorage, type Order, type PaymentChangedEvent, StorageError } from 'express-doku-ovo'
import { Agent, type Dispatcher } from 'undici'
import { deferred } from '../../support/deferred.ts'
import { answer, faults, idr, refusal, statusReply } from '../../support/fake-doku.ts'
import { alice, bob, hooksBegun, link, rejection, type Scene, spied, startScene } from '../../support/scene.ts'

const order = { orderId: 'order-1' }
const isOrder = (key: string) => key.includes('/order/')

/** Cannot connect for some paths. */
class Unreachable extends Agent {
  unreachable = ' '
  override dispatch(options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (options.path.includes(this.unreachable)) throw new Error('connect ECONNREFUSED')
    return super.dispatch(options, handler)
  }
}

describe('paying an order', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await startScene()
    await link(scene)
  })
  afterEach(() => scene.close())

  const pay = (customer = alice, ovo = scene.ovo) => ovo.service.pay(customer, order)
  const paymentEvents = () =>
    scene.events.filter((event): event is PaymentChangedEvent => event.type === 'paymentChanged')

  describe('what is sent', () => {
    it('always says how the whole amount is paid, and gives no reference longer than 32 characters', async () => {
      scene.orders.set('order-1', {
        amount: '10000.00',
        feeType: 'OUR',
        feeAmount: '1000.00',
        payMethod: 'POINTS',
        lineItems: [{ name: 'tea', price: '10000.00', quantity: 1 }],
        remarks: 'thanks',
      } satisfies Order)
      const { payment } = await pay()
      const [sent] = scene.doku.of('payment')
      expect(sent?.body).to.deep.include({ partnerReferenceNo: payment.partnerReferenceNo, amount: idr('10000.00') })
      expect(sent?.body.feeType).to.equal('OUR')
      expect(sent?.body.payOptionDetails).to.deep.equal([
        { payMethod: 'POINTS', transAmount: idr('10000.00'), feeAmount: idr('1000.00') },
      ])
      expect(sent?.body.additionalInfo).to.deep.include({ remarks: 'thanks' })
      expect(sent?.body.additionalInfo).not.to.have.property('paymentType')
      expect(payment.partnerReferenceNo).to.match(/^[0-9A-Z]{32}$/)
      expect(payment.status).to.equal('awaiting-customer')
    })

    it('lets the customer choose between cash and points, and takes cash when nobody chooses', async () => {
      scene.orders.set('order-2', { amount: '1.00' })
      await pay()
      await scene.ovo.service.pay(alice, { orderId: 'order-2', payMethod: 'POINTS' })
      const methods = scene.doku.of('payment').map(({ body }) => body.payOptionDetails[0].payMethod)
      expect(methods).to.deep.equal(['CASH', 'POINTS'])
    })

    it('is RECURRING on core-v1 when the host says so, and SALE otherwise', async () => {
      const core = scene.another({ api: 'core-v1' })
      scene.orders.set('order-2', { amount: '1.00', paymentType: 'RECURRING' })
      await core.service.pay(alice, { orderId: 'order-2' })
      await core.service.pay(alice, order)
      const types = scene.doku.of('payment').map(({ body }) => body.additionalInfo.paymentType)
      expect(types).to.deep.equal(['RECURRING', 'SALE'])
    })

    it('is never RECURRING on ovo-v1.0, which would charge with a page nobody expects', async () => {
      scene.orders.set('order-1', { amount: '1.00', paymentType: 'RECURRING' })
      const error = await rejection(pay())
      expect(error.code).to.equal('HOST_FUNCTION_INVALID')
      expect(error.message).to.include('paymentType')
      expect(scene.doku.arrivals).to.deep.equal([])
    })

    it('is processing, not paid, when DOKU answers without a page', async () => {
      scene.doku.next('payment', { status: 200, body: { responseCode: '2005400', referenceNo: 'r-1' } })
      const { payment } = await pay()
      expect([payment.status, payment.referenceNo]).to.deep.equal(['processing', 'r-1'])
    })

    it('has a device id that DOKU takes even when the host’s has nothing but symbols', async () => {
      await scene.ovo.service.pay({ ...alice, deviceId: '---' }, order)
      expect(scene.doku.of('payment')[0]?.headers['x-device-id']).to.match(/^[0-9a-f]{32}$/)
    })
  })

  describe('what the host says it costs', () => {
    const wrong: [string, unknown][] = [
      ['amount', { amount: 10_000 }],
      ['amount', { amount: '10000' }],
      ['amount', { amount: '-1.00' }],
      ['amount', { amount: '0.00' }],
      ['amount', { amount: '1e4' }],
      ['amount', {}],
      ['feeAmount', { amount: '1.00', feeAmount: '1' }],
      ['lineItems', { amount: '1.00', lineItems: [{ name: 'tea', price: 1, quantity: 1 }] }],
      ['partnerReferenceNo', { amount: '1.00', partnerReferenceNo: 'x'.repeat(33) }],
      ['total', { amount: '1.00', total: '1.00' }],
    ]
    for (const [field, found] of wrong) {
      it(`is refused, naming ${field}, when it is ${JSON.stringify(found)}`, async () => {
        scene.orders.set('order-1', found)
        const error = await rejection(pay())
        expect(error.code).to.equal('HOST_FUNCTION_INVALID')
        expect(error.message).to.include(`findOrder().${field}`)
        expect(scene.doku.arrivals).to.deep.equal([])
      })
    }

    it('is nothing for an order that it does not know', async () => {
      scene.orders.delete('order-1')
      expect((await rejection(pay())).code).to.equal('ORDER_NOT_FOUND')
    })
  })

  describe('written before sent', () => {
    it('has stored the attempt, with the ids that are sent, before the first byte arrives', async () => {
      const storage = spied(memoryStorage())
      const ovo = (await startSceneWith(storage)).ovo
      let storedAtArrival = ''
      other.doku.next('payment', async (response, { headers, body }) => {
        storedAtArrival = JSON.stringify(await recordOf(storage, body.partnerReferenceNo))
        expect(storedAtArrival).to.include(`"externalId":"${headers['x-external-id']}"`)
        answer(response, other.doku.success('payment'))
      })
      await ovo.service.pay(alice, order)
      expect(storedAtArrival).to.include('"status":"sending"')
    })

    it('is two commits until it is answered: before it is sent, and with what came of it', async () => {
      const storage = spied(memoryStorage())
      const { ovo } = await startSceneWith(storage)
      other.orders.set('order-2', { amount: '1.00' })
      await ovo.service.pay(alice, { orderId: 'order-2' })
      await ovo.service.reconcile()
      storage.written.length = 0
      await ovo.service.pay(alice, order)
      const statuses = storage.written.map(({ value }) => JSON.parse(value).attempts?.[0]?.status)
      expect(statuses).to.deep.equal(['sending', 'awaiting-customer'])
    })

    it('sends nothing any more when the process has stood still for minutes in between', async () => {
      const storage = spied(memoryStorage())
      const { ovo, clock } = await startSceneWith(storage)
      storage.before = (method, key) => {
        if (method === 'insert' && isOrder(key)) clock.passSeconds(301)
        return undefined
      }
      const { payment } = await ovo.service.pay(alice, order)
      expect([payment.status, payment.failure?.code]).to.deep.equal(['failed', 'NOT_SENT'])
      expect(other.doku.of('payment')).to.deep.equal([])
    })

    it('sends nothing before the storage has acknowledged', async () => {
      const storage = spied(memoryStorage())
      const acknowledged = deferred<void>()
      const ovo = (await startSceneWith(storage)).ovo
      const reached = deferred<void>()
      storage.before = (method, key) => {
        if (method !== 'insert' || !isOrder(key)) return undefined
        reached.resolve()
        return acknowledged.promise
      }
      const paying = ovo.service.pay(alice, order)
      await reached.promise
      // One whole exchange with DOKU later nothing has arrived.
      await ovo.service.balance(alice)
      expect(other.doku.of('payment')).to.deep.equal([])
      acknowledged.resolve()
      await paying
      expect(other.doku.of('payment')).to.have.length(1)
    })

    for (const method of ['read', 'insert']) {
      it(`sends nothing when the storage cannot ${method}`, async () => {
        const storage = spied(memoryStorage())
        const ovo = (await startSceneWith(storage)).ovo
        storage.before = (called, key) => {
          if (called === method && isOrder(key)) throw new StorageError('down')
        }
        expect(await rejection(ovo.service.pay(alice, order))).to.be.instanceOf(StorageError)
        expect(other.doku.of('payment')).to.deep.equal([])
      })
    }

    it('shows OVO’s page although the storage fails after sending, and never sends again', async () => {
      const storage = spied(memoryStorage())
      const ovo = (await startSceneWith(storage)).ovo
      storage.before = (called, key) => {
        if (called === 'update' && isOrder(key)) throw new StorageError('down')
      }
      const { payment, created } = await ovo.service.pay(alice, order)
      expect([payment.status, created]).to.deep.equal(['awaiting-customer', true])
      expect(payment.webRedirectUrl).to.match(/\/payment\/\d+$/)
      storage.before = () => undefined
      const again = await ovo.service.pay(alice, order)
      expect(again.created).to.equal(false)
      expect(again.payment.partnerReferenceNo).to.equal(payment.partnerReferenceNo)
      expect(other.doku.of('payment')).to.have.length(1)
    })

    let other: Scene
    afterEach(() => other?.close())
    async function startSceneWith(storage: ReturnType<typeof spied>): Promise<Scene> {
      other = await startScene({ storage })
      await link(other, alice)
      return other
    }
    async function recordOf(storage: ReturnType<typeof spied>, reference: string) {
      const key = storage.written.map((write) => write.key).find((name) => name.includes(reference.slice(0, 20)))
      return storage.read(key ?? '')
    }
  })

  describe('unknown is not failed', () => {
    for (const [name, fault] of Object.entries(faults)) {
      it(`when ${name}: no new reference, not one more request`, async () => {
        // Whoever is told of a fault in time, and who gives up first, has to come to the same.
        const impatient = scene.another({ endpoints: { payment: { deadlineMs: 300 } } })
        scene.doku.next('payment', fault)
        const { payment, created } = await pay(alice, impatient)
        expect([payment.status, created]).to.deep.equal(['unknown', true])
        expect(payment).not.to.have.property('failure')
        scene.clock.passSeconds(3600)
        scene.doku.always.status = refusal('4045501', 'Transaction Not Found')
        const again = await pay()
        expect(again.created).to.equal(false)
        expect(again.payment.partnerReferenceNo).to.equal(payment.partnerReferenceNo)
        expect(again.payment.status).to.equal('unknown')
        expect(scene.doku.of('payment')).to.have.length(1)
      })
    }

    it('takes a 409 that carries the first answer for that answer', async () => {
      const first = { responseCode: '2005400', referenceNo: 'r', webRedirectUrl: 'https://sandbox.doku.com/pay' }
      scene.doku.next('payment', { status: 409, body: first })
      const { payment } = await pay()
      expect([payment.status, payment.webRedirectUrl]).to.deep.equal(['awaiting-customer', first.webRedirectUrl])
    })

    it('asks DOKU a minute later, not before, and believes the answer', async () => {
      scene.doku.next('payment', faults['DOKU answers 504'] ?? refusal('5045400'))
      const { payment } = await pay()
      scene.clock.passSeconds(59)
      await pay()
      expect(scene.doku.of('status')).to.deep.equal([])
      scene.clock.passSeconds(1)
      scene.doku.next('status', statusReply('00', { transAmount: idr('10000.00') }))
      const again = await pay()
      expect(again.payment).to.deep.include({ status: 'paid', partnerReferenceNo: payment.partnerReferenceNo })
      expect(scene.doku.of('status')[0]?.body).to.deep.include({
        originalPartnerReferenceNo: payment.partnerReferenceNo,
        amount: idr('10000.00'),
      })
    })

    it('stays as it is when DOKU answers about another amount or another payment', async () => {
      scene.doku.next('payment', refusal('5045400'))
      const { payment } = await pay()
      const lies = [{ transAmount: idr('10.00') }, { originalPartnerReferenceNo: 'somebody-elses' }]
      for (const lie of lies) {
        scene.clock.passSeconds(900)
        scene.doku.next('status', statusReply('00', lie))
        expect((await scene.ovo.service.payment(alice, payment.partnerReferenceNo)).status).to.equal('unknown')
      }
      expect(scene.logged.filter(({ level }) => level === 'error')).to.have.length(2)
    })
  })

  describe('one live payment per order', () => {
    it('sends one request for 50 clicks at once, in two processes', async () => {
      const second = scene.another()
      const clicks = Array.from({ length: 50 }, (_, index) => pay(alice, index % 2 ? second : scene.ovo))
      const results = await Promise.all(clicks)
      expect(scene.doku.of('payment')).to.have.length(1)
      expect(results.filter(({ created }) => created)).to.have.length(1)
      expect(new Set(results.map(({ payment }) => payment.partnerReferenceNo)).size).to.equal(1)
    })

    it('makes one new attempt for 20 clicks at once after a failure', async () => {
      scene.doku.next('payment', refusal('4035414', 'Insufficient Funds'))
      await pay()
      scene.doku.always.status = refusal('4045501')
      const second = scene.another()
      const results = await Promise.all(Array.from({ length: 20 }, (_, i) => pay(alice, i % 2 ? second : scene.ovo)))
      expect(results.filter(({ created }) => created)).to.have.length(1)
      expect(scene.doku.of('payment')).to.have.length(2)
    })

    it('shows another customer of the order that it is being paid, and nothing more', async () => {
      await link(scene, bob)
      const { payment } = await pay(alice)
      const { payment: seen, created } = await pay(bob)
      expect(created).to.equal(false)
      expect(seen).to.have.all.keys('partnerReferenceNo', 'orderId', 'status', 'amount', 'createdAt', 'updatedAt')
      expect(seen.status).to.equal('awaiting-customer')
      expect((await rejection(scene.ovo.service.payment(bob, payment.partnerReferenceNo))).code).to.equal(
        'PAYMENT_NOT_FOUND',
      )
      expect((await pay(alice)).payment.webRedirectUrl).to.equal(payment.webRedirectUrl)
    })

    it('finds nothing, and asks the storage nothing, for what can be no reference', async () => {
      const storage = spied(memoryStorage())
      const asked: string[] = []
      storage.before = (_method, key) => void asked.push(key)
      const other = await startScene({ storage })
      for (const reference of ['', 'a\u0000b', 'x'.repeat(33), 'a/b']) {
        expect((await rejection(other.ovo.service.payment(alice, reference))).code).to.equal('PAYMENT_NOT_FOUND')
      }
      expect(asked).to.deep.equal([])
      await other.close()
    })
  })

  describe('after a failure', () => {
    beforeEach(() => scene.doku.next('payment', refusal('4035414', 'Insufficient Funds')))

    it('tells why', async () => {
      const { payment } = await pay()
      expect(payment.status).to.equal('failed')
      expect(payment.failure).to.deep.equal({ code: '4035414', message: 'Insufficient Funds' })
      await hooksBegun()
      expect(paymentEvents().map((event) => [event.previousStatus, event.payment.status])).to.deep.equal([
        ['sending', 'failed'],
      ])
    })

    for (const reply of [refusal('4045501'), statusReply('06'), statusReply('07')]) {
      const said = typeof reply === 'function' ? '' : JSON.stringify(reply.body)
      it(`asks once more, and makes a new attempt when DOKU says ${said}`, async () => {
        const first = await pay()
        scene.doku.next('status', reply)
        const second = await pay()
        expect([second.created, second.payment.status]).to.deep.equal([true, 'awaiting-customer'])
        expect(second.payment.partnerReferenceNo).not.to.equal(first.payment.partnerReferenceNo)
        expect(second.payment.partnerReferenceNo).to.have.length(32)
        expect(scene.doku.of('status')).to.have.length(1)
        const ids = scene.doku.of('payment').map(({ headers }) => headers['x-external-id'])
        expect(new Set(ids).size).to.equal(2)
      })
    }

    it('makes no new attempt when DOKU says that it is paid after all', async () => {
      const first = await pay()
      scene.doku.next('status', statusReply('00', { transAmount: idr('10000.00'), originalReferenceNo: 'r-9' }))
      const second = await pay()
      expect(second.created).to.equal(false)
      expect(second.payment).to.deep.include({
        partnerReferenceNo: first.payment.partnerReferenceNo,
        status: 'paid',
        referenceNo: 'r-9',
      })
      expect(second.payment).not.to.have.property('failure')
      expect(scene.doku.of('payment')).to.have.length(1)
    })

    for (const digits of ['01', '02', '03']) {
      it(`waits when DOKU still works on it (${digits})`, async () => {
        await pay()
        scene.doku.next('status', statusReply(digits))
        expect((await rejection(pay())).code).to.equal('ORDER_BUSY')
        expect(scene.doku.of('payment')).to.have.length(1)
      })
    }

    for (const [why, reply] of [
      ['is still at work', statusReply('03')],
      ['is down', refusal('5005500')],
    ] as const) {
      it(`shuts nobody out who clicks thirty times while DOKU ${why}: ten minutes later it is asked again`, async () => {
        await pay()
        scene.doku.always.status = reply
        for (let click = 0; click < 30; click++) {
          expect((await rejection(pay())).code).to.be.oneOf(['ORDER_BUSY', 'DOKU_UNAVAILABLE'])
        }
        expect(scene.doku.of('status')).to.have.length(6)
        scene.doku.always.status = statusReply('06')
        scene.clock.passSeconds(600)
        expect((await pay()).created).to.equal(true)
      })
    }

    for (const fault of ['DOKU answers 500', 'the connection is cut', 'DOKU answers HTML']) {
      it(`sends nothing when ${fault} instead of a status`, async () => {
        await pay()
        scene.doku.next('status', faults[fault] ?? refusal('5005500'))
        expect((await rejection(pay())).code).to.equal('DOKU_UNAVAILABLE')
        expect(scene.doku.of('payment')).to.have.length(1)
      })
    }

    it('keeps the reason that DOKU gives when it is asked', async () => {
      scene.doku.replies.payment = [refusal('5045400')]
      const { payment } = await pay()
      scene.clock.passSeconds(61)
      scene.doku.next('status', statusReply('05', { transactionStatusDesc: 'Canceled' }))
      const after = await scene.ovo.service.payment(alice, payment.partnerReferenceNo)
      expect(after).to.deep.include({ status: 'cancelled', failure: { code: '05', message: 'Canceled' } })
    })

    it('stops after 99 attempts', async () => {
      scene.doku.always.payment = refusal('4035414')
      scene.doku.always.status = refusal('4045501')
      for (let attempt = 1; attempt <= 99; attempt++) {
        // A week later the failure before is dead. So many questions at once would be too many.
        scene.clock.passSeconds(8 * 86_400)
        expect((await pay()).created).to.equal(true)
      }
      expect((await rejection(pay())).code).to.equal('ORDER_BUSY')
      const references = scene.doku.of('payment').map(({ body }) => body.partnerReferenceNo)
      expect(new Set(references).size).to.equal(99)
    })
  })

  describe('when DOKU cannot be reached', () => {
    it('has failed and was not sent, when it was written down already', async () => {
      const dispatcher = new Unreachable()
      const down = await startScene({ dispatcher })
      await link(down)
      dispatcher.unreachable = 'payment-host-to-host'
      const { payment } = await down.ovo.service.pay(alice, order)
      expect([payment.status, payment.failure?.code]).to.deep.equal(['failed', 'NOT_SENT'])
      expect(down.doku.of('payment')).to.deep.equal([])
      await down.close()
      await dispatcher.close()
    })

    it('writes nothing down when not even a token can be had', async () => {
      const storage = spied(memoryStorage())
      const dispatcher = new Unreachable()
      const down = await startScene({ storage, dispatcher })
      await down.ovo.service.bind(alice, { phoneNo: '081200000001' })
      dispatcher.unreachable = 'b2b2c'
      expect((await rejection(down.ovo.service.pay(alice, order))).code).to.equal('DOKU_UNAVAILABLE')
      expect(storage.written.filter(({ key }) => isOrder(key))).to.deep.equal([])
      await down.close()
      await dispatcher.close()
    })

    it('needs a linked account', async () => {
      expect((await rejection(pay(bob))).code).to.equal('BINDING_REQUIRED')
      expect(scene.doku.arrivals).to.deep.equal([])
    })
  })

  describe('when DOKU refuses a token', () => {
    it('fetches one access token, and sends once more with another X-EXTERNAL-ID', async () => {
      for (const code of ['4015401', '4015403']) {
        scene.doku.arrivals.length = 0
        scene.orders.set(code, { amount: '1.00' })
        scene.doku.next('payment', refusal(code))
        const { payment } = await scene.ovo.service.pay(alice, { orderId: code })
        expect(payment.status).to.equal('awaiting-customer')
        const [first, second, ...more] = scene.doku.of('payment')
        expect(more).to.deep.equal([])
        expect(first?.body).to.deep.equal(second?.body)
        expect(first?.headers['x-external-id']).not.to.equal(second?.headers['x-external-id'])
        expect(first?.headers.authorization).not.to.equal(second?.headers.authorization)
        expect(scene.doku.of('accessToken')).to.have.length(1)
      }
    })

    it('has failed when the second access token is refused as well', async () => {
      scene.doku.always.payment = refusal('4015401')
      const { payment } = await pay()
      expect([payment.status, payment.failure?.code]).to.deep.equal(['failed', '4015401'])
      expect(scene.doku.of('payment')).to.have.length(2)
    })

    it('exchanges the authCode once, and sends once more', async () => {
      scene.doku.next('payment', refusal('4015402', 'Invalid Customer Token'))
      const { payment } = await pay()
      expect(payment.status).to.equal('awaiting-customer')
      expect(scene.doku.of('customerToken')).to.have.length(1)
      const tokens = scene.doku.of('payment').map(({ headers }) => headers['authorization-customer'])
      expect(new Set(tokens).size).to.equal(2)
    })

    it('has failed when that is refused too: the account is unlinked, and the host is told', async () => {
      scene.doku.always.payment = refusal('4015402', 'Invalid Customer Token')
      const { payment } = await pay()
      expect([payment.status, payment.failure?.code]).to.deep.equal(['failed', '4015402'])
      expect(scene.doku.of('payment')).to.have.length(3)
      expect((await scene.ovo.service.binding(alice)).status).to.equal('unlinked')
      await hooksBegun()
      const told = scene.events.filter(({ type }) => type === 'bindingChanged').at(-1)
      expect(told).to.deep.include({ customerId: 'alice', previousStatus: 'active' })
    })

    it('is unknown, not failed, when the second request is the one that gets lost', async () => {
      scene.doku.next('payment', refusal('4015402'), faults['the connection is cut'] ?? refusal('5005400'))
      expect((await pay()).payment.status).to.equal('unknown')
      expect((await scene.ovo.service.binding(alice)).status).to.equal('active')
    })
  })

  describe('with a reference that the host chose', () => {
    const failing = () => {
      scene.doku.always.payment = refusal('4035414')
      scene.doku.always.status = refusal('4045501')
    }

    it('uses it for the first attempt, and a suffix for later ones, and finds them all', async () => {
      failing()
      scene.orders.set('order-1', { amount: '1.00', partnerReferenceNo: 'INV-1' })
      for (const reference of ['INV-1', 'INV-1-02', 'INV-1-03']) {
        const { payment } = await pay()
        expect(payment.partnerReferenceNo).to.equal(reference)
        expect((await scene.ovo.service.payment(alice, reference)).partnerReferenceNo).to.equal(reference)
      }
    })

    it('makes one of its own where there is no room for a suffix', async () => {
      failing()
      scene.orders.set('order-1', { amount: '1.00', partnerReferenceNo: 'I'.repeat(30) })
      await pay()
      const { payment } = await pay()
      expect(payment.partnerReferenceNo).to.match(/^[0-9A-HJKMNP-TV-Z]{32}$/)
      expect((await scene.ovo.service.payment(alice, payment.partnerReferenceNo)).orderId).to.equal('order-1')
    })

    it('never gives two attempts of an order one reference, whatever the host chooses', async () => {
      failing()
      scene.orders.set('order-1', { amount: '1.00', partnerReferenceNo: 'INV-02' })
      await pay()
      scene.orders.set('order-1', { amount: '1.00', partnerReferenceNo: 'INV' })
      expect((await pay()).payment.partnerReferenceNo).to.match(/^[0-9A-HJKMNP-TV-Z]{32}$/)
    })

    it('sends nothing when it belongs to another order already', async () => {
      scene.orders.set('order-1', { amount: '1.00', partnerReferenceNo: 'INV-1' })
      scene.orders.set('order-2', { amount: '1.00', partnerReferenceNo: 'INV-1' })
      await pay()
      const error = await rejection(scene.ovo.service.pay(alice, { orderId: 'order-2' }))
      expect(error.code).to.equal('HOST_FUNCTION_INVALID')
      expect(error.message).to.include('INV-1 belongs to another order')
      expect(scene.doku.of('payment')).to.have.length(1)
    })

    it('takes one of its own when the suffix is what another order has', async () => {
      failing()
      scene.orders.set('order-1', { amount: '1.00', partnerReferenceNo: 'INV-1' })
      scene.orders.set('order-2', { amount: '1.00', partnerReferenceNo: 'INV-1-02' })
      await pay()
      await scene.ovo.service.pay(alice, { orderId: 'order-2' })
      const { payment } = await pay()
      expect(payment.partnerReferenceNo).to.match(/^[0-9A-HJKMNP-TV-Z]{32}$/)
      expect((await scene.ovo.service.payment(alice, payment.partnerReferenceNo)).orderId).to.equal('order-1')
    })

    it('lets one of two orders have it when both ask at once', async () => {
      scene.orders.set('order-1', { amount: '1.00', partnerReferenceNo: 'INV-1' })
      scene.orders.set('order-2', { amount: '1.00', partnerReferenceNo: 'INV-1' })
      const both = await Promise.allSettled([pay(), scene.another().service.pay(alice, { orderId: 'order-2' })])
      expect(both.map(({ status }) => status).sort()).to.deep.equal(['fulfilled', 'rejected'])
      expect(scene.doku.of('payment')).to.have.length(1)
    })
  })
})
