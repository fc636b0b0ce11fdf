import { expect } from 'chai'
import { type RouteName, routeTable } from '../../../lib/routes/table.ts'
import { alicesPhone, bind, type Shop, startShop } from '../../support/shop.ts'

const names = Object.keys(routeTable) as RouteName[]
const withParameters = names.filter((name) => routeTable[name].path.includes(':'))

describe('every answer on a route', () => {
  let shop: Shop
  afterEach(() => shop.close())

  const expectDressed = ({ headers }: { headers: Headers }, what: string) => {
    expect(headers.get('cache-control'), what).to.equal('no-store')
    expect(headers.get('x-content-type-options'), what).to.equal('nosniff')
  }
  const ask = (name: RouteName, fill: string, method = routeTable[name].method.toUpperCase()) =>
    shop.request('alice', method, routeTable[name].path.replace(/:\w+/g, fill), method === 'POST' ? {} : undefined)

  it('forbids keeping and guessing, also when the host’s error handler gives it', async () => {
    const fail = () => {
      throw new Error('the session store is down')
    }
    shop = await startShop({ options: { identify: fail, authorizeRefund: fail, routes: { health: false } } })
    const asking = names.filter((name) => ['customer', 'staff'].includes(routeTable[name].caller))
    for (const name of asking) {
      const answer = await ask(name, 'x')
      expect([answer.status, answer.body], name).to.deep.equal([500, 'the host’s own error page'])
      expectDressed(answer, name)
    }
    expect(shop.errors).to.have.length(asking.length)
  })

  it('forbids it when Express says which methods there are', async () => {
    shop = await startShop()
    for (const name of names) {
      const answer = await ask(name, 'x', 'OPTIONS')
      expect(answer.status, name).to.equal(200)
      expect(answer.headers.get('allow'), name).to.contain(routeTable[name].method.toUpperCase())
      expectDressed(answer, name)
    }
  })

  it('forbids it for HEAD, which has no body', async () => {
    shop = await startShop()
    for (const name of names.filter((one) => routeTable[one].method === 'get')) {
      const answer = await fetch(shop.url + routeTable[name].path.replace(/:\w+/g, 'x'), { method: 'HEAD' })
      expect(await answer.text(), name).to.equal('')
      expectDressed(answer, name)
    }
  })

  it('forbids it for the way on to the host’s page, and for the page of our own', async () => {
    for (const returnUrls of [{}, { binding: 'https://shop.example/account' }]) {
      shop = await startShop({ options: { returnUrls } })
      await bind(shop, 'alice', alicesPhone)
      const sent = shop.simulator.calls.map(({ body }) => JSON.parse(String(body || '{}')))
      const url = sent.find(({ additionalInfo }) => additionalInfo?.successRegistrationUrl).additionalInfo
      const answer = await shop.request('alice', 'GET', url.successRegistrationUrl.slice(shop.url.length))
      expect(answer.status).to.equal('binding' in returnUrls ? 303 : 200)
      expect(answer.headers.get('referrer-policy')).to.equal('no-referrer')
      expectDressed(answer, String(answer.status))
      if ('binding' in returnUrls) return
      await shop.close()
    }
  })

  it('is 400 where the address has a % that stands for no character, and the host hears nothing of it', async () => {
    shop = await startShop()
    for (const name of withParameters) {
      for (const text of ['%', '%2', '%zz', '%E0%A4%A', '%C0%AF', '%ff', 'x%00%']) {
        const answer = await ask(name, text)
        expect([answer.status, answer.body.code], `${name} ${text}`).to.deep.equal([400, 'INVALID_FIELD'])
        expect(JSON.stringify(answer.body), name).not.to.contain(`${text}'`)
        expectDressed(answer, name)
      }
    }
    expect(shop.errors).to.deep.equal([])
  })

  it('leaves a URIError of the host’s own functions to the host', async () => {
    shop = await startShop({ options: { identify: () => ({ id: decodeURIComponent('%') }) } })
    expect((await ask('binding', 'x')).status).to.equal(500)
    expect(shop.errors).to.have.length(1)
  })
})
