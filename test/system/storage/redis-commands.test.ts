import { expect } from 'chai'
import { createClient, createClientPool } from 'redis'
import { StorageError } from '../../../lib/errors.ts'
import { type RedisLike, redisStorage } from '../../../lib/storage/redis/redis.ts'
import type { Storage } from '../../../lib/storage/storage.ts'
import { canStartRedis, need, newRedisDatabase } from '../../support/servers.ts'

/** Patient: how long two busy cores take is not what is tested. */
const deadlineMs = 60_000

describe('redisStorage and the commands that it gives Redis', () => {
  let url: string
  let client: ReturnType<typeof newClient>
  let storage: Storage
  let now = 0

  before(async function () {
    need(this, 'redis-server', canStartRedis())
    url = await newRedisDatabase()
    client = newClient(url)
    await client.connect()
  })

  after(() => client?.destroy())

  beforeEach(async () => {
    await client.flushDb()
    now = 1_000_000
    storage = redisStorage(client, { clock: () => now, deadlineMs })
  })

  /** How often the server has run a command since `act` began. */
  async function callsOf(command: string, act: () => Promise<unknown>): Promise<number> {
    await client.configResetStat()
    await act()
    const stats = await client.info('commandstats')
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
  }

  it('is for every process that uses the same Redis', () => {
    expect(storage.scope).to.equal('cluster')
  })

  it('takes one script call to read, insert, update and remove', async () => {
    await client.scriptFlush()
    const stored = await storage.insert('key', 'first')
    await storage.remove('key')
    await storage.read('key')
    for (const act of [
      () => storage.read('key'),
      () => storage.insert('key', 'value'),
      () => storage.update('key', 'value', stored?.version ?? 0),
      () => storage.remove('key'),
    ]) {
      expect(await callsOf('evalsha', act)).to.equal(1)
      expect(await callsOf('eval', act)).to.equal(0)
    }
  })

  it('goes on when the server has forgotten the scripts', async () => {
    await storage.insert('key', 'value', { dueAt: 1 })
    await client.scriptFlush()
    expect(await storage.read('key')).to.have.property('value', 'value')
    await client.scriptFlush()
    expect(await storage.lease(1, 1000, 10)).to.have.length(1)
  })

  it('wins once when the client sends a write twice', async () => {
    const twice = redisStorage(sendingTwice(client), { deadlineMs })
    const inserted = await twice.insert('key', 'first')
    expect(inserted).to.have.property('value', 'first')
    expect(await twice.update('key', 'second', inserted?.version ?? 0)).to.have.property('value', 'second')
    expect(await twice.insert('key', 'third')).to.equal(undefined)
  })

  it('lets a record expire when the clock says so, to the millisecond, whatever Redis’s clock says', async () => {
    await storage.insert('key', 'value', { expiresAt: now + 1000 })
    now += 999
    expect(await storage.read('key')).to.have.property('value', 'value')
    now += 1
    expect(await storage.read('key')).to.equal(undefined)
  })

  it('has Redis remove what has expired, a minute later', async () => {
    await storage.insert('expiring', 'value', { expiresAt: now + 1000 })
    await storage.insert('permanent', 'value', { expiresAt: now + 1000 })
    const permanent = await storage.read('permanent')
    await storage.update('permanent', 'value', permanent?.version ?? 0)
    expect(await client.pTTL(await nameOf('expiring'))).to.be.within(1, 61_000)
    expect(await client.pTTL(await nameOf('permanent'))).to.equal(-1)
  })

  it('drops from the index what is gone, and gives the others', async () => {
    for (const key of ['gone', 'expired', 'there']) {
      await storage.insert(key, key, { dueAt: 1, ...(key === 'expired' && { expiresAt: now + 1 }) })
    }
    await client.del(await nameOf('gone'))
    now += 1
    expect(await storage.lease(5, 1000, 2))
      .to.have.length(1)
      .with.nested.property('0.key', 'there')
    const sizes = await Promise.all((await client.keys('*:due')).map((index) => client.zCard(index)))
    expect(sizes).to.deep.equal([1])
  })

  it('gives the earliest of all shards first, also when many are due', async () => {
    const keys = Array.from({ length: 100 }, (_, number) => `key-${number}`)
    await Promise.all(keys.map((key, dueAt) => storage.insert(key, null, { dueAt })))
    const leased = [...(await storage.lease(1000, 1000, 70)), ...(await storage.lease(1000, 1000, 70))]
    expect(leased.map(({ key }) => key)).to.deep.equal(keys)
  })

  it('gives a record once per call, even with a lease of no time', async () => {
    await storage.insert('key', 'value', { dueAt: 1 })
    expect(await storage.lease(1, 0, 10)).to.have.length(1)
    expect(await storage.lease(1, 0, 1)).to.have.length(1)
  })

  it('rejects what was not written by it, and leases the others all the same', async () => {
    await storage.insert('damaged', 'value', { dueAt: 1 })
    await storage.insert('whole', 'value', { dueAt: 2 })
    await client.hSet(await nameOf('damaged'), 'value', '{')
    expect(await errorOf(storage.read('damaged'))).to.be.instanceOf(StorageError)
    expect(await storage.lease(5, 1000, 10))
      .to.have.length(1)
      .with.nested.property('0.key', 'whole')
    expect(await errorOf(storage.lease(1005, 1000, 1))).to.be.instanceOf(StorageError)
  })

  it('keeps keys apart that differ only in what UTF-8 cannot say', async () => {
    for (const key of ['\ud800', '\ud801', '\ufffd', '\u0000', '\\u0000']) await storage.insert(key, key, { dueAt: 1 })
    expect((await storage.read('\ud800'))?.value).to.equal('\ud800')
    expect(await storage.lease(5, 1000, 10)).to.have.length(5)
  })

  it('keeps two prefixes apart', async () => {
    const other = redisStorage(client, { prefix: 'other:', deadlineMs })
    await storage.insert('key', 'ours', { dueAt: 1 })
    expect(await other.read('key')).to.equal(undefined)
    expect(await other.lease(5, 1000, 10)).to.deep.equal([])
  })

  it('works through a pool, a key prefix of the client, and a client that maps replies to buffers', async () => {
    const options = { url, keyPrefix: 'host:', commandOptions: { typeMapping: { 36: Buffer } } }
    const pool = createClientPool(options, { minimum: 1 })
    await pool.connect()
    const pooled = redisStorage(pool, { deadlineMs })
    const inserted = await pooled.insert('key', 'value', { dueAt: 1 })
    expect(await pooled.read('key')).to.deep.equal(inserted)
    expect(await pooled.lease(5, 1000, 10)).to.deep.equal([inserted])
    expect(await storage.read('key')).to.equal(undefined)
    pool.destroy()
  })

  async function nameOf(part: string): Promise<string> {
    const [name] = await client.keys(`*:record:${part}`)
    return name ?? ''
  }
})

function newClient(url: string) {
  return createClient({ url }).on('error', () => {})
}

/** What a client does that resends after a lost connection. The caller gets the second answer. */
function sendingTwice(
  client: RedisLike,
): RedisLike & Pick<ReturnType<RedisLike['withCommandOptions']>, 'eval' | 'evalSha'> {
  const twice = (options: Parameters<RedisLike['withCommandOptions']>[0]) => {
    const scripting = client.withCommandOptions(options)
    return {
      eval: async (...call: Parameters<typeof scripting.eval>) =>
        [await scripting.eval(...call), await scripting.eval(...call)][1],
      evalSha: async (...call: Parameters<typeof scripting.evalSha>) =>
        [await scripting.evalSha(...call), await scripting.evalSha(...call)][1],
    }
  }
  const unused = () => Promise.reject(new Error('not without options'))
  return { withCommandOptions: twice, eval: unused, evalSha: unused }
}

function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}
