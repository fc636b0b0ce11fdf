import { readFileSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import { expect } from 'chai'
import {
  dokuOvo,
  type HookEvent,
  type Json,
  keyvStorage,
  memoryStorage,
  type Storage,
  type WriteOptions,
} from 'express-doku-ovo'
import { postgresStorage } from 'express-doku-ovo/postgres'
import { redisStorage } from 'express-doku-ovo/redis'
import Keyv from 'keyv'
import { createClient } from 'redis'
import { Agent, buildConnector } from 'undici'
import { FakeDoku, refusal, statusReply } from '../../support/fake-doku.ts'
import { pglitePool } from '../../support/pglite-pool.ts'
import { isReachable, need } from '../../support/servers.ts'
import { testOptions } from '../../support/shop.ts'

interface Expected {
  readonly clientId: string
  readonly secretKey: string
  readonly encryptionKeys: readonly string[]
  readonly now: number
  readonly payments: Readonly<Record<string, { readonly status: string }>>
  readonly payAgain: Readonly<Record<string, unknown>>
  readonly bindings: Readonly<Record<string, unknown>>
  readonly dokuHeaders: Readonly<Record<string, string>>
  readonly parkedEvents: readonly unknown[]
  /** The ids of the events that wait in the records. */
  readonly untold: readonly string[]
}

const fixture = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../fixtures/records-0.1.0/${name}.json`, import.meta.url), 'utf8')) as T

const expected = fixture<Expected>('expected')
const deadlineMs = 60_000
const alice = { id: 'alice' }
const redisUrl = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'

type Clock = () => number
type Load = (clock: Clock) => Promise<{ readonly storage: Storage; close?(): Promise<unknown> }>

interface RedisKey {
  readonly key: string
  readonly hash?: Readonly<Record<string, string>>
  readonly zset?: readonly (readonly [member: string, score: number])[]
  readonly ttl?: number
}

interface Row {
  readonly key: string
  readonly value: string
  readonly version: string
  readonly expires_at: number | null
  readonly due_at: number | null
}

const loads: Readonly<Record<string, Load>> = {
  async memory(clock) {
    const storage = memoryStorage({ clock })
    const records = fixture<{ key: string; value: Json; options: WriteOptions }[]>('memory')
    for (const { key, value, options } of records) await storage.insert(key, value, options)
    return { storage }
  },
  async keyv(clock) {
    const store = new Map(fixture<[string, string][]>('keyv'))
    return { storage: keyvStorage(new Keyv({ store }), { clock, deadlineMs }) }
  },
  async redis(clock) {
    const client = await createClient({ url: redisUrl }).connect()
    const prefix = `express-doku-ovo-test-${process.pid}-before:`
    const keys = fixture<RedisKey[]>('redis')
    for (const { key, hash = {}, zset = [], ttl } of keys) {
      if (zset.length > 0)
        await client.zAdd(
          prefix + key,
          zset.map(([value, score]) => ({ value, score })),
        )
      else await client.hSet(prefix + key, hash)
      if (ttl !== undefined) await client.pExpire(prefix + key, ttl)
    }
    const close = async () => {
      for await (const found of client.scanIterator({ MATCH: `${prefix}*` })) {
        if (found.length > 0) await client.unlink(found)
      }
      await client.close()
    }
    return { storage: redisStorage(client, { clock, prefix, deadlineMs }), close }
  },
  async postgres(clock) {
    const database = await PGlite.create()
    const storage = postgresStorage(pglitePool(database), { clock, table: 'doku_ovo', deadlineMs })
    await storage.migrate()
    for (const { key, value, version, expires_at, due_at } of fixture<Row[]>('postgres')) {
      await database.query('INSERT INTO doku_ovo VALUES ($1, $2, $3, $4, $5)', [
        key,
        value,
        version,
        expires_at,
        due_at,
      ])
    }
    return { storage, close: () => database.close() }
  },
}

const dokuOfBefore = 'http://127.0.0.1:28173'

/** Connects to one address, whatever the address of the request is. */
function connectedTo(url: string): Agent {
  const connector = buildConnector({})
  return new Agent({ connect: (options, done) => connector({ ...options, port: new URL(url).port }, done) })
}

/** What a promise came to, as the fixture has it. */
async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch(({ code }: { code: string }) => ({ problem: code }))
}

async function outcomes(names: readonly string[], ask: (name: string) => Promise<unknown>): Promise<unknown> {
  const found: Record<string, unknown> = {}
  for (const name of names) found[name] = await outcome(ask(name))
  return found
}

describe('records that version 0.1.0 wrote', () => {
  for (const [name, load] of Object.entries(loads)) {
    describe(`to ${name}`, () => {
      const clock = { now: expected.now }
      const told: HookEvent[] = []
      const errors: unknown[] = []
      let doku: FakeDoku
      let ovo: ReturnType<typeof dokuOvo>
      let close: (() => Promise<unknown>) | undefined

      before(async function () {
        if (name === 'redis') need(this, `Redis at ${redisUrl}`, await isReachable(redisUrl))
        doku = await FakeDoku.start()
        doku.now = () => clock.now
        const loaded = await load(() => clock.now)
        close = loaded.close
        const tell = (event: HookEvent) => void told.push(event)
        const ignore = () => {}
        ovo = dokuOvo({
          ...testOptions(doku.url, 'https://shop.example/ovo'),
          // Its records name the pages of the DOKU that it knew, and only a page of the same origin is shown.
          environment: { baseUrl: dokuOfBefore },
          dispatcher: connectedTo(doku.url),
          api: 'core-v1',
          clientId: expected.clientId,
          secretKey: expected.secretKey,
          encryptionKeys: expected.encryptionKeys,
          storage: loaded.storage,
          findOrder: () => ({ amount: '10000.00' }),
          hooks: { paymentChanged: tell, bindingChanged: tell, refundChanged: tell, orderPaidTwice: tell },
          logger: { debug: ignore, info: ignore, warn: ignore, error: (details) => void errors.push(details) },
          clock: () => clock.now,
          sleep: () => new Promise((resolve) => setImmediate(resolve)),
          reconcileEveryMs: false,
        })
      })

      after(async () => {
        await doku?.close()
        await ovo?.close()
        await close?.()
      })

      it('are shown as that version showed them', async () => {
        doku.always.status = refusal('5005500')
        const { service } = ovo
        const payments = await outcomes(Object.keys(expected.payments), (reference) =>
          service.payment(alice, reference),
        )
        expect(payments).to.deep.equal(expected.payments)
        const again = await outcomes(Object.keys(expected.payAgain), (orderId) => service.pay(alice, { orderId }))
        expect(again).to.deep.equal(expected.payAgain)
        const bindings = await outcomes(Object.keys(expected.bindings), (id) => service.binding({ id }))
        expect(bindings).to.deep.equal(expected.bindings)
        expect(await service.parkedEvents()).to.deep.equal(expected.parkedEvents)
        expect(errors).to.deep.equal([])
      })

      it('still open what they keep sealed', async () => {
        doku.arrivals.length = 0
        await ovo.service.balance(alice)
        expect(doku.arrivals.map(({ operation }) => operation)).to.deep.equal(['balance'])
        expect(doku.arrivals[0]?.headers).to.include(expected.dokuHeaders)
      })

      it('are finished: DOKU is asked, and the host is told what it was not told before', async () => {
        doku.always.status = statusReply('00')
        clock.now += 5 * 60_000
        await ovo.service.reconcile()
        expect(told.map(({ id }) => id)).to.include.members([...expected.untold])
        const live = Object.entries(expected.payments).filter(([, { status }]) =>
          ['sending', 'unknown', 'processing', 'awaiting-customer'].includes(status),
        )
        expect(live).to.have.length.above(3)
        for (const [reference] of live)
          expect(await ovo.service.payment(alice, reference)).to.include({ status: 'paid' })
        expect(await ovo.service.binding({ id: 'frank' })).to.include({ status: 'unbound' })
        expect(errors).to.deep.equal([])
      })
    })
  }
})
