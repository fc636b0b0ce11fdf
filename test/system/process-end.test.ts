import { expect } from 'chai'
import { addressOf, runModule } from '../support/compiled.ts'

const shop = addressOf('test/support/shop.js')

/** What a process does; it prints a line when that is done, and then nothing may keep it. */
const programs: Readonly<Record<string, string>> = {
  'a mounted router that is never closed': `
    import express from 'express'
    import { dokuOvo } from 'express-doku-ovo'
    import { testOptions } from '${shop}'
    express().use(dokuOvo({ ...testOptions('http://127.0.0.1:9', 'https://shop.example'), reconcileEveryMs: 10 }))`,
  'a shop that has taken a payment, and a simulator, once they are closed': `
    import { bind, startShop } from '${shop}'
    const shop = await startShop()
    await bind(shop, 'alice', '081200000001')
    const { status } = await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
    if (status !== 201) throw new Error('the payment failed with ' + status)
    await shop.ovo.close()
    await shop.close()`,
  'a transport of which one connection was cut, once it is closed': `
    import { createServer } from 'node:http'
    import { createTransport } from '${addressOf('lib/doku/transport.js')}'
    const arrived = []
    const doku = createServer((request, response) => {
      arrived.push(request.headers['x-external-id'])
      request.headers['x-external-id'] === 'cut' ? request.socket.destroy() : response.end('{}')
    })
    await new Promise((resolve) => doku.listen(0, '127.0.0.1', resolve))
    const baseUrl = 'http://127.0.0.1:' + doku.address().port
    const transport = createTransport({ baseUrl, maxAnswerBytes: 1024 })
    const post = (id) => transport.post({ path: '/', headers: { 'X-EXTERNAL-ID': id }, body: '{}', deadlineMs: 120000 })
    await post('1')
    await post('cut').catch(() => {})
    await transport.close()
    if (arrived.join() !== '1,cut') throw new Error('arrived: ' + arrived)
    doku.unref()`,
  'a simulator that was asked something, once it is closed': `
    import { startSimulator } from '${shop}'
    const simulator = await startSimulator()
    await (await fetch(simulator.url)).text()
    await simulator.close()`,
}

describe('a process is not kept alive', () => {
  for (const [what, program] of Object.entries(programs)) {
    it(`by ${what}`, async () => {
      expect(await runModule(`${program}\nconsole.log('done')`)).to.deep.equal({ code: 0, out: 'done\n' })
    })
  }
})
