import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express, { type Express } from 'express'
import { startTown, type Town } from './owner-matrix.ts'

/** Ways to write the address of somebody's payment, and to make something in front take it for another one. */
const addresses: Record<string, (reference: string) => string> = {
  plain: (reference) => `/payments/${reference}`,
  'with a slash behind it': (reference) => `/payments/${reference}/`,
  'with two slashes': (reference) => `//payments/${reference}`,
  'with two slashes inside': (reference) => `/payments//${reference}`,
  'in capital letters': (reference) => `/PAYMENTS/${reference}`,
  'in mixed case': (reference) => `/pAyMeNtS/${reference.toLowerCase()}`,
  'with an encoded slash': (reference) => `/payments%2f${reference}`,
  'with encoded letters': (reference) => `/%70ayments/${reference}`,
  'encoded whole': (reference) =>
    `/payments/${[...Buffer.from(reference)].map((byte) => `%${byte.toString(16)}`).join('')}`,
  'encoded twice': (reference) => `/payments/%25${reference.charCodeAt(0).toString(16)}${reference.slice(1)}`,
  'through a folder': (reference) => `/payments/x/../${reference}`,
  'through an encoded folder': (reference) => `/payments/x%2f%2e%2e%2f${reference}`,
  'with a backslash': (reference) => `/payments\\${reference}`,
  'with a matrix parameter': (reference) => `/payments/${reference};id=alice`,
  'with a NUL behind it': (reference) => `/payments/${reference}%00`,
  'with a suffix': (reference) => `/payments/${reference}.json`,
  'with a query of brackets': (reference) => `/payments/${reference}?partnerReferenceNo[]=x&__proto__[id]=bob`,
  'as another host’s': (reference) => `http://evil.example/ovo/payments/${reference}`,
}

/** What some servers and middlewares let a client say in place of what it does say. */
const overrides = (reference: string) => ({
  'X-Original-URL': `/ovo/payments/${reference}`,
  'X-Rewrite-URL': `/ovo/payments/${reference}`,
  'X-HTTP-Method-Override': 'GET',
  'X-Forwarded-Prefix': '/..',
  'X-Customer-Id': 'bob',
})

/** How hosts set Express up. */
const settings: Record<string, (app: Express) => unknown> = {
  'as it comes': (app) => app,
  'that tells cases apart': (app) => app.set('case sensitive routing', true),
  'that is strict about slashes': (app) => app.set('strict routing', true),
  'with nested queries': (app) => app.set('query parser', 'extended'),
  'without queries': (app) => app.set('query parser', false),
  'that believes every proxy': (app) => app.set('trust proxy', true),
}

describe('the address of a payment', () => {
  let town: Town
  before(async () => {
    town = await startTown()
  })
  after(() => town.shop.close())

  for (const [how, set] of Object.entries(settings)) {
    it(`shows nobody another’s, however it is written, in an app ${how}`, async () => {
      const app = express()
      set(app)
      const server = createServer(app.use('/ovo', town.shop.ovo)).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const { alice, bob } = town
      for (const [spelling, write] of Object.entries(addresses)) {
        const path = write(bob.partnerReferenceNo)
        const asked = path.startsWith('http') ? path : `/ovo${path}`
        const { status, body } = await get(port, asked, overrides(bob.partnerReferenceNo))
        expect(status, spelling).to.be.within(400, 404)
        expect(body, spelling).not.to.match(/"amount"|"status":"awaiting|order-of-bob/)
      }
      const own = await get(port, `/ovo/payments/${alice.partnerReferenceNo}`, overrides(bob.partnerReferenceNo))
      expect([own.status, own.body.includes('order-of-alice')]).to.deep.equal([200, true])
      server.closeAllConnections()
      await once(server.close(), 'close')
    })
  }
})

/** As alice, and without a client that would tidy the address up. */
async function get(port: number, path: string, headers: Record<string, string>) {
  const req = request({ host: '127.0.0.1', port, path, headers: { 'x-customer': 'alice', ...headers } })
  req.end()
  const [res] = await once(req, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of res) chunks.push(chunk)
  return { status: res.statusCode as number, body: Buffer.concat(chunks).toString() }
}
