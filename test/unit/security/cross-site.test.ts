import { request as httpRequest } from 'node:http'
import { expect } from 'chai'
import { dokuOvo } from 'express-doku-ovo'
import { isBrowserWrite, type RouteName, routeTable } from '../../../lib/routes/table.ts'
import { alicesPhone, type Shop, startShop, testOptions } from '../../support/shop.ts'
import { notJson, partner, senders } from './senders.ts'

const bodies: Partial<Record<RouteName, object>> = {
  bind: { phoneNo: alicesPhone },
  pay: { orderId: 'order-1' },
  refund: {},
}

const names = Object.keys(routeTable) as RouteName[]
const writes = names.filter((name) => isBrowserWrite(routeTable[name]))
const pathOf = (name: RouteName) => routeTable[name].path.replace(/:\w+/g, 'x')

describe('a request that another site made the browser send', () => {
  let shop: Shop
  before(async () => {
    shop = await startShop({ options: { allowedOrigins: [partner], authorizeRefund: () => true, api: 'core-v1' } })
  })
  after(() => shop.close())

  const send = (name: RouteName, headers: Record<string, string>, body: unknown = bodies[name]) => {
    const { origin = '' } = headers
    const sent = origin === 'own' ? { ...headers, origin: new URL(shop.url).origin } : headers
    return shop.request('alice', routeTable[name].method.toUpperCase(), pathOf(name), body, sent)
  }

  it('can concern these routes, and no other', () => {
    expect(writes).to.have.members(['bind', 'unbind', 'pay', 'refund'])
  })

  for (const name of writes) {
    for (const { name: sender, headers, isLetIn } of senders) {
      it(`${name}: ${sender} is ${isLetIn ? 'let in' : 'refused'}`, async () => {
        const before = shop.simulator.calls.length
        const { status, body } = await send(name, headers)
        if (isLetIn) expect(body.code).not.to.equal('CROSS_SITE')
        else expect([status, body.code]).to.deep.equal([403, 'CROSS_SITE'])
        if (!isLetIn) expect(shop.simulator.calls).to.have.length(before)
      })
    }

    for (const type of notJson) {
      it(`${name}: a body of type "${type}" is refused`, async () => {
        const before = shop.simulator.calls.length
        const { status, body } = await send(name, { 'content-type': type }, JSON.stringify(bodies[name] ?? {}))
        expect([status, body.code]).to.deep.equal([415, 'UNSUPPORTED_MEDIA_TYPE'])
        expect(shop.simulator.calls).to.have.length(before)
      })
    }
  }

  for (const name of names.filter((one) => !writes.includes(one))) {
    it(`${name}: is answered wherever it comes from`, async () => {
      const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
      const answer = await shop.request(
        'alice',
        routeTable[name].method.toUpperCase(),
        pathOf(name),
        undefined,
        headers,
      )
      expect(answer.body.code).not.to.equal('CROSS_SITE')
    })
  }

  it('is refused when Origin comes twice, one of them allowed', async () => {
    const { port } = new URL(shop.url)
    const headers = [
      'Host',
      'shop.example',
      'X-Customer',
      'alice',
      'Content-Type',
      'application/json',
      'Origin',
      partner,
      'Origin',
      'https://evil.example',
      'Content-Length',
      '2',
    ]
    const status = await new Promise((resolve, reject) => {
      const req = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/payments', headers: headers as never })
      req.on('response', (res) => resolve(res.resume().statusCode)).on('error', reject)
      req.end('{}')
    })
    expect(status).to.equal(403)
  })

  it('is refused before anybody is asked who it is', async () => {
    const { body } = await shop.request('', 'POST', '/payments', {}, { 'sec-fetch-site': 'cross-site' })
    expect(body.code).to.equal('CROSS_SITE')
  })
})

describe('allowedOrigins', () => {
  for (const wrong of [
    'https://shop.example/',
    'https://shop.example/path',
    'shop.example',
    '*',
    'null',
    'ftp://shop.example',
  ]) {
    it(`cannot be ${wrong}`, () => {
      const options = { ...testOptions('http://127.0.0.1:1', 'https://shop.example/ovo'), allowedOrigins: [wrong] }
      expect(() => dokuOvo(options)).to.throw('allowedOrigins.0: must be an origin')
    })
  }
})
