import { expect } from 'chai'
import type { DokuOvoOptions, LimitedRoute, RateLimitStore } from 'express-doku-ovo'
import { MemoryStore } from 'express-rate-limit'
import { RedisStore } from 'rate-limit-redis'
import { createClient } from 'redis'
import { limitKeyOf } from '../../../lib/routes/middleware/rate-limit.ts'
import { limitedRoutes, routeNames, routeTable } from '../../../lib/routes/table.ts'
import { type LogLine, logTo } from '../../support/scene.ts'
import { isReachable, need, serviceUrls } from '../../support/servers.ts'
import { alicesPhone, bind, type Shop, startShop } from '../../support/shop.ts'

const minute = { windowMs: 60_000 }
const bodyOf = (name: LimitedRoute) =>
  name === 'pay' ? { orderId: 'order-1' } : name === 'bind' ? { phoneNo: '1' } : {}

describe('rate limits', () => {
  let shop: Shop
  let logged: LogLine[]
  const open = async (rateLimit: DokuOvoOptions['rateLimit'], more: Partial<DokuOvoOptions> = {}) => {
    logged = []
    const authorizeRefund: DokuOvoOptions['authorizeRefund'] = (req) => req.get('x-staff') === 'yes'
    const options = { authorizeRefund, logger: logTo(logged), ...more, ...(rateLimit !== undefined && { rateLimit }) }
    shop = await startShop({ options })
  }
  afterEach(() => shop.close())

  const call = (name: LimitedRoute, customer = 'alice', headers: Record<string, string> = {}) => {
    const { method, path } = routeTable[name]
    const body = method === 'post' ? bodyOf(name) : undefined
    return shop.request(customer, method.toUpperCase(), path.replace(/:\w+/g, 'x'), body, headers)
  }

  for (const name of limitedRoutes) {
    it(`${name}: lets in what its row says, and answers 429 with the draft-8 headers after that`, async () => {
      await open({ limits: { [name]: { limit: 2, ...minute } } })
      const headers = { 'x-staff': 'yes' }
      const answers = [
        await call(name, 'alice', headers),
        await call(name, 'alice', headers),
        await call(name, 'alice', headers),
      ]
      expect(answers.map(({ status }) => status === 429)).to.deep.equal([false, false, true])
      const isWebhook = routeTable[name].caller === 'doku'
      const last = answers[2]?.headers
      expect(last?.get('ratelimit')).to.match(new RegExp(`^"${name}"; r=0; t=\\d+$`))
      expect(last?.get('ratelimit-policy')).to.match(new RegExp(`^"${name}"; q=2; w=60; pk=:[\\w=]+:$`))
      expect(last?.get('x-ratelimit-limit')).to.equal(null)
      expect(last?.get('cache-control')).to.equal('no-store')
      if (isWebhook) return
      expect(answers[2]?.body.code).to.equal('TOO_MANY_REQUESTS')
      expect(Number(last?.get('retry-after'))).to.be.within(1, 60)
    })
  }

  it('has strict defaults for every route but those of operations', async () => {
    expect(limitedRoutes).to.have.members(routeNames.filter((name) => routeTable[name].caller !== 'operations'))
    await open(undefined, { rateLimit: {} })
    for (let count = 0; count < routeTable.bind.limit.limit; count++) expect((await call('bind')).status).to.equal(400)
    expect((await call('bind')).status).to.equal(429)
    for (let count = 0; count < 150; count++) expect((await shop.request('', 'GET', '/health')).status).to.equal(200)
  })

  it('count one customer’s requests for that customer only', async () => {
    await open({ limits: { binding: { limit: 1, ...minute } } })
    expect((await call('binding', 'alice')).status).to.equal(404)
    expect((await call('binding', 'alice')).status).to.equal(429)
    expect((await call('binding', 'bob')).status).to.equal(404)
    expect((await call('binding', '')).status).to.equal(401)
    expect((await call('binding', '')).status).to.equal(429)
    expect((await call('balance', 'alice')).status).to.equal(409)
  })

  it('ask the host once per request who that is', async () => {
    let asked = 0
    const identify = () => ({ id: `customer-${++asked}` })
    await open({}, { identify })
    await call('binding')
    expect(asked).to.equal(1)
  })

  it('cannot be used up by a page of another site', async () => {
    await open({ limits: { pay: { limit: 1, ...minute } } })
    for (let count = 0; count < 5; count++) await call('pay', 'alice', { 'sec-fetch-site': 'cross-site' })
    expect((await call('pay')).status).to.equal(409)
  })

  it('keep staff apart from whoever calls from the same address', async () => {
    await open({ limits: { refund: { limit: 1, ...minute } } })
    await call('refund', 'alice')
    expect((await call('refund', 'alice')).status).to.equal(429)
    expect((await call('refund', '', { 'x-staff': 'yes' })).status).to.equal(501)
  })

  it('can be off', async () => {
    await open(false)
    for (let count = 0; count < 30; count++) expect((await call('bind')).status).to.equal(400)
    expect((await call('bind')).headers.get('ratelimit')).to.equal(null)
  })

  it('never turn a genuine webhook away, however many false ones came from its address', async () => {
    const flood = { limit: 3, ...minute }
    await open({ limits: { webhookToken: flood, webhookNotification: flood } })
    const answers = []
    for (let count = 0; count < 6; count++)
      answers.push(await call('webhookNotification', ''), await call('webhookToken', ''))
    expect(answers.map(({ body }) => body.responseCode).slice(-2)).to.deep.equal(['4295600', '4297300'])
    const rejected = shop.events.filter(({ type }) => type === 'notificationRejected')
    expect(rejected).to.have.length(6)
    await bind(shop, 'alice', alicesPhone)
    expect((await shop.request('alice', 'GET', '/bindings')).body.status).to.equal('active')
    expect(shop.events.filter(({ type }) => type === 'notificationRejected')).to.have.length(6)
  })

  describe('of which the store is down', () => {
    const away = () => Promise.reject(new Error('down'))
    const stores: Record<string, () => RateLimitStore> = {
      rejects: () => ({ increment: away, decrement: away, resetKey: away }),
      throws: () => ({
        increment: () => {
          throw new Error('down')
        },
        decrement: away,
        resetKey: away,
      }),
      'never answers': () => ({ increment: () => new Promise(() => {}), decrement: away, resetKey: away }),
      'answers nonsense': () => ({ increment: () => ({}) as never, decrement: away, resetKey: away }),
    }
    for (const [how, store] of Object.entries(stores)) {
      it(`refuse what moves money, and let reads and webhooks in, when it ${how}`, async () => {
        await open({ store })
        const answers = await Promise.all(limitedRoutes.map(async (name) => ({ name, ...(await call(name)) })))
        const refused = answers.filter(({ body }) => body.code === 'LIMITER_UNAVAILABLE')
        expect(refused.map(({ name, status }) => [name, status])).to.deep.equal([
          ['bind', 503],
          ['pay', 503],
          ['refund', 503],
        ])
        expect(shop.simulator.calls).to.deep.equal([])
        await call('pay')
        const told = logged.filter(({ message, details }) => /counted/.test(message) && details.route === 'pay')
        expect(told).to.have.length(1)
      })
    }
  })

  for (const rateLimit of [
    true,
    { store: {} },
    { limits: { pay: { limit: 0, windowMs: 1000 } } },
    { limits: { nope: false } },
  ]) {
    it(`cannot be ${JSON.stringify(rateLimit)}`, async () => {
      await open(false)
      const error = await startShop({ options: { rateLimit: rateLimit as never } }).catch((thrown) => thrown)
      expect(String(error)).to.contain('rateLimit: must be false, or')
    })
  }

  it('have no other options', async () => {
    await open(false)
    const error = await startShop({ options: { rateLimit: { limit: 1 } as never } }).catch((thrown) => thrown)
    expect(String(error)).to.contain('rateLimit.limit: there is no such option')
  })

  it('cannot have a store that is none', async () => {
    await open(false)
    const error = await startShop({ options: { rateLimit: { store: () => ({}) as never } } }).catch((thrown) => thrown)
    expect(String(error)).to.contain('rateLimit.store: what it returned for bind is no store')
  })

  it('work in a store of the host’s own', async () => {
    await open({ store: () => new MemoryStore(), limits: { binding: { limit: 1, ...minute } } })
    expect([(await call('binding')).status, (await call('binding')).status]).to.deep.equal([404, 429])
  })
})

describe('rate limits in Redis', () => {
  const url = serviceUrls.redis
  before(async function () {
    need(this, `Redis at ${url}`, await isReachable(url))
  })

  it('are shared by two processes of the shop', async () => {
    const client = await createClient({ url }).connect()
    const run = `ovo-test-${process.pid}-${process.hrtime.bigint()}`
    const store = (routeName: LimitedRoute) =>
      new RedisStore({
        prefix: `${run}:${routeName}:`,
        sendCommand: (...args: string[]) => client.sendCommand(args) as never,
      })
    const options = { rateLimit: { store, limits: { binding: { limit: 3, ...minute } } } }
    const shops = [await startShop({ options }), await startShop({ options })] as const
    const statuses = []
    for (let count = 0; count < 3; count++) {
      for (const shop of shops) statuses.push((await shop.request('alice', 'GET', '/bindings')).status)
    }
    expect(statuses).to.deep.equal([404, 404, 404, 429, 429, 429])
    for (const shop of shops) await shop.close()
    for await (const keys of client.scanIterator({ MATCH: `${run}*` })) if (keys.length > 0) await client.del(keys)
    await client.close()
  })
})

describe('an address that is counted', () => {
  const nobody = { identify: () => Promise.reject(new Error('nobody asked')), isStaff: async () => false }
  const keyOf = (ip: string | undefined) => limitKeyOf({ ip } as never, 'browser', nobody)

  it('is the IPv4 address, also when it is written as IPv6', async () => {
    expect(await keyOf('203.0.113.7')).to.equal('address:203.0.113.7')
    expect(await keyOf('::ffff:203.0.113.7')).to.equal('address:203.0.113.7')
    expect(await keyOf('::ffff:cb00:7107')).to.equal('address:203.0.113.7')
    expect(await keyOf('203.0.113.8')).not.to.equal(await keyOf('203.0.113.7'))
  })

  it('is the /56 of an IPv6 address', async () => {
    const key = await keyOf('2001:db8:1:1200::1')
    expect(key).to.contain('/56')
    expect(await keyOf('2001:db8:1:12ff:ffff::2')).to.equal(key)
    expect(await keyOf('2001:db8:1:1300::1')).not.to.equal(key)
  })

  it('takes no more room than an address, whatever an app believes to be one', async () => {
    expect(await keyOf('x'.repeat(16_000))).to.have.length(72)
  })

  it('is one for all whose address is unknown', async () => {
    expect(await keyOf(undefined)).to.equal('address:')
  })
})
