import { type PostgresStorage, postgresStorage } from '../../../lib/storage/postgres/postgres.ts'
import { redisStorage } from '../../../lib/storage/redis/redis.ts'
import type { Storage } from '../../../lib/storage/storage.ts'
import type { DatabaseAddress, DatabaseKind } from '../servers/database.ts'

type Clock = () => number

export interface OpenStorage {
  readonly storage: Storage
  close(): Promise<void>
}

/** A driver takes a while to load: this is so that a process that does not need it need not. */
export async function loadDriver(kind: DatabaseKind): Promise<void> {
  await (kind === 'postgres' ? import('pg') : import('redis'))
}

/** Opened as a host would: its own client, the package's adapter. */
export function openStorage(database: DatabaseAddress, clock: Clock, connections: number): Promise<OpenStorage> {
  return { postgres: openPostgres, redis: openRedis }[database.kind](database, clock, connections)
}

async function openPostgres({ url, space }: DatabaseAddress, clock: Clock, connections: number): Promise<OpenStorage> {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({ connectionString: url, max: connections, connectionTimeoutMillis: 1000 })
  pool.on('error', () => {})
  const storage = postgresStorage(pool, { clock, table: space })
  await migrate(storage)
  return { storage, close: () => pool.end() }
}

const migrationsAtMost = 20

/** A connection may take longer than the pool waits while hundreds of processes come and go. */
async function migrate(storage: PostgresStorage): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await storage.migrate()
    } catch (error) {
      if (tries === migrationsAtMost) throw error
    }
  }
}

async function openRedis({ url, space }: DatabaseAddress, clock: Clock): Promise<OpenStorage> {
  const { createClient } = await import('redis')
  const client = createClient({ url, socket: { connectTimeout: 1000, reconnectStrategy: 50 } })
  client.on('error', () => {})
  await client.connect()
  return { storage: redisStorage(client, { clock, prefix: `${space}:` }), close: async () => client.destroy() }
}
