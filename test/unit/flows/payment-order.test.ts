import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import { type DokuOvo, memoryStorage, type Order, StorageError } from 'express-doku-ovo'
import { orderDigest, recordKeys } from '../../../lib/records/records.ts'
import { type DokuPost, startDokuPost, unbearing } from '../../support/doku-post.ts'
import { idr, refusal, statusReply } from '../../support/fake-doku.ts'
import { clientId } from '../../support/keys.ts'
import { alice, bob, link, rejection, type Scene, spied, startScene } from '../../support/scene.ts'

interface HttpAnswer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  readonly body: any
}

describe('the order belongs to the host', () => {
  let scene: Scene
  let storage: ReturnType<typeof spied>
  let post: DokuPost
  const servers: Server[] = []
  beforeEach(async () => {
    storage = spied(memoryStorage())
    scene = await startScene({ ...unbearing, storage, reconcileEveryMs: false, findOrder: (id) => find(id) })
    post = await startDokuPost(scene.ovo, scene.clock)
    for (const customer of [alice, bob]) await link(scene, customer)
    scene.events.length = 0
    find = (id) => scene.orders.get(id) as Order | undefined
  })
  afterEach(async () => {
    await post.close()
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
    await scene.close()
  })

  let find: (orderId: string) => Order | undefined

  /** The shop's table has numbers for ids, so `'01'` finds the order 1. */
  const compareNumbers = (amount = '10000.00'): void => {
    find = (id) => (Number(id) === 1 ? { orderId: '1', amount } : undefined)
  }

  /** The same before the host told its own id. */
  const compareNumbersSilently = (more: Partial<Order> = {}): void => {
    find = (id) => (Number(id) === 1 ? { amount: '10000.00', ...more } : undefined)
  }

  const serve = async (ovo: DokuOvo): Promise<string> => {
    const app = express().use(ovo)
    app.use((error: Error, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
      res.status(500).json({ message: error.message })
    })
    const server = createServer(app).listen(0, '127.0.0.1')
    servers.push(server)
    await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const click = async (url: string, body: unknown, customer = 'alice'): Promise<HttpAnswer> => {
    const headers = { 'x-customer': customer, 'content-type': 'application/json' }
    const response = await fetch(`${url}/payments`, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: response.status, body: await response.json() }
  }
  const pay = (orderId: string, ovo = scene.ovo) => ovo.service.pay(alice, { orderId })
  const charges = () => scene.doku.of('payment')
  const notify = (reference: string, latestTransactionStatus: string) =>
    post.send({ originalPartnerReferenceNo: reference, latestTransactionStatus, amount: idr('10000.00') })
  const keyOf = (orderId: string) => recordKeys(clientId).order(orderDigest(clientId, orderId))

  describe('its id', () => {
    it('is the host’s, however a customer writes it: one charge, in two processes', async () => {
      compareNumbers()
      const urls = [await serve(scene.ovo), await serve(scene.another())]
      const spellings = ['1', '01', '+1', '001', ' 1 ', '1.0']
      const answers = await Promise.all(
        spellings.map((orderId, index) => click(urls[index % 2] ?? '', { orderId }, index % 3 ? 'alice' : 'bob')),
      )
      expect(charges()).to.have.length(1)
      expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200, 201]))
      const named = answers.map(({ body }) => [body.orderId, body.partnerReferenceNo])
      expect(new Set(named.map(String)).size).to.equal(1)
      expect(named[0]?.[0]).to.equal('1')
    })

    it('may be left out by a host that knows one spelling only', async () => {
      expect((await pay('order-1')).payment.orderId).to.equal('order-1')
    })

    for (const digits of [undefined, '00']) {
      it(`finds the ${digits ? 'paid' : 'live'} attempt that stands under the id that was asked`, async () => {
        compareNumbersSilently()
        const { partnerReferenceNo } = (await pay('01')).payment
        if (digits) await notify(partnerReferenceNo, digits)
        compareNumbers()
        const again = await pay('01', scene.another())
        expect([again.created, again.payment.partnerReferenceNo]).to.deep.equal([false, partnerReferenceNo])
        expect(charges()).to.have.length(1)
      })
    }

    it('finds the paid one first: a live attempt under the host’s id is no answer then', async () => {
      compareNumbersSilently()
      scene.doku.next('payment', refusal('4035414'))
      const { partnerReferenceNo } = (await pay('01')).payment
      compareNumbers()
      scene.doku.next('status', statusReply('06'))
      expect((await pay('01')).created).to.equal(true)
      await notify(partnerReferenceNo, '00')
      const again = await pay('01')
      expect([again.payment.status, again.payment.partnerReferenceNo]).to.deep.equal(['paid', partnerReferenceNo])
    })

    it('has DOKU asked about a failed attempt under the id that was asked; its late success is told', async () => {
      compareNumbersSilently()
      scene.doku.next('payment', refusal('4035414'))
      const { partnerReferenceNo } = (await pay('01')).payment
      compareNumbers()
      scene.doku.next('status', statusReply('03'))
      expect((await rejection(pay('01'))).code).to.equal('ORDER_BUSY')
      scene.doku.next('status', statusReply('00'))
      const again = await pay('01')
      expect([again.created, again.payment.partnerReferenceNo, again.payment.status]).to.deep.equal([
        false,
        partnerReferenceNo,
        'paid',
      ])
      await scene.ovo.service.reconcile()
      const last = scene.events.at(-1)
      expect(last?.type === 'paymentChanged' && last.payment.status).to.equal('paid')
      expect(charges()).to.have.length(1)
    })

    it('asks first about a payment under the id that was asked, which only a notification knows', async () => {
      const lost = await startScene({ storage: memoryStorage() })
      await link(lost)
      lost.orders.set('01', { amount: '10000.00' })
      const { partnerReferenceNo } = (await lost.ovo.service.pay(alice, { orderId: '01' })).payment
      await lost.close()
      await notify(partnerReferenceNo, '00')
      compareNumbers()
      scene.doku.next('status', statusReply('03'))
      expect((await rejection(pay('01'))).code).to.equal('ORDER_BUSY')
      scene.doku.next('status', statusReply('00'))
      const again = await pay('01')
      expect([again.created, again.payment.partnerReferenceNo, again.payment.orderId]).to.deep.equal([
        false,
        partnerReferenceNo,
        '01',
      ])
      expect(charges()).to.deep.equal([])
    })

    it('can be paid although the host’s own reference belongs to the id that was asked', async () => {
      compareNumbersSilently({ partnerReferenceNo: 'shop-1' })
      scene.doku.next('payment', refusal('4035414'))
      expect((await pay('01')).payment.partnerReferenceNo).to.equal('shop-1')
      find = () => ({ orderId: '1', amount: '10000.00', partnerReferenceNo: 'shop-1' })
      scene.doku.next('status', statusReply('06'))
      const next = await pay('01')
      expect([next.created, next.payment.orderId]).to.deep.equal([true, '1'])
      expect(next.payment.partnerReferenceNo).to.match(/^[0-9A-Z]{32}$/)
    })

    it('is compared with the record’s: the record of another order is an error, and nothing is sent', async () => {
      await pay('order-1')
      const stored = await storage.read(keyOf('order-1'))
      const record = stored?.value as { orderId: string }
      scene.orders.set('order-2', { amount: '10000.00' })
      await storage.insert(keyOf('order-2'), { ...record })
      const error = await rejection(pay('order-2'))
      expect(error).to.be.instanceOf(StorageError)
      expect(error.message).to.include(keyOf('order-2'))
      await storage.insert(keyOf('order-3'), { ...record, digest: orderDigest(clientId, 'order-3') })
      scene.orders.set('order-3', { amount: '10000.00' })
      expect(await rejection(pay('order-3'))).to.be.instanceOf(StorageError)
      expect(charges()).to.have.length(1)
    })

    for (const orderId of ['1\ud83d', '\ude00']) {
      it(`is no text with half of a character: ${JSON.stringify(orderId)}`, async () => {
        find = () => ({ amount: '10000.00' })
        const { status, body } = await click(await serve(scene.ovo), { orderId })
        expect([status, body.code, body.field]).to.deep.equal([400, 'INVALID_FIELD', 'orderId'])
        find = () => ({ orderId, amount: '10000.00' })
        expect((await rejection(pay('1'))).message).to.include('findOrder().orderId: no half of a character')
        expect(charges()).to.deep.equal([])
      })
    }

    it('is kept as the host writes it, blanks included', async () => {
      find = () => ({ orderId: '1    ', amount: '10000.00' })
      expect((await pay('1')).payment.orderId).to.equal('1    ')
    })
  })

  describe('its amount', () => {
    it('is what it costs now: a cart that grew is not settled by the page that was opened before', async () => {
      const urls = [await serve(scene.ovo), await serve(scene.another())]
      const first = await click(urls[0] ?? '', { orderId: 'order-1' })
      expect(first.status).to.equal(201)
      scene.orders.set('order-1', { amount: '25000000.00' })
      for (const url of urls) {
        const { status, body } = await click(url, { orderId: 'order-1' }, 'bob')
        expect([status, body.code, body.status]).to.deep.equal([409, 'ORDER_CHANGED', 409])
        expect(body.attempt).to.deep.equal({
          status: 'awaiting-customer',
          amount: { value: '10000.00', currency: 'IDR' },
          releasableAt: new Date(Date.parse(first.body.createdAt) + 30 * 60_000).toISOString(),
        })
        expect(body).not.to.have.property('webRedirectUrl')
      }
      expect(charges()).to.have.length(1)
    })

    it('is not paid by an earlier, smaller payment, and nothing is charged', async () => {
      const url = await serve(scene.ovo)
      const first = await click(url, { orderId: 'order-1' })
      await notify(first.body.partnerReferenceNo, '00')
      scene.orders.set('order-1', { amount: '25000000.00' })
      const { status, body } = await click(url, { orderId: 'order-1' })
      expect([status, body.code]).to.deep.equal([409, 'ORDER_CHANGED'])
      expect(body.attempt).to.deep.equal({ status: 'paid', amount: { value: '10000.00', currency: 'IDR' } })
      scene.orders.set('order-1', { amount: '10000.00' })
      expect((await click(url, { orderId: 'order-1' })).status).to.equal(200)
      expect(charges()).to.have.length(1)
    })

    it('is charged after the attempt for the old amount was released', async () => {
      const { partnerReferenceNo } = (await pay('order-1')).payment
      scene.orders.set('order-1', { amount: '25000000.00' })
      const error = (await rejection(pay('order-1'))) as Error & { attempt?: { releasableAt?: string } }
      await scene.ovo.service.reconcile()
      scene.clock.passSeconds(120)
      await scene.ovo.service.reconcile()
      scene.clock.now = Date.parse(error.attempt?.releasableAt ?? '')
      const next = await pay('order-1')
      expect([next.created, next.payment.amount.value]).to.deep.equal([true, '25000000.00'])
      expect((await scene.ovo.service.payment(alice, partnerReferenceNo)).failure?.code).to.equal('RELEASED')
    })

    it('names no time for an attempt that only a person releases', async () => {
      const ovo = scene.another({ releaseAfterMs: false })
      await pay('order-1', ovo)
      scene.orders.set('order-1', { amount: '1.00' })
      const error = (await rejection(pay('order-1', ovo))) as Error & { attempt?: object }
      expect(error.attempt).not.to.have.property('releasableAt')
    })
  })

  describe('how it is paid', () => {
    const methods = () => charges().map(({ body }) => body.payOptionDetails[0].payMethod)

    it('is not for the browser to say if the host fixed it', async () => {
      scene.orders.set('order-1', { amount: '10000.00', payMethod: 'CASH' })
      const url = await serve(scene.ovo)
      const { status, body } = await click(url, { orderId: 'order-1', payMethod: 'POINTS' })
      expect([status, body.code, body.field]).to.deep.equal([400, 'INVALID_FIELD', 'payMethod'])
      expect((await click(url, { orderId: 'order-1' })).status).to.equal(201)
      expect(methods()).to.deep.equal(['CASH'])
    })

    it('is chosen by the customer among those that the host lists; the first one is the default', async () => {
      scene.orders.set('order-1', { amount: '10000.00', payMethods: ['POINTS'] })
      scene.orders.set('order-2', { amount: '10000.00', payMethods: ['POINTS', 'CASH'] })
      const refused = scene.ovo.service.pay(alice, { orderId: 'order-1', payMethod: 'CASH' })
      expect((await rejection(refused)).code).to.equal('INVALID_FIELD')
      await pay('order-1')
      await scene.ovo.service.pay(alice, { orderId: 'order-2', payMethod: 'CASH' })
      expect(methods()).to.deep.equal(['POINTS', 'CASH'])
    })

    it('is fixed or listed, not both', async () => {
      scene.orders.set('order-1', { amount: '10000.00', payMethod: 'CASH', payMethods: ['CASH'] })
      expect((await rejection(pay('order-1'))).message).to.include('findOrder().payMethods')
    })
  })

  describe('what the host returns is refused, with its field and the rule, before anything is written', () => {
    const item = { name: 'tea', price: '10000.00', quantity: 1 }
    const wrong: [string, unknown, string][] = [
      [
        'half a cup',
        { lineItems: [{ ...item, quantity: 0.5 }] },
        'lineItems.0.quantity: must be a whole number, not 0.5',
      ],
      ['a negative amount', { amount: '-5000.00' }, 'amount: write rupiah without a sign and with two decimals'],
      [
        'a negative price',
        { lineItems: [{ ...item, price: '-5000.00' }] },
        'lineItems.0.price: write rupiah without a sign',
      ],
      [
        'a name of 33 characters',
        { lineItems: [{ ...item, name: 'x'.repeat(33) }] },
        'lineItems.0.name: at most 32 characters',
      ],
      [
        'a name cut inside an emoji',
        { lineItems: [{ ...item, name: 'kopi \ud83d' }] },
        'lineItems.0.name: no half of a character',
      ],
      ['remarks cut inside an emoji', { remarks: 'kopi \ud83d' }, 'remarks: no half of a character'],
    ]
    for (const [what, fields, message] of wrong) {
      it(what, async () => {
        scene.orders.set('order-1', { amount: '10000.00', ...(fields as object) })
        storage.written.length = 0
        const error = await rejection(pay('order-1'))
        expect(error.code).to.equal('HOST_FUNCTION_INVALID')
        expect(error.message).to.include(`findOrder().${message}`)
        expect(storage.written).to.deep.equal([])
        expect(scene.doku.arrivals).to.deep.equal([])
      })
    }
  })
})
