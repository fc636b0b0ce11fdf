import { expect } from 'chai'
import type { Simulator } from 'express-doku-ovo/simulator'
import { freePort } from '../../support/private-server.ts'
import { startSimulator } from '../../support/shop.ts'
import { type Consumer, createConsumer } from './consumer.ts'
import { dashboard, ExampleProcess } from './example-process.ts'
import { setMerchant } from './stage.ts'
import { buyCoffee, order, visit } from './visitor.ts'

describe('the example two-merchants.ts', () => {
  let batik: Simulator
  let coffee: Simulator
  let consumer: Consumer
  let example: ExampleProcess
  let shops: { batik: string; coffee: string }

  before(async () => {
    batik = await startSimulator({ clientId: 'BRN-batik', secretKey: 'SK-batik-not-a-real-secret' })
    coffee = await startSimulator({ clientId: 'BRN-coffee', secretKey: 'SK-coffee-not-a-real-secret' })
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    shops = { batik: `${url}/batik`, coffee: `${url}/coffee` }
    setMerchant(batik, shops.batik)
    setMerchant(coffee, shops.coffee)
    const variables = {
      ...dashboard(batik, 'BATIK_'),
      BATIK_DOKU_CLIENT_ID: 'BRN-batik',
      BATIK_DOKU_SECRET_KEY: 'SK-batik-not-a-real-secret',
      ...dashboard(coffee, 'COFFEE_'),
      COFFEE_DOKU_CLIENT_ID: 'BRN-coffee',
      COFFEE_DOKU_SECRET_KEY: 'SK-coffee-not-a-real-secret',
      PUBLIC_URL: url,
    }
    consumer = createConsumer()
    example = new ExampleProcess({ consumer, file: 'two-merchants.ts', port, variables })
    await example.printed(/listening/)
  })
  after(async () => {
    await example?.stop()
    await Promise.all([batik?.close(), coffee?.close()])
    consumer?.remove()
  })

  it('takes money for each of them, at its own DOKU', async () => {
    await buyCoffee({ shop: shops.batik, simulator: batik })
    expect(coffee.calls).to.deep.equal([])
    await buyCoffee({ shop: shops.coffee, simulator: coffee })
    expect(batik.ledger).to.have.length(1)
  })

  it('does not let one merchant’s DOKU speak for the other', async () => {
    const to = { shop: shops.coffee, simulator: coffee }
    const { reference } = await order(to)
    setMerchant(batik, shops.coffee)
    const forged = await batik.notify({ custIdMerchant: 'alice' }, { body: { originalPartnerReferenceNo: reference } })
    expect(forged).to.include({ isDelivered: false })
    expect((await visit(to.shop, 'GET', `/ovo/payments/${reference}`)).body.status).to.equal('awaiting-customer')
    expect((await visit(shops.batik, 'GET', `/ovo/payments/${reference}`)).status).to.equal(404)
  })

  it('ends when it is asked to', async () => {
    expect(await example.stop()).to.equal(0)
  })
})
