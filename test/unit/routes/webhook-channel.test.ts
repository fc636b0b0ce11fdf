import { createHash } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import type { WebhookMessage } from 'express-doku-ovo'
import sinon from 'sinon'
import { draft, request } from '../../fuzz/genuine.ts'
import { openMerchant } from '../../fuzz/merchant.ts'
import { clientId } from '../../support/keys.ts'
import { alicesPhone, bind, startShop } from '../../support/shop.ts'

describe('the channel express-doku-ovo:webhook', () => {
  it('shows what DOKU had to sign, with its token masked', async () => {
    const told: WebhookMessage[] = []
    const listen = (message: unknown) => void told.push(message as WebhookMessage)
    subscribe('express-doku-ovo:webhook', listen)
    const shop = await startShop()
    try {
      await bind(shop, 'alice', alicesPhone)
      const [token, notification] = told
      expect(token?.stringToSign).to.equal(`${clientId}|${token?.requestHeaders['x-timestamp']}`)
      const sent = shop.simulator.notifications[0]
      const body = typeof sent?.body === 'string' ? sent.body : JSON.stringify(sent?.body)
      const digest = createHash('sha256').update(body).digest('hex')
      const timestamp = notification?.requestHeaders['x-timestamp']
      expect(notification?.stringToSign).to.equal(`POST:/webhooks/notification:***:${digest}:${timestamp}`)
    } finally {
      unsubscribe('express-doku-ovo:webhook', listen)
      await shop.close()
    }
  })

  for (const [what, secret, httpStatus] of [
    ['genuine', undefined, 200],
    ['refused', 'SK-of-somebody-else', 401],
  ] as const) {
    it(`is told of a ${what} notification whose body was parsed once`, async () => {
      const listen = sinon.spy()
      const { webhooks, settled } = await openMerchant()
      const sent = draft('payment', secret && { secret })
      subscribe('express-doku-ovo:webhook', listen)
      const parse = sinon.spy(JSON, 'parse')
      try {
        const answer = await webhooks.notification(request('payment', sent))
        await settled()
        expect(answer.httpStatus).to.equal(httpStatus)
        expect(listen.callCount).to.equal(1)
        expect(parse.args.filter(([text]) => text === sent.body)).to.have.length(1)
      } finally {
        parse.restore()
        unsubscribe('express-doku-ovo:webhook', listen)
      }
    })
  }
})
