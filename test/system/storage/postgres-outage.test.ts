import { expect } from 'chai'
import pg from 'pg'
import { StorageError } from '../../../lib/errors.ts'
import { storageConformance } from '../../../lib/storage/conformance/conformance.ts'
import { postgresStorage } from '../../../lib/storage/postgres/postgres.ts'
import { raceTests } from '../../support/process-race.ts'
import { canStartPostgres, need, type PrivateServer, startPostgres } from '../../support/servers.ts'

/** Short, so that the tests do not take long; nothing is asserted about how long. */
const deadlineMs = 200

describe('postgresStorage and what can happen to a PostgreSQL', () => {
  let server: PrivateServer
  let pool: pg.Pool
  let isPaused = false
  let tables = 0

  before(async function () {
    need(this, 'the server programs of PostgreSQL', canStartPostgres())
    server = await startPostgres()
    pool = new pg.Pool({ connectionString: server.url, max: 4 }).on('error', () => {})
  })

  after(async () => {
    await pool?.end()
    await server?.stop()
  })

  afterEach(() => resume())

  function pause(): void {
    server.pause()
    isPaused = true
  }

  function resume(): void {
    if (isPaused) server.resume()
    isPaused = false
  }

  /** Patient: how long two busy cores take is not what is tested. */
  async function newStorage(table = `table_${tables++}`) {
    const storage = postgresStorage(pool, { table, deadlineMs: 60_000 })
    await storage.migrate()
    return storage
  }

  storageConformance({ describe, it }, () => newStorage(), {
    brokenStorage: () => {
      pause()
      return postgresStorage(pool, { table: 'broken', deadlineMs })
    },
  })

  it('rejects while the server hangs, closes the connections that hang, and goes on with new ones', async () => {
    const patient = await newStorage('hanging')
    const hasty = postgresStorage(pool, { table: 'hanging', deadlineMs })
    await Promise.all([1, 2, 3, 4].map((number) => patient.insert(`key-${number}`, number)))
    const closed: unknown[] = []
    const count = (client: unknown) => closed.push(client)
    pool.on('remove', count)
    const busy = pool.idleCount
    pause()
    const outcomes = await Promise.allSettled(Array.from({ length: busy + 6 }, () => hasty.read('key-1')))
    resume()
    for (const outcome of outcomes) expect(outcome).to.have.property('reason').that.is.instanceOf(StorageError)
    expect(await patient.read('key-1')).to.have.property('value', 1)
    pool.off('remove', count)
    expect(closed).to.have.length(busy)
    await expectNothingLent()
  })

  it('rejects every call while the server is down, and works again when it is back, with nothing lost', async () => {
    const patient = await newStorage('killed')
    const storage = postgresStorage(pool, { table: 'killed', deadlineMs })
    const inserted = await patient.insert('key', 'value', { dueAt: 1 })
    await server.kill()
    const calls = [storage.read('key'), storage.insert('new', 1), storage.remove('key'), storage.lease(5, 1000, 10)]
    const outcomes = await Promise.allSettled([...calls, storage.migrate()])
    await server.restart()
    for (const outcome of outcomes) {
      expect(outcome)
        .to.have.property('reason')
        .that.is.instanceOf(StorageError)
        .with.property('code', 'STORAGE_UNAVAILABLE')
    }
    expect(await patient.read('key')).to.deep.equal(inserted)
    expect(await patient.lease(5, 1000, 10)).to.deep.equal([inserted])
    await expectNothingLent()
  })

  it('rejects when the server is killed in the middle of a call', async () => {
    const patient = await newStorage('cut')
    await patient.insert('key', 'start')
    const blocker = await pool.connect()
    blocker.on('error', () => {})
    await blocker.query(`BEGIN; SELECT FROM cut WHERE key = 'key' FOR UPDATE`)
    const removing = Promise.allSettled([patient.remove('key')])
    await untilSomebodyWaits(pool)
    await server.kill()
    const [outcome] = await removing
    blocker.release(true)
    await server.restart()
    expect(outcome).to.have.property('reason').that.is.instanceOf(StorageError)
    expect(await patient.read('key')).to.have.property('value', 'start')
    await expectNothingLent()
  })

  it('rejects when the host’s pool has no connection to spare, and does not keep the one that comes late', async () => {
    const patient = await newStorage('exhausted')
    const lent = await Promise.all([1, 2, 3, 4].map(() => pool.connect()))
    const hasty = postgresStorage(pool, { table: 'exhausted', deadlineMs: 50 })
    const [outcome] = await Promise.allSettled([hasty.insert('key', 'value')])
    for (const client of lent) client.release()
    expect(outcome).to.have.property('reason').that.is.instanceOf(StorageError)
    expect(await patient.read('key')).to.equal(undefined)
    await expectNothingLent()
  })

  it('lets a write that was sent before the outage run late, without harm to a newer one', async () => {
    const patient = await newStorage('late')
    const hasty = postgresStorage(pool, { table: 'late', deadlineMs: 50 })
    const start = await patient.insert('key', 'start')
    pause()
    const [late] = await Promise.allSettled([hasty.update('key', 'late', start?.version ?? 0)])
    resume()
    expect(late?.status).to.equal('rejected')
    const newer = await patient.update('key', 'newer', start?.version ?? 0)
    expect((await patient.read('key'))?.value).to.equal(newer ? 'newer' : 'late')
  })

  /** All connections of the pool are idle, once those that were handed over too late have been given back. */
  async function expectNothingLent(): Promise<void> {
    const all = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()))
    for (const client of all) client.release()
    expect([pool.idleCount, pool.waitingCount]).to.deep.equal([pool.totalCount, 0])
  }

  describe('with several processes', () => {
    const storage = () => postgresStorage(pool, { table: 'race', deadlineMs: 60_000 })
    before(() => storage().migrate())
    raceTests(() => ['postgres', server.url, 'race'], storage)
  })
})

/** Asks until a statement waits for a lock. */
async function untilSomebodyWaits(pool: pg.Pool): Promise<void> {
  for (;;) {
    const { rows } = await pool.query(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'`)
    if (rows.length > 0) return
  }
}
