import { expect } from 'chai'
import { alicesPhone, type JsonParser, type Shop, startShop } from '../support/shop.ts'

const mounts = ['/', '/api/pay']
const parsers: JsonParser[] = ['after', 'before-keeping-raw-body']

for (const mount of mounts) {
  for (const json of parsers) {
    for (const api of ['ovo-v1.0', 'core-v1'] as const) {
      describe(`a customer’s whole way, mounted at ${mount}, express.json() ${json}, ${api}`, () => {
        let shop: Shop
        before(async () => {
          shop = await startShop({ mount, json, options: { api } })
        })
        after(() => shop.close())

        it('links, sees the balance, pays, is notified and unlinks', async () => {
          const binding = await shop.request('alice', 'POST', '/bindings', { phoneNo: '0812-0000 0001' })
          expect(binding.status).to.equal(201)
          expect(binding.body.status).to.equal('pending')
          expect(binding.body.phoneNo).to.equal('62*******0001')
          shop.simulator.approveBinding(binding.body.redirectUrl)
          await shop.simulator.settled()
          expect((await shop.request('alice', 'GET', '/bindings')).body.status).to.equal('active')

          const balance = await shop.request('alice', 'GET', '/balance')
          expect(balance.body).to.deep.equal({
            cash: { value: '2000000.00', currency: 'IDR' },
            points: { value: '50000.00', currency: 'IDR' },
          })

          const payment = await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
          expect(payment.status).to.equal(201)
          expect(payment.body.status).to.equal('awaiting-customer')
          expect(payment.body.partnerReferenceNo).to.match(/^[0-9A-Z]{32}$/)
          shop.simulator.approvePayment(payment.body.webRedirectUrl)
          await shop.simulator.settled()
          const path = `/payments/${payment.body.partnerReferenceNo}`
          const paid = await shop.request('alice', 'GET', path)
          expect(paid.body.status).to.equal('paid')
          expect(paid.body).not.to.have.property('webRedirectUrl')
          expect(shop.simulator.ledger.map(({ amount, phoneNo }) => [amount, phoneNo])).to.deep.equal([
            ['10000.00', alicesPhone],
          ])

          const again = await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
          expect([again.status, again.body.status]).to.deep.equal([200, 'paid'])

          expect((await shop.request('alice', 'DELETE', '/bindings')).body.status).to.equal('unbound')
          expect((await shop.request('alice', 'GET', '/balance')).body.code).to.equal('BINDING_REQUIRED')
          expect(shop.simulator.calls.filter(({ verdict }) => verdict !== 'accepted')).to.deep.equal([])
        })
      })
    }
  }
}
