import { PGlite } from '@electric-sql/pglite'
import { expect } from 'chai'
import pg from 'pg'
import { StorageError } from '../../../../lib/errors.ts'
import { storageConformance } from '../../../../lib/storage/conformance/conformance.ts'
import { type PostgresPool, type PostgresStorage, postgresStorage } from '../../../../lib/storage/postgres/postgres.ts'
import { statementsFor } from '../../../../lib/storage/postgres/statements.ts'
import { pglitePool } from '../../../support/pglite-pool.ts'
import { isReachable, need, serviceUrls } from '../../../support/servers.ts'

const serviceUrl = serviceUrls.postgres
const schema = `express_doku_ovo_test_${process.pid}`

describe('postgresStorage', () => {
  describe('on embedded PGlite', () => {
    let database: PGlite
    let tables = 0

    before(async () => {
      database = await PGlite.create()
    })

    after(() => database.close())

    storageConformance({ describe, it }, () =>
      migrated(pglitePool(database), `conformance_${tables++}`, { deadlineMs: 60_000 }),
    )
  })

  describe('on the machine’s own PostgreSQL', () => {
    const pool = new pg.Pool({ connectionString: serviceUrl, max: 5 }).on('error', () => {})
    let storage: PostgresStorage
    let now = 0
    let tables = 0
    const newTable = () => `${schema}.table_${tables++}`

    before(async function () {
      need(this, `PostgreSQL at ${serviceUrl}`, await isReachable(serviceUrl))
      await pool.query(`CREATE SCHEMA ${schema}`)
    })

    after(async () => {
      if (pool.totalCount > 0) await pool.query(`DROP SCHEMA ${schema} CASCADE`)
      await pool.end()
    })

    /** Patient, because two cores may be busy with other things, and then nothing is wrong. */
    const options = { deadlineMs: 60_000, clock: () => now }

    beforeEach(async () => {
      now = 1_000_000
      storage = await migrated(pool, newTable(), options)
    })

    storageConformance({ describe, it }, () => migrated(pool, newTable(), { deadlineMs: 60_000 }))

    describe('with transactions that are serializable by default', () => {
      const strict = new pg.Pool({
        connectionString: serviceUrl,
        max: 5,
        options: '-c default_transaction_isolation=serializable',
      })
      after(() => strict.end())
      storageConformance({ describe, it }, () => migrated(strict, newTable(), { deadlineMs: 60_000 }))
    })

    it('is for every process that uses the same database', () => {
      expect(storage.scope).to.equal('cluster')
    })

    it('takes one prepared statement, and a transaction of its own, for each call', async () => {
      const { watched, queries } = watch(pool)
      const table = newTable()
      const watching = await migrated(watched, table)
      queries.length = 0
      const inserted = await watching.insert('key', 'first', { dueAt: 1 })
      await watching.read('key')
      await watching.update('key', 'second', inserted?.version ?? 0, { dueAt: 1 })
      await watching.lease(1, 1000, 10)
      await watching.remove('key')
      const { insert, read, update, lease, remove } = statementsFor(table)
      const statements = [insert, read, update, lease, remove]
      expect(queries.map(({ name, text }) => ({ name, text }))).to.deep.equal(statements)
      expect(new Set(statements.map(({ name }) => name?.length))).to.deep.equal(new Set([25]))
    })

    it('lets a record expire when the clock says so, to the millisecond', async () => {
      await storage.insert('key', 'value', { expiresAt: now + 1000 })
      now += 999
      expect(await storage.read('key')).to.have.property('value', 'value')
      now += 1
      expect(await storage.read('key')).to.equal(undefined)
    })

    it('deletes what has expired, some with each lease, and nothing else', async () => {
      const table = newTable()
      const purging = await migrated(pool, table, options)
      await purging.insert('permanent', 'value')
      await pool.query(`INSERT INTO ${table} SELECT 'old-' || n, 'null', 1, $1, 1 FROM generate_series(1, 1200) AS n`, [
        now + 1000,
      ])
      now += 1000
      const counts: number[] = []
      for (let call = 0; call < 3; call++) {
        expect(await purging.lease(5, 1000, 10)).to.deep.equal([])
        counts.push((await pool.query(`SELECT FROM ${table}`)).rows.length)
      }
      expect(counts).to.deep.equal([701, 201, 1])
    })

    it('gives a record once per call, even with a lease of no time', async () => {
      await storage.insert('key', 'value', { dueAt: 1 })
      expect(await storage.lease(1, 0, 10)).to.have.length(1)
      expect(await storage.lease(1, 0, 10)).to.have.length(1)
    })

    it('keeps keys apart that differ only in what text cannot say', async () => {
      for (const key of ['\ud800', '\ud801', '\ufffd', '\u0000', '\\u0000'])
        await storage.insert(key, key, { dueAt: 1 })
      expect((await storage.read('\ud800'))?.value).to.equal('\ud800')
      expect(await storage.lease(5, 1000, 10)).to.have.length(5)
    })

    it('accepts times that are not whole, or never come', async () => {
      await storage.insert('fraction', 'value', { dueAt: 5.5, expiresAt: Number.POSITIVE_INFINITY })
      await storage.insert('never', 'value', { dueAt: Number.POSITIVE_INFINITY })
      expect(await storage.lease(5.4, 1000, 10)).to.deep.equal([])
      expect(await storage.lease(5.5, 1000, 10)).to.have.length(1)
    })

    it('passes by a record that another transaction is working on, and leases the others', async () => {
      const table = newTable()
      const leasing = await migrated(pool, table, options)
      for (const key of ['busy', 'idle']) await leasing.insert(key, key, { dueAt: 1 })
      const other = await pool.connect()
      await other.query(`BEGIN; SELECT FROM ${table} WHERE key = 'busy' FOR UPDATE`)
      const leased = await leasing.lease(5, 1000, 10)
      await other.query('ROLLBACK')
      other.release()
      expect(leased).to.have.length(1).with.nested.property('0.key', 'idle')
    })

    it('gives the connection back, and destroys none, when all is well', async () => {
      const one = new pg.Pool({ connectionString: serviceUrl, max: 1 })
      let removed = 0
      one.on('remove', () => removed++)
      const single = await migrated(one, newTable(), options)
      const listeners = await listenerCount(one)
      for (let count = 0; count < 20; count++) await single.insert(`key-${count}`, count)
      expect([one.totalCount, one.idleCount, removed]).to.deep.equal([1, 1, 0])
      expect(await listenerCount(one)).to.equal(listeners)
      await one.end()
    })

    it('says what to do when the table is missing', async () => {
      const error = await errorOf(postgresStorage(pool, { table: newTable(), deadlineMs: 60_000 }).read('key'))
      expect(error).to.be.instanceOf(StorageError).with.property('message').that.contains('migrate()')
      expect(error).to.have.nested.property('cause.code', '42P01')
    })

    it('rejects what was not written by it', async () => {
      const table = newTable()
      const damaged = await migrated(pool, table, options)
      await pool.query(`INSERT INTO ${table} VALUES ('key', '{', 1)`)
      expect(await errorOf(damaged.read('key'))).to.be.instanceOf(StorageError)
    })

    describe('migrate', () => {
      it('changes nothing when it is repeated', async () => {
        const inserted = await storage.insert('key', 'value')
        await storage.migrate()
        await storage.migrate()
        expect(await storage.read('key')).to.deep.equal(inserted)
      })

      it('may be run by eight at once', async () => {
        const table = newTable()
        const pools = Array.from({ length: 8 }, () => new pg.Pool({ connectionString: serviceUrl, max: 1 }))
        await Promise.all(pools.map((one) => one.query('SELECT')))
        await Promise.all(pools.map((one) => postgresStorage(one, { table }).migrate()))
        await Promise.all(pools.map((one) => one.end()))
        expect(await postgresStorage(pool, { table, deadlineMs: 60_000 }).insert('key', 'value')).not.to.equal(
          undefined,
        )
      })

      it('makes up for an index that is missing', async () => {
        const table = newTable()
        const indexed = await migrated(pool, table)
        await pool.query(`DROP INDEX ${table}_due_at`)
        await indexed.migrate()
        const [, name = ''] = table.split('.')
        const { rows } = await pool.query('SELECT FROM pg_indexes WHERE schemaname = $1 AND tablename = $2', [
          schema,
          name,
        ])
        expect(rows).to.have.length(3)
      })

      it('can be run by a role that may not create anything, when all is there', async () => {
        const role = `${schema}_role`
        await pool.query(`CREATE ROLE ${role}; GRANT USAGE ON SCHEMA ${schema} TO ${role}`)
        const limited = new pg.Pool({ connectionString: serviceUrl, max: 1, options: `-c role=${role}` })
        const table = newTable()
        await migrated(pool, table)
        const error = await errorOf(postgresStorage(limited, { table }).migrate())
        const refused = await errorOf(postgresStorage(limited, { table: newTable() }).migrate())
        await limited.end()
        await pool.query(`REVOKE ALL ON SCHEMA ${schema} FROM ${role}; DROP ROLE ${role}`)
        expect(error).to.equal(undefined)
        expect(refused).to.be.instanceOf(StorageError)
      })
    })

    describe('with 100,000 records', () => {
      const table = `${schema}.large`
      const { lease } = statementsFor(table)

      before(async () => {
        await migrated(pool, table)
        await pool.query(
          `INSERT INTO ${table} SELECT 'key-' || n, '{"n":1}', n, CASE WHEN n % 3 = 0 THEN 2e12 END,
             CASE WHEN n % 2 = 0 THEN n END FROM generate_series(1, 100000) AS n`,
        )
      })

      for (const [state, prepare] of Object.entries({
        'before the planner has statistics': '',
        'when the planner has statistics': `ANALYZE ${table};`,
      })) {
        for (const mode of ['force_custom_plan', 'force_generic_plan']) {
          it(`serves lease by index, ${state}, with ${mode}`, async () => {
            const client = await pool.connect()
            await client.query(`${prepare} SET plan_cache_mode = ${mode}; PREPARE lease AS ${lease.text}`)
            const { rows } = await client.query('EXPLAIN EXECUTE lease(1e12, 90000, 10, 1e12)')
            client.release(true)
            const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
            expect(plan).to.match(/Index Scan using large_due_at on large/)
            expect(plan).not.to.contain('Seq Scan')
          })
        }
      }

      it('leases the few that are due', async () => {
        const leased = await postgresStorage(pool, { table, ...options }).lease(6, 1000, 10)
        expect(leased.map(({ key }) => key)).to.deep.equal(['key-2', 'key-4', 'key-6'])
      })
    })
  })

  for (const table of ['', 'a b', 'a.b.c', '1st', 'a"b', 'a;DROP TABLE b', `a${'b'.repeat(50)}`, "a'b", '.a', 'a.']) {
    it(`refuses ${JSON.stringify(table)} as the name of a table`, () => {
      const pool = { connect: () => Promise.reject(new Error('not to be called')) }
      expect(() => postgresStorage(pool, { table })).to.throw(TypeError, 'table')
    })
  }

  it('refuses what is not a pool', () => {
    expect(() => postgresStorage({} as PostgresPool)).to.throw(TypeError, 'Pool')
  })
})

async function migrated(pool: PostgresPool, table: string, options = {}): Promise<PostgresStorage> {
  const storage = postgresStorage(pool, { table, ...options })
  await storage.migrate()
  return storage
}

/** The same pool, and whatever it is asked. */
function watch(pool: pg.Pool) {
  const queries: { name?: string; text: string }[] = []
  const watched: PostgresPool = {
    async connect() {
      const client = await pool.connect()
      return {
        query: (query) => {
          queries.push(query)
          return client.query(query)
        },
        release: (error) => client.release(error),
        on: (event, listener) => client.on(event, listener),
        off: (event, listener) => client.off(event, listener),
      }
    },
  }
  return { watched, queries }
}

async function listenerCount(pool: pg.Pool): Promise<number> {
  const client = await pool.connect()
  const count = client.listenerCount('error')
  client.release()
  return count
}

function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}
