import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Logger } from 'express-doku-ovo'
import { Browser } from '../../../demo/browser.ts'
import { DemoError } from '../../../demo/demo-error.ts'
import type { KeepingWanted } from '../../../demo/keeping.ts'
import { type Demo, startDemo } from '../../../demo/start.ts'
import { canStartPostgres, canStartRedis, need, startPostgres, startRedis } from '../../support/servers.ts'

const ignore = () => {}
const logger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }

function start(keeping: KeepingWanted, port = 0): Promise<Demo> {
  return startDemo({ port, api: undefined, sandbox: undefined, keeping }, { logger, told: ignore })
}

async function link(alice: Browser): Promise<void> {
  await alice.request('POST', '/api/session', { personId: 'alice' })
  const { body } = await alice.request('POST', '/ovo/bindings', { phoneNo: '6281200000001' })
  const second = await alice.send(await alice.open(String(body.redirectUrl)), { otp: '111111' })
  await alice.open((await alice.send(second, { pin: '111111' })).location ?? '')
}

async function buy(alice: Browser): Promise<string> {
  const { body: basket } = await alice.request('PUT', '/api/basket/scarf', { quantity: 1 })
  const { body: order } = await alice.request('POST', '/api/orders', { basketId: basket.id })
  const { body: payment } = await alice.request('POST', '/ovo/payments', { orderId: order.id })
  return String(payment.webRedirectUrl)
}

/** A link, a payment that waits, and a restart in between. */
async function expectToGoOn(keeping: KeepingWanted): Promise<void> {
  const first = await start(keeping)
  const alice = new Browser(first.url)
  await link(alice)
  const page = await buy(alice)
  await first.close()

  const second = await start(keeping, first.port)
  try {
    expect(second.url).to.equal(first.url)
    expect((await alice.request('GET', '/ovo/bindings')).body.status).to.equal('active')
    const paid = await alice.open((await alice.send(await alice.open(page), { pin: '111111' })).location ?? '')
    expect(paid.url).to.include('status=paid')
    expect((await alice.request('GET', '/ovo/balance')).body).to.have.nested.property('cash.value', '1760000.00')
    const [order] = Object.values((await alice.request('GET', '/api/orders')).body)
    expect(order).to.have.nested.property('payments[0].status', 'paid')
    expect(second.simulator?.ledger).to.have.length(1)
  } finally {
    await second.close()
  }
}

async function refusal(keeping: KeepingWanted): Promise<Error> {
  try {
    await (await start(keeping)).close()
  } catch (error) {
    return error as Error
  }
  throw new Error('it was started')
}

describe('npm run demo -- --keep', () => {
  // PGlite makes a new database in seconds, and a busy machine needs many of them.
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'demo-keep-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('goes on after a restart: the same session, the same link, the payment that waits, the money', () =>
    expectToGoOn({ folder }))

  it('leaves a folder alone that another process has, and says which', async () => {
    writeFileSync(join(folder, 'pid'), String(process.ppid))
    const error = await refusal({ folder })
    expect(error).to.be.instanceOf(DemoError)
    expect(error.message).to.include(`${folder} is in use by process ${process.ppid}`)
    expect(readdirSync(folder)).to.deep.equal(['pid'])
  })

  it('says so when there can be no such folder', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    const error = await refusal({ folder: file })
    expect(error).to.be.instanceOf(DemoError)
    expect(error.message).to.include(`${file} cannot be created`)
  })
})

const servers = {
  DATABASE_URL: { start: startPostgres, canStart: canStartPostgres, keeping: (url: string) => ({ databaseUrl: url }) },
  REDIS_URL: { start: startRedis, canStart: canStartRedis, keeping: (url: string) => ({ redisUrl: url }) },
} as const

for (const [name, { start: startServer, canStart, keeping }] of Object.entries(servers)) {
  describe(`npm run demo with ${name}`, () => {
    it('goes on after a restart, and says what is wrong when the server is away', async function () {
      need(this, `the server of ${name}`, canStart())
      const server = await startServer()
      try {
        await expectToGoOn(keeping(server.url))
      } finally {
        await server.stop()
      }
      const error = await refusal(keeping(server.url))
      expect(error).to.be.instanceOf(DemoError)
      expect(error.message).to.equal(`${name} cannot be used: connect ECONNREFUSED 127.0.0.1:${server.port}`)
    })
  })
}
