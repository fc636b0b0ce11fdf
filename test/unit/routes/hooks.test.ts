import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import { alicesPhone, startShop } from '../../support/shop.ts'

describe('a hook that a notification sets off', () => {
  it('begins after DOKU has its answer, however long it keeps the process busy', async () => {
    const order: string[] = []
    const hooks = { bindingChanged: ({ binding }: { binding: { status: string } }) => void order.push(binding.status) }
    const shop = await startShop({ options: { hooks } })
    const app = express()
    app.use('/webhooks/notification', (_req, res, next) => {
      res.once('finish', () => order.push('answer'))
      next()
    })
    const server = createServer(app.use(shop.ovo)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`
    shop.simulator.setMerchant({ tokenUrl: `${url}/token`, notificationUrl: `${url}/notification` })
    const { body } = await shop.request('alice', 'POST', '/bindings', { phoneNo: alicesPhone })
    shop.simulator.approveBinding(body.redirectUrl)
    await shop.simulator.settled()
    await shop.close()
    server.closeAllConnections()
    await once(server.close(), 'close')
    expect(order).to.deep.equal(['pending', 'answer', 'active'])
  })
})
