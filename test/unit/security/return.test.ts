import { expect } from 'chai'
import supertest from 'supertest'
import { alicesPhone, bind, bobsPhone, type Shop, startShop } from '../../support/shop.ts'

/** The addresses that DOKU was told, newest last. */
function returnPaths(shop: Shop, field: string): string[] {
  return shop.simulator.calls.flatMap(({ body }) => {
    const { additionalInfo } = JSON.parse(String(body || '{}')) as { additionalInfo?: Record<string, string> }
    const url = additionalInfo?.[field]
    return url === undefined ? [] : [url.slice(shop.url.length)]
  })
}

describe('an address to come back to, in wrong hands', () => {
  let shop: Shop
  const statusOf = async (customer: string) => (await shop.request(customer, 'GET', '/bindings')).body.status
  const start = async (customer: string, phoneNo: string) =>
    (await shop.request(customer, 'POST', '/bindings', { phoneNo })).body.redirectUrl as string
  const comeBack = (path: string, customer = '') => supertest(shop.url).get(path).set('x-customer', customer)

  beforeEach(async () => {
    shop = await startShop({ simulator: { sendsBindingNotification: false }, options: { sleep: async () => {} } })
  })
  afterEach(() => shop.close())

  it('links nothing when two customers swap theirs', async () => {
    const alicesPage = await start('alice', alicesPhone)
    await start('bob', bobsPhone)
    const [alices = '', bobs = ''] = returnPaths(shop, 'successRegistrationUrl')
    shop.simulator.approveBinding(alicesPage)
    await comeBack(bobs, 'alice').expect(404)
    await comeBack(alices, 'bob').expect(404)
    expect([await statusOf('alice'), await statusOf('bob')]).to.deep.equal(['pending', 'pending'])
    await comeBack(bobs).expect(200)
    expect(await statusOf('bob')).to.equal('pending')
    await comeBack(alices, 'alice').expect(200)
    expect([await statusOf('alice'), await statusOf('bob')]).to.deep.equal(['active', 'pending'])
  })

  it('asks DOKU nothing and looks nothing up when somebody else comes with it', async () => {
    await start('bob', bobsPhone)
    const [bobs = ''] = returnPaths(shop, 'failedRegistrationUrl')
    const calls = shop.simulator.calls.length
    const foreign = await comeBack(bobs, 'alice').expect(404)
    const unknown = await comeBack('/return/binding/nonsense/failed', 'alice').expect(404)
    expect(shop.simulator.calls).to.have.length(calls)
    expect(foreign.text).to.equal(unknown.text)
    expect(await statusOf('bob')).to.equal('pending')
  })

  it('does not let an old tab end a newer binding', async () => {
    await start('alice', alicesPhone)
    const page = await start('alice', bobsPhone)
    const [old = '', current = ''] = returnPaths(shop, 'failedRegistrationUrl')
    const calls = shop.simulator.calls.length
    await comeBack(old, 'alice').expect(200)
    expect(await statusOf('alice')).to.equal('pending')
    expect(shop.simulator.calls).to.have.length(calls)
    shop.simulator.approveBinding(page)
    await comeBack(current, 'alice').expect(200)
    expect(await statusOf('alice')).to.equal('active')
  })

  it('does not open for the other purpose', async () => {
    await bind(shop, 'alice', alicesPhone).catch(() => undefined)
    for (const path of returnPaths(shop, 'successRegistrationUrl')) {
      await comeBack(path.replace('/binding/', '/payment/'), 'alice').expect(404)
    }
  })

  it('shows a payment to nobody who is signed in as somebody else', async () => {
    const page = await start('alice', alicesPhone)
    shop.simulator.approveBinding(page)
    await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
    const [path = ''] = returnPaths(shop, 'successPaymentUrl')
    const calls = shop.simulator.calls.length
    await comeBack(path, 'bob').expect(404)
    expect(shop.simulator.calls).to.have.length(calls)
    await comeBack(path, 'alice').expect(200)
    await comeBack(path).expect(200)
  })

  it('cannot say where the browser goes on to', async () => {
    await start('alice', alicesPhone)
    const [path = ''] = returnPaths(shop, 'successRegistrationUrl')
    const query = '?url=https://evil.example&next=//evil.example&purpose=x&returnUrls[binding]=https://evil.example'
    const answer = await comeBack(path + query).expect(200)
    expect(JSON.stringify(answer.headers) + answer.text).not.to.contain('evil')
  })
})
