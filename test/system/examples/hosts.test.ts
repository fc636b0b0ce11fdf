import { expect } from 'chai'
import { createConsumer } from './consumer.ts'
import { type Stage, startExample } from './stage.ts'
import { buyCoffee, visit } from './visitor.ts'

/** Every example that needs nothing but itself, and the Express that it is for. */
const hosts: Readonly<Record<string, string>> = {
  'express5.ts': 'express',
  'express4.cjs': 'express4',
  'json-first.ts': 'express',
  'nestjs.ts': 'express',
}

for (const [file, express] of Object.entries(hosts)) {
  describe(`the example ${file}`, () => {
    let stage: Stage
    before(async () => {
      stage = await startExample({ consumer: createConsumer({ express }), file })
    })
    after(() => stage?.close())

    it('links, takes an order, and learns from DOKU that it is paid', () => buyCoffee(stage))

    it('lets nobody pay who is not signed in, and keeps its own routes', async () => {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${stage.shop}/ovo/payments`, { method: 'POST', headers, body: '{"orderId":"1"}' })
      expect(answer.status).to.equal(401)
      expect((await visit(stage.shop, 'POST', '/orders', { product: 'nothing that is sold' })).status).to.equal(404)
    })

    it('ends when it is asked to, and had nothing to complain of', async () => {
      expect(await stage.close()).to.equal(0)
      expect(stage.example.output).not.to.match(/warn|error/i)
    })
  })
}
