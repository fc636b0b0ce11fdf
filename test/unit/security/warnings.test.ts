import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import { type DokuOvoOptions, dokuOvo, memoryStorage } from 'express-doku-ovo'
import { watchClock } from '../../../lib/doku/clock-watch.ts'
import { InstanceWatch } from '../../../lib/options/settings.ts'
import { silentLogger } from '../../../lib/telemetry.ts'
import { Warnings, warningTable } from '../../../lib/warnings.ts'
import { type LogLine, logTo } from '../../support/scene.ts'
import { startShop, testOptions } from '../../support/shop.ts'

const codesIn = (logged: LogLine[]) =>
  logged.flatMap(({ level, details }) => (level === 'warn' && details.code ? [details.code] : []))

/** Mounts a router, asks it twice, and gives the codes of the warnings. */
async function codesOf(
  options: Partial<DokuOvoOptions>,
  prepare: (app: express.Express) => void = () => {},
  mount = '/ovo',
) {
  const logged: LogLine[] = []
  const clientId = `BRN-${process.hrtime.bigint()}`
  const base = testOptions('http://127.0.0.1:1', 'https://shop.example/ovo')
  const ovo = dokuOvo({ ...base, clientId, reconcileEveryMs: false, logger: logTo(logged), ...options })
  const app = express()
  prepare(app)
  const server = createServer(app.use(mount, ovo)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${mount}`
  for (let count = 0; count < 2; count++) {
    await fetch(`${url}/health`)
    await fetch(`${url}/webhooks/token`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
  }
  server.closeAllConnections()
  await once(server.close(), 'close')
  await ovo.close()
  return codesIn(logged)
}

const clustered = () => Object.assign(memoryStorage(), { scope: 'cluster' as const })
const production = { environment: 'production', storage: clustered() } as const

describe('a mistake of the host', () => {
  it('is not found where there is none', async () => {
    expect(await codesOf(production)).to.deep.equal([])
    expect(await codesOf({}, (app) => app.set('trust proxy', 1))).to.deep.equal([])
    expect(await codesOf({ publicUrl: 'http://127.0.0.1:3000/ovo' })).to.deep.equal([])
  })

  it('TRUST_PROXY_PERMISSIVE: everybody is believed about the address', async () => {
    expect(await codesOf({}, (app) => app.set('trust proxy', true))).to.deep.equal(['TRUST_PROXY_PERMISSIVE'])
  })

  it('STORAGE_PROCESS_SCOPE: production keeps its payments in memory', async () => {
    expect(await codesOf({ environment: 'production' })).to.deep.equal(['STORAGE_PROCESS_SCOPE'])
  })

  it('PUBLIC_URL_INSECURE: production over http', async () => {
    const publicUrl = 'http://shop.example/ovo'
    expect(await codesOf({ ...production, storage: clustered(), publicUrl })).to.deep.equal(['PUBLIC_URL_INSECURE'])
  })

  it('PUBLIC_URL_PATH: the router is mounted elsewhere', async () => {
    expect(await codesOf({ publicUrl: 'https://shop.example/pay' })).to.deep.equal(['PUBLIC_URL_PATH'])
    expect(await codesOf({ publicUrl: 'https://shop.example/' })).to.deep.equal(['PUBLIC_URL_PATH'])
    expect(await codesOf({ publicUrl: 'https://shop.example/ovo/' })).to.deep.equal([])
    expect(await codesOf({ publicUrl: 'https://shop.example' }, undefined, '/')).to.deep.equal([])
    expect(await codesOf({ publicUrl: 'https://shop.example/OVO' })).to.deep.equal([])
  })

  it('BODY_CONSUMED: a global express.json() comes first', async () => {
    expect(await codesOf({}, (app) => app.use(express.json()))).to.deep.equal(['BODY_CONSUMED'])
  })

  it('CLOCK_OFF: the machine and DOKU disagree about the time', async () => {
    for (const [offMs, codes] of [
      [0, []],
      [-50_000, []],
      [90_000, ['CLOCK_OFF']],
      [-90_000, ['CLOCK_OFF']],
    ] as const) {
      const logged: LogLine[] = []
      const shop = await startShop({ options: { logger: logTo(logged), clock: () => Date.now() + offMs } })
      await shop.request('alice', 'POST', '/bindings', { phoneNo: '081200000001' })
      await shop.request('alice', 'POST', '/bindings', { phoneNo: '081200000002' })
      expect(codesIn(logged), String(offMs)).to.deep.equal(codes)
      await shop.close()
    }
  })

  it('ROUTER_PER_REQUEST: one is made for every request', async () => {
    const logged: LogLine[] = []
    const far = Date.parse('2100-01-01')
    const make = (clientId: string) =>
      dokuOvo({
        ...testOptions('http://127.0.0.1:1', 'https://shop.example'),
        clientId,
        reconcileEveryMs: false,
        logger: logTo(logged),
        clock: () => far,
      })
    const made = [...Array(30)].map((_none, index) => make(index % 2 ? 'merchant-a' : `merchant-${index}`))
    expect(codesIn(logged)).to.deep.equal(['ROUTER_PER_REQUEST'])
    await Promise.all(made.map((ovo) => ovo.close()))
  })

  it('is heard without a logger too, once', async () => {
    const heard = once(process, 'warning')
    const warnings = new Warnings(silentLogger)
    warnings.raise('CLOCK_OFF')
    const [warning] = (await heard) as [Error & { code?: string }]
    expect([warning.name, warning.code, warning.message]).to.deep.equal([
      'ExpressDokuOvoWarning',
      'CLOCK_OFF',
      warningTable.CLOCK_OFF,
    ])
  })

  it('is heard by a host that gives no logger', async () => {
    const heard = once(process, 'warning')
    const { logger: _silent, ...options } = testOptions('http://127.0.0.1:1', 'http://shop.example/ovo')
    const ovo = dokuOvo({
      ...options,
      environment: 'production',
      storage: clustered(),
    })
    await ovo.close()
    const [warning] = (await heard) as [Error & { code?: string }]
    expect(warning.code).to.equal('PUBLIC_URL_INSECURE')
  })
})

describe('the watch over routers', () => {
  it('lets a merchant have some, and more after a while', () => {
    const watch = new InstanceWatch()
    const add = (times: number, now: number) => [...Array(times)].map(() => watch.add('a', now)).filter(Boolean).length
    expect([add(5, 0), add(1, 9_999), add(50, 9_999), add(5, 10_000), add(1, 10_001)]).to.deep.equal([0, 1, 0, 0, 1])
  })
})

describe('the watch over the clock', () => {
  it('allows for the time that an answer takes, and for a Date that is none', async () => {
    let now = 0
    const told: number[] = []
    const answering = (date: string | undefined, tookMs: number) => {
      const post = async () => {
        now += tookMs
        return { httpStatus: 200, headers: { date }, body: '' }
      }
      return watchClock(
        { post, close: async () => {} },
        () => now,
        (offMs) => told.push(offMs),
      )
    }
    const request = { path: '/', headers: {}, body: '', deadlineMs: 1 }
    const at = (ms: number) => new Date(ms).toUTCString()
    await answering(at(0), 100_000).post(request)
    await answering(at(200_000), 100_000).post(request)
    await answering('yesterday', 0).post(request)
    await answering(undefined, 0).post(request)
    await answering(at(now - 60_000), 0).post(request)
    expect(told).to.deep.equal([])
    await answering(at(now - 61_000), 0).post(request)
    await answering(at(now + 61_000), 0).post(request)
    expect(told).to.deep.equal([61_000, 61_000])
  })
})
