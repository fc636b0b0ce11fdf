import { expect } from 'chai'
import { until } from '../../support/private-server.ts'
import { canStartRedis, need, newRedisDatabase } from '../../support/servers.ts'
import { createConsumer } from './consumer.ts'
import { type Stage, startExample } from './stage.ts'
import { buyCoffee, order, visit } from './visitor.ts'

describe('the example many-processes.ts', () => {
  let stage: Stage | undefined

  before(async function () {
    need(this, 'redis-server', canStartRedis())
    const consumer = createConsumer()
    const variables = { REDIS_URL: await newRedisDatabase() }
    stage = await startExample({ consumer, file: 'many-processes.ts', listeners: 2, variables })
  })
  after(() => stage?.close())

  it('links, takes an order, and learns from DOKU that it is paid', () => buyCoffee(stage as Stage))

  it('charges once for twenty clicks at once', async () => {
    const { shop, simulator } = stage as Stage
    const { body } = await visit(shop, 'POST', '/orders', { product: 'kettle' })
    const clicks = Array.from({ length: 20 }, () => visit(shop, 'POST', '/ovo/payments', { orderId: body.id }))
    const answers = await Promise.all(clicks)
    expect(new Set(answers.map((answer) => answer.body.partnerReferenceNo)).size).to.equal(1)
    expect(simulator.arrivals.filter((call) => call.body.includes('310000.00'))).to.have.length(1)
  })

  it('ends a payment in processes that were not there when it began', async () => {
    const { shop, simulator, example } = stage as Stage
    const { orderId, webRedirectUrl } = await order({ shop, simulator })
    const first = await example.printed(/worker (\d+) is listening/, 2)
    for (const pid of first) process.kill(Number(pid), 'SIGKILL')
    await example.printed(/worker (\d+) is listening/, 4)
    simulator.approvePayment(webRedirectUrl)
    await simulator.settled()
    await until(async () => (await visit(shop, 'GET', `/orders/${orderId}`)).body.status === 'paid')
  })

  it('ends when it is asked to', async () => {
    expect(await stage?.close()).to.equal(0)
  })
})
