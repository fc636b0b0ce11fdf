import pg from 'pg'
import { createClient } from 'redis'
import { postgresStorage } from '../../lib/storage/postgres/postgres.ts'
import { keyOf, RedisKeys } from '../../lib/storage/redis/keys.ts'
import { type Database, type DatabaseAddress, startDatabase } from '../crash/servers/database.ts'
import { type StoredPayment, storedPayment } from './processes/stored-payments.ts'
import type { Contender } from './rows.ts'
import type { Stage } from './stage.ts'

/** Where a contender's payments are, over several blocks. */
export interface Keeping {
  /** As it has to be at the beginning of a block. Nothing for memory. */
  prepare(): Promise<DatabaseAddress | undefined>
  /** After a block: what it left behind does not concern the next one. */
  tidy(): Promise<void>
  stop(): Promise<void>
}

const inMemory: Keeping = { prepare: async () => undefined, tidy: async () => {}, stop: async () => {} }

/** A server of one's own, so that two contenders do not share one's caches. */
export async function keepingFor({ database: wanted }: Contender, stage: Stage): Promise<Keeping> {
  if (!wanted) return inMemory
  const { kind, stored } = wanted
  const database = await startDatabase(kind, stage.workshop)
  const store = await { postgres: openPostgres, redis: openRedis }[kind](database)
  const address = { kind, url: database.url, space: 'bench' }
  await store.fill(stored, stage.clientId)
  return {
    prepare: async () => address,
    tidy: () => store.removeUnfinished(),
    async stop() {
      await store.close()
      await database.stop()
    },
  }
}

/** The database from the driver's side: past the package, but in its own format. */
interface Store {
  fill(payments: number, clientId: string): Promise<void>
  /** What still waits for something is what a block has added: what was there before is paid. */
  removeUnfinished(): Promise<void>
  close(): Promise<void>
}

const batchSize = 5_000

function* batches(payments: number, clientId: string): Generator<StoredPayment[]> {
  for (let begin = 0; begin < payments; begin += batchSize) {
    const length = Math.min(batchSize, payments - begin)
    yield Array.from({ length }, (_, index) => storedPayment(clientId, begin + index, 'paid', Date.now()))
  }
}

async function openPostgres({ url }: Database): Promise<Store> {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  pool.on('error', () => {})
  await postgresStorage(pool, { table: 'bench' }).migrate()
  const columns = 'SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])'
  return {
    async fill(payments, clientId) {
      for (const batch of batches(payments, clientId)) {
        const values = [
          batch.map(({ key }) => key),
          batch.map(({ value }) => JSON.stringify(value)),
          batch.map((_, index) => index + 1),
        ]
        await pool.query(`INSERT INTO bench (key, value, version) ${columns}`, values)
      }
      await pool.query('VACUUM ANALYZE bench')
    },
    async removeUnfinished() {
      await pool.query('DELETE FROM bench WHERE due_at IS NOT NULL')
      await pool.query('VACUUM ANALYZE bench')
    },
    close: () => pool.end(),
  }
}

async function openRedis({ url }: Database): Promise<Store> {
  const client = createClient({ url })
  client.on('error', () => {})
  await client.connect()
  // Or it would copy everything, in a process of its own, while it is measured.
  await client.configSet('auto-aof-rewrite-percentage', '0')
  const keys = new RedisKeys('bench:')
  const hold = (key: string) => keys.of(key).record
  return {
    async fill(payments, clientId) {
      await client.configSet('appendfsync', 'no')
      for (const batch of batches(payments, clientId)) {
        await Promise.all(
          batch.map(({ key, value }, index) =>
            client.hSet(hold(key), { value: JSON.stringify(value), version: String(index + 1), expiresAt: '' }),
          ),
        )
      }
      await client.configSet('appendfsync', 'always')
    },
    async removeUnfinished() {
      for (const index of keys.dueIndexes) {
        const members = await client.zRange(index, 0, -1)
        await client.del([index, ...members.map((member) => hold(keyOf(member)))])
      }
    },
    close: async () => client.destroy(),
  }
}
