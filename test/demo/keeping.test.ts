import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Logger } from 'express-doku-ovo'
import { Browser } from '../../demo/browser.ts'
import type { KeepingWanted } from '../../demo/keeping.ts'
import { type Demo, startDemo } from '../../demo/start.ts'

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

describe('npm run demo -- --keep', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'demo-keep-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('goes on after a restart: the same session, the same link, the payment that waits, the money', async () => {
    const first = await start({ folder })
    const alice = new Browser(first.url)
    await link(alice)
    const page = await buy(alice)
    await first.close()

    const second = await start({ folder }, first.port)
    try {
      expect(second.url).to.equal(first.url)
      expect(second.keeping).to.include(folder)
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
  })
})
