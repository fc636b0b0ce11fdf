import { networkInterfaces } from 'node:os'
import { expect } from 'chai'
import { createSimulator } from '../../../lib/simulator/index.ts'
import { bindingBody, CORE_V1 } from './paths.ts'
import { baseOptions, Scene } from './scene.ts'
import { Shop } from './shop.ts'

describe('a simulator', () => {
  it('listens on 127.0.0.1 only', async () => {
    const simulator = createSimulator(baseOptions)
    const { url, port } = await simulator.listen()
    expect(url).to.equal(`http://127.0.0.1:${port}`)
    expect(simulator.url).to.equal(url)
    const others = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
    for (const { address, family, internal } of others.filter((one) => one.family === 'IPv4' && !one.internal)) {
      const refused = await fetch(`http://${address}:${port}/`).catch((error: Error) => error.message)
      expect(refused, `${family} ${internal}`).to.equal('fetch failed')
    }
    await simulator.close()
  })

  it('listens on the port that it is told, and says so when that is taken', async () => {
    const first = createSimulator(baseOptions)
    const { port } = await first.listen()
    const second = createSimulator(baseOptions)
    const refused = await second.listen(port).catch((error: NodeJS.ErrnoException) => error.code)
    expect(refused).to.equal('EADDRINUSE')
    await first.close()
    await second.listen(port)
    await second.close()
  })

  it('can be closed twice, and without ever having listened', async () => {
    const simulator = createSimulator(baseOptions)
    await simulator.close()
    await simulator.close()
  })

  it('cancels the retries of its notifications when it closes', async () => {
    const shop = await Shop.open()
    shop.plans.push({ status: 500, body: '{}' })
    let isWaiting = () => {}
    const waiting = new Promise<void>((resolve) => {
      isWaiting = resolve
    })
    let isAborted = false
    const sleep = (_ms: number, signal: AbortSignal) =>
      new Promise<void>(() => {
        signal.addEventListener('abort', () => {
          isAborted = true
        })
        isWaiting()
      })
    const scene = await Scene.open({ merchant: shop.urls, sleep })
    await scene.bind(CORE_V1)
    await waiting
    await scene.simulator.close()
    await scene.simulator.settled()
    expect(isAborted).to.equal(true)
    expect(shop.notifications).to.have.lengthOf(1)
    await shop.close()
  })

  it('waits for the half hour before a retry on a timer that closing ends', async () => {
    const shop = await Shop.open()
    shop.plans.push({ status: 500, body: '{}' })
    let told = (_line: string) => {}
    const failed = new Promise<string>((resolve) => {
      told = (line) => line.startsWith('binding notification') && resolve(line)
    })
    const scene = await Scene.open({ merchant: shop.urls, log: (line) => told(line) })
    await scene.bind(CORE_V1)
    expect(await failed).to.equal('binding notification about alice: 500')
    await scene.simulator.close()
    await scene.simulator.settled()
    expect(shop.notifications).to.have.lengthOf(1)
    await shop.close()
  })

  it('cuts a connection that sends too large a body, and stays up', async () => {
    const scene = await Scene.open()
    const rawBody = JSON.stringify({ padding: 'x'.repeat(1_048_576) })
    const refused = await scene.merchant.call(CORE_V1.binding, {}, { rawBody }).catch((error: Error) => error.message)
    expect(refused).to.equal('fetch failed')
    expect((await scene.merchant.call(CORE_V1.binding, bindingBody(CORE_V1))).status).to.equal(200)
    await scene.simulator.close()
  })

  it('records what it was asked and what it answered, and logs neither secrets nor tokens', async () => {
    const lines: string[] = []
    const scene = await Scene.open({ log: (line) => lines.push(line) })
    await scene.merchant.call(CORE_V1.binding, bindingBody(CORE_V1), { query: '?q=1' })
    const [tokenCall, binding] = scene.simulator.calls
    expect(tokenCall).to.include({ operation: 'access-token', verdict: 'accepted', isAuthentic: true, code: '2007300' })
    expect(binding).to.include({
      operation: 'binding',
      method: 'POST',
      path: `${CORE_V1.binding}?q=1`,
      body: JSON.stringify(bindingBody(CORE_V1)),
      status: 200,
      code: '2000700',
      at: scene.now,
    })
    expect(binding?.headers['x-partner-id']).to.equal(baseOptions.clientId)
    expect(lines).to.deep.equal(['access-token: 2007300 accepted', 'binding: 2000700 accepted'])
    await scene.simulator.close()
  })

  it('makes its ids from the random numbers that it is given', async () => {
    const scene = await Scene.open({ random: () => 0.75 })
    const { body } = await scene.merchant.call(CORE_V1.binding, bindingBody(CORE_V1))
    expect(body.referenceNo).to.equal('7'.repeat(12))
    await scene.simulator.close()
  })
})
