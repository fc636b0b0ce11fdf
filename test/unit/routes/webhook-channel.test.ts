import { createHash } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import type { WebhookMessage } from 'express-doku-ovo'
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
})
