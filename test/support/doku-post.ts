import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import type { DokuOvo, DokuOvoOptions, Json } from 'express-doku-ovo'
import { clientId, secretKey } from './keys.ts'
import type { TestClock } from './test-clock.ts'

/** Notifications without a bearer, signed as PHP's library does it: the tests of the routes have the usual way. */
export const unbearing: Partial<DokuOvoOptions> = { webhooks: { requireBearer: false, signedWith: ['empty'] } }

interface Acknowledgement {
  readonly status: number
  readonly body: { responseCode: string; responseMessage: string }
}

export interface DokuPost {
  /** Signed with a few lines of its own, now or `ageSeconds` ago. */
  send(body: Json, ageSeconds?: number): Promise<Acknowledgement>
  /** The browser goes to an address under `publicUrl`. */
  browse(publicAddress: string): Promise<string>
  close(): Promise<void>
}

/** Where DOKU's notifications come in: the plug-in at `/ovo` of a server on loopback. */
export async function startDokuPost(ovo: DokuOvo, clock: TestClock): Promise<DokuPost> {
  const server = createServer(express().use('/ovo', ovo))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const path = '/ovo/webhooks/notification'
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    async send(content, ageSeconds = 0) {
      const body = JSON.stringify(content)
      const timestamp = new Date(clock.now - ageSeconds * 1000).toISOString()
      const digest = createHash('sha256').update(body).digest('hex')
      const signature = createHmac('sha512', secretKey).update(`POST:${path}::${digest}:${timestamp}`).digest('base64')
      const headers = {
        'content-type': 'application/json',
        'x-timestamp': timestamp,
        'x-signature': signature,
        'x-partner-id': clientId,
        'x-external-id': '1',
      }
      const response = await fetch(origin + path, { method: 'POST', headers, body })
      return { status: response.status, body: (await response.json()) as Acknowledgement['body'] }
    },
    async browse(publicAddress) {
      const response = await fetch(origin + new URL(publicAddress).pathname)
      return response.text()
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
