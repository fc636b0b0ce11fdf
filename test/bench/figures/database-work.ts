import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { startDatabase } from '../../crash/servers/database.ts'
import { paymentScenario, type Stage } from '../stage.ts'
import type { Measure } from './figure.ts'

/** Without a hook, and one payment after the other: what is counted belongs to one payment. */
const setup = { hook: false }
const few = 100
const many = 600

/** How much more the database has done for many payments than for few: what the start costs is not in it. */
async function perPayment(count: (payments: number) => Promise<readonly number[]>): Promise<number[]> {
  const before = await count(few)
  return (await count(many)).map((total, index) => rounded((total - (before[index] ?? 0)) / (many - few)))
}

async function pay(stage: Stage, url: string, kind: 'postgres' | 'redis', space: string, payments: number) {
  const server = await stage.startServer('plugin', { ...setup, database: { kind, url, space } })
  const load = await stage.load([server], { ...paymentScenario, from: 0, amount: payments, connections: 1 })
  await server.stop()
  if (load.failures > 0) throw new Error(`${kind}: ${load.failures} payments failed`)
}

export const measureCommits: Measure = async (stage) => {
  const database = await startDatabase('postgres', stage.workshop)
  const client = new pg.Client({ connectionString: database.url.replace(/postgres$/, 'template1') })
  await client.connect()
  const ask = async (text: string) => Number((await client.query(text)).rows[0].count)
  const statements = () =>
    steady(() => ask("SELECT xact_commit AS count FROM pg_stat_database WHERE datname = 'postgres'"))
  const commits = () => ask('SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS count')
  const both = async () => [await commits(), await statements()]
  const [written = Number.NaN, all = Number.NaN] = await perPayment(async (payments) => {
    const before = await both()
    await pay(stage, database.url, 'postgres', `bench_${payments}`, payments)
    return (await both()).map((total, index) => total - (before[index] ?? 0))
  })
  await client.end()
  await database.stop()
  // A hook adds one of each, after the answer.
  return [
    { what: 'PostgreSQL commits that write, per payment', value: written, atMost: 2 },
    { what: 'PostgreSQL statements per payment', value: all },
  ]
}

/** A backend adds up what it did when it ends, which takes a moment. */
async function steady(read: () => Promise<number>): Promise<number> {
  for (let before = await read(); ; ) {
    await sleep(300)
    const now = await read()
    if (now === before) return now
    before = now
  }
}

export const measureRoundTrips: Measure = async (stage) => {
  const database = await startDatabase('redis', stage.workshop)
  const proxy = await CountingProxy.start(database.port)
  const [roundTrips = Number.NaN] = await perPayment(async (payments) => {
    const before = proxy.roundTrips
    await pay(stage, `redis://127.0.0.1:${proxy.port}`, 'redis', `bench-${payments}`, payments)
    return [proxy.roundTrips - before]
  })
  proxy.stop()
  await database.stop()
  return [{ what: 'Redis round trips per payment, counted on the wire', value: roundTrips, atMost: 3 }]
}

/** Passes everything on, and counts how often the client speaks after the server did: what is waited for. */
class CountingProxy {
  roundTrips = 0
  readonly #server: Server

  static async start(port: number): Promise<CountingProxy> {
    const proxy = new CountingProxy(port)
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening')
    return proxy
  }

  private constructor(port: number) {
    this.#server = createServer((client) => {
      const server = connect(port, '127.0.0.1')
      let isAsking = false
      client.on('data', () => {
        if (!isAsking) this.roundTrips++
        isAsking = true
      })
      server.on('data', () => {
        isAsking = false
      })
      client.pipe(server).pipe(client)
      for (const socket of [client, server]) socket.setNoDelay(true).on('error', () => socket.destroy())
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  stop(): void {
    this.#server.close()
  }
}

/** To the next twentieth: the timer that looks for unfinished work asks the database, too, now and then. */
function rounded(value: number): number {
  return Math.round(value * 20) / 20
}
