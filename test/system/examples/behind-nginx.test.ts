import { expect } from 'chai'
import { freePort, type PrivateServer } from '../../support/private-server.ts'
import { need } from '../../support/servers.ts'
import { createConsumer } from './consumer.ts'
import { canStartNginx, startNginx } from './nginx.ts'
import { type Stage, startExample } from './stage.ts'
import { buyCoffee, visit } from './visitor.ts'

describe('the example behind-nginx.ts, with a prefix that nginx takes off', () => {
  let nginx: PrivateServer | undefined
  let stage: Stage | undefined
  let port: number

  before(async function () {
    need(this, 'nginx', canStartNginx())
    port = await freePort()
    nginx = await startNginx(port)
    const proxy = { origin: nginx.url, path: '/shop', port }
    stage = await startExample({ consumer: createConsumer(), file: 'behind-nginx.ts', proxy })
  })
  after(async () => {
    await stage?.close()
    await nginx?.stop()
  })

  it('links, takes an order, and learns from DOKU that it is paid, all through nginx', async () => {
    const { shop, simulator } = stage as Stage
    await buyCoffee({ shop, simulator })
    expect(simulator.notifications.map(({ url }) => url)).to.include(`${nginx?.url}/shop/ovo/webhooks/notification`)
  })

  it('tells DOKU the customer’s address that nginx has seen, whatever the customer claims', async () => {
    const { shop, simulator } = stage as Stage
    const headers = { cookie: 'session=session-of-alice', 'x-forwarded-for': '203.0.113.7' }
    expect((await fetch(`${shop}/ovo/balance`, { headers })).status).to.equal(200)
    const asked = simulator.arrivals.findLast(({ operation }) => operation === 'balance')
    expect(asked?.headers).to.include({ 'x-ip-address': '127.0.0.1' })
  })

  it('says once that the paths differ, as they should here, and ends when it is asked to', async () => {
    const { shop, example, close } = stage as Stage
    expect((await visit(shop, 'GET', '/ovo/health')).status).to.equal(200)
    expect(await close()).to.equal(0)
    expect(example.output.match(/\[\w+\] ExpressDokuOvoWarning/g)).to.deep.equal([
      '[PUBLIC_URL_PATH] ExpressDokuOvoWarning',
    ])
  })
})
