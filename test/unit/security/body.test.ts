import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect } from 'chai'
import type { Request } from 'express'
import sinon from 'sinon'
import { bodyDeadlineMs } from '../../../lib/routes/middleware/answer.ts'
import { readBytes } from '../../../lib/routes/middleware/body.ts'
import { type RouteName, routeTable } from '../../../lib/routes/table.ts'
import { type Shop, startShop } from '../../support/shop.ts'

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

/** Sends bytes, and then nothing; what comes back until the other side hangs up. */
async function sendAndWait(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => {})
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}

const head = (path: string, length: number) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nX-Customer: alice\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`

describe('a body', () => {
  let outcomes: unknown[]
  const server = createServer((req, res) => {
    Object.assign(req, { res })
    const read = readBytes(req as Request, 50).then(String, (error: { code?: string }) => error.code)
    void read.then((outcome) => {
      outcomes.push(outcome)
      res.end(outcome)
    })
  })
  let port: number
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })
  beforeEach(() => {
    outcomes = []
  })
  after(async () => {
    server.closeAllConnections()
    await once(server.close(), 'close')
  })

  it('that stops coming is given up, and its connection closed', async () => {
    const answer = await sendAndWait(port, `${head('/', 10)}{"a"`)
    expect(outcomes).to.deep.equal(['BODY_TOO_SLOW'])
    expect(answer).to.match(/\r\nConnection: close\r\n/i)
  })

  it('that comes byte by byte is given up as well', async () => {
    const socket = connect(port, '127.0.0.1', () => socket.write(head('/', 1000)))
    const drip = setInterval(() => socket.write('x'), 10)
    socket.on('error', () => {}).resume()
    await once(socket, 'close')
    clearInterval(drip)
    expect(outcomes).to.deep.equal(['BODY_TOO_SLOW'])
  })

  it('that says it is too large closes the connection at once', async () => {
    const answer = await sendAndWait(port, head('/', 40_000))
    expect(outcomes).to.deep.equal(['BODY_TOO_LARGE'])
    expect(answer).to.match(/\r\nConnection: close\r\n/i)
  })

  it('that is cut off, or comes in time, leaves no timer behind', async () => {
    // Mocha's own timer is there only once the test has begun to wait.
    await new Promise((resolve) => setImmediate(resolve))
    const before = timers()
    const socket = connect(port, '127.0.0.1', () => socket.write(`${head('/', 10)}{"a"`))
    await new Promise((resolve) => setTimeout(resolve, 10))
    socket.destroy()
    await once(socket, 'close')
    await sendAndWait(port, `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}`)
    while (outcomes.length < 2) await new Promise((resolve) => setImmediate(resolve))
    expect(outcomes).to.have.members(['INVALID_BODY', '{}'])
    expect(timers()).to.be.at.most(before)
  })
})

describe('the router', () => {
  let shop: Shop
  before(async () => {
    shop = await startShop()
  })
  after(() => shop.close())
  afterEach(() => sinon.restore())

  /** Sends each to the shop. When all are waited for, the time is up. */
  async function sendUntilTooSlow(...requests: string[]): Promise<string[]> {
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const port = Number(new URL(shop.url).port)
    const answers = Promise.all(requests.map((sent) => sendAndWait(port, sent)))
    while (clock.countTimers() < requests.length) await new Promise((resolve) => setImmediate(resolve))
    clock.tick(bodyDeadlineMs)
    return answers
  }

  it('answers 408 to a customer, and 400 in SNAP’s shape to a webhook, whose body does not come', async () => {
    const [customer, webhook] = await sendUntilTooSlow(
      `${head('/payments', 20)}{`,
      `${head('/webhooks/notification', 20)}{`,
    )
    expect(customer)
      .to.match(/^HTTP\/1.1 408 /)
      .and.contain('"code":"BODY_TOO_SLOW"')
    expect(webhook)
      .to.match(/^HTTP\/1.1 400 /)
      .and.contain('"responseCode":"4005600"')
  })

  it('answers before the body what it need not read for, and cuts off whoever goes on sending slowly', async () => {
    const whole = head('/payments', 20)
    const refusals: Record<string, string> = {
      '403': whole.replace('\r\n', '\r\nSec-Fetch-Site: cross-site\r\n'),
      '415': whole.replace('application/json', 'text/plain'),
      '401': whole.replace('alice', ''),
      '404': whole.replace('POST /payments', 'GET /payments/x'),
    }
    const answers = await sendUntilTooSlow(...Object.values(refusals).map((sent) => `${sent}{`))
    expect(answers.map((answer) => answer.slice(9, 12))).to.have.members(Object.keys(refusals))
  })

  it('keeps the connection of whoever sends the rest of a refused body, and leaves no timer', async () => {
    const port = Number(new URL(shop.url).port)
    const refused = `${head('/payments', 2).replace('\r\n', '\r\nSec-Fetch-Site: cross-site\r\n')}{}`
    const last = 'GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
    await new Promise((resolve) => setImmediate(resolve))
    const before = timers()
    const answers = await sendAndWait(port, refused + refused + last)
    expect(answers.match(/HTTP\/1.1 \d+/g)).to.deep.equal(['HTTP/1.1 403', 'HTTP/1.1 403', 'HTTP/1.1 200'])
    expect(timers()).to.be.at.most(before)
  })

  for (const name of Object.keys(routeTable) as RouteName[]) {
    for (const customer of ['', 'alice']) {
      it(`${name}: tells ${customer || 'nobody'} with no-store and nosniff`, async () => {
        const { method, path } = routeTable[name]
        for (const body of method === 'get' ? [undefined] : [undefined, {}, '{', 'x'.repeat(40_000)]) {
          const { headers } = await shop.request(customer, method.toUpperCase(), path.replace(/:\w+/g, 'x'), body)
          expect(headers.get('cache-control')).to.equal('no-store')
          expect(headers.get('x-content-type-options')).to.equal('nosniff')
        }
      })
    }
  }

  it('leaves what is not its own to the host, untouched', async () => {
    for (const [method, path] of [
      ['GET', '/nowhere'],
      ['PUT', '/payments'],
      ['DELETE', '/payments/x'],
    ] as const) {
      const { status, headers } = await shop.request('alice', method, path)
      expect([status, headers.get('cache-control')]).to.deep.equal([404, null])
    }
  })
})
