import { createRequire } from 'node:module'
import { expect } from 'chai'
import express from 'express'
import { deferred } from '../../support/deferred.ts'
import { alicesPhone, type JsonParser, type Shop, startShop } from '../../support/shop.ts'

/** `npm test` runs this suite on Express 5, and `npm run test:express4` the same on Express 4. */
const underTest = process.env.EXPRESS_UNDER_TEST ?? '5'
const wanted = createRequire(import.meta.url)(underTest === '4' ? 'express4' : 'express')

describe(`the router in Express ${underTest}`, () => {
  it('really runs in that version', () => {
    expect(express.Router).to.equal(wanted.Router)
  })
})

const mounts = ['/', '/api/pay']
const parsers: JsonParser[] = ['after', 'before-keeping-raw-body']
const apis = ['ovo-v1.0', 'core-v1'] as const
const setups = mounts.flatMap((mount) => parsers.flatMap((json) => apis.map((api) => ({ mount, json, api }))))

for (const { mount, json, api } of setups) {
  describe(`Express ${underTest}, mounted at ${mount}, express.json() ${json}, ${api}`, () => {
    let shop: Shop
    before(async () => {
      shop = await startShop({ mount, json, options: { api } })
    })
    after(() => shop.close())

    it('links an OVO account once the customer has agreed', async () => {
      const { status, body } = await shop.request('alice', 'POST', '/bindings', { phoneNo: '0812-0000 0001' })
      expect([status, body.status, body.phoneNo]).to.deep.equal([201, 'pending', '62*******0001'])
      shop.simulator.approveBinding(body.redirectUrl)
      await shop.simulator.settled()
      expect((await shop.request('alice', 'GET', '/bindings')).body.status).to.equal('active')
    })

    it('shows the balance', async () => {
      const { body } = await shop.request('alice', 'GET', '/balance')
      expect(body).to.deep.equal({
        cash: { value: '2000000.00', currency: 'IDR' },
        points: { value: '50000.00', currency: 'IDR' },
      })
    })

    it('pays an order once, and says so whenever asked again', async () => {
      const { status, body } = await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
      expect([status, body.status]).to.deep.equal([201, 'awaiting-customer'])
      expect(body.partnerReferenceNo).to.match(/^[0-9A-Z]{32}$/)
      shop.simulator.approvePayment(body.webRedirectUrl)
      await shop.simulator.settled()
      const paid = await shop.request('alice', 'GET', `/payments/${body.partnerReferenceNo}`)
      expect(paid.body.status).to.equal('paid')
      expect(paid.body).not.to.have.property('webRedirectUrl')
      const again = await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
      expect([again.status, again.body.status]).to.deep.equal([200, 'paid'])
      const charged = shop.simulator.ledger.map(({ amount, phoneNo }) => [amount, phoneNo])
      expect(charged).to.deep.equal([['10000.00', alicesPhone]])
    })

    it('unlinks, and needs a new link then', async () => {
      expect((await shop.request('alice', 'DELETE', '/bindings')).body.status).to.equal('unbound')
      expect((await shop.request('alice', 'GET', '/balance')).body.code).to.equal('BINDING_REQUIRED')
    })

    it('never made a call that DOKU would refuse, and told the host of every step in order', async () => {
      expect(shop.simulator.calls.filter(({ verdict }) => verdict !== 'accepted')).to.deep.equal([])
      const told = shop.events.map((event) => {
        if (event.type === 'bindingChanged') return `binding ${event.binding.status}`
        return event.type === 'paymentChanged' ? `payment ${event.payment.status}` : event.type
      })
      const payment = ['payment awaiting-customer', 'payment paid']
      expect(told).to.deep.equal(['binding pending', 'binding active', ...payment, 'binding unbound'])
      expect(shop.errors).to.deep.equal([])
    })
  })
}

describe(`a notification in Express ${underTest} whose bytes a global express.json() has eaten`, () => {
  it('is answered with 500 at once, and with the fix', async () => {
    const shop = await startShop({ json: 'before' })
    const token = await shop.request('', 'POST', '/webhooks/token', { grantType: 'client_credentials' })
    const notification = await shop.request('', 'POST', '/webhooks/notification', {})
    expect([token.status, token.body.responseCode]).to.deep.equal([500, '5007300'])
    expect([notification.status, notification.body.responseCode]).to.deep.equal([500, '5005600'])
    expect(notification.body.responseMessage).to.contain('keepRawBody').and.have.length.below(151)
    await shop.close()
  })

  it('does not keep customers from paying', async () => {
    const shop = await startShop({ json: 'before' })
    const { status } = await shop.request('alice', 'POST', '/bindings', { phoneNo: '081200000001' })
    expect(status).to.equal(201)
    await shop.close()
  })
})

describe(`a request that the host is still identifying in Express ${underTest} when the router closes`, () => {
  it('is answered with 503, does nothing, and is not the host’s error', async () => {
    const asked = deferred<void>()
    const told = deferred<void>()
    const identify = async () => {
      asked.resolve()
      await told.promise
      return { id: 'alice' }
    }
    const shop = await startShop({ options: { identify, rateLimit: {} } })
    const answering = shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
    await asked.promise
    const closing = shop.ovo.close()
    told.resolve()
    const { status, body, headers } = await answering
    expect([status, body.code, headers.get('cache-control')]).to.deep.equal([503, 'SHUTTING_DOWN', 'no-store'])
    await closing
    expect([shop.errors, shop.simulator.calls]).to.deep.equal([[], []])
    await shop.close()
  })
})
