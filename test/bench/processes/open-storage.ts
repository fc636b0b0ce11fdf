import type { Storage } from 'express-doku-ovo'
import { postgresStorage } from 'express-doku-ovo/postgres'
import { redisStorage } from 'express-doku-ovo/redis'
import pg from 'pg'
import { createClient } from 'redis'
import type { DatabaseAddress } from '../../crash/servers/database.ts'

/** As many as a small host gives to one process. */
const connections = 20

/** Longer than a host would wait: on a machine too small for row 8 all is late, which is to be measured and not refused. */
const patienceMs = 10_000

/** Opened as a host would: its own client, the package's adapter. */
export function openStorage({ kind, url, space }: DatabaseAddress): Promise<Storage> {
  return { postgres: openPostgres, redis: openRedis }[kind](url, space)
}

async function openPostgres(url: string, space: string): Promise<Storage> {
  const pool = new pg.Pool({ connectionString: url, max: connections, connectionTimeoutMillis: patienceMs })
  pool.on('error', () => {})
  const storage = postgresStorage(pool, { table: space, deadlineMs: patienceMs })
  await storage.migrate()
  return storage
}

async function openRedis(url: string, space: string): Promise<Storage> {
  const client = createClient({ url })
  client.on('error', () => {})
  await client.connect()
  return redisStorage(client, { prefix: `${space}:` })
}
