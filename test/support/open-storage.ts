import pg from 'pg'
import { createClient } from 'redis'
import { postgresStorage } from '../../lib/storage/postgres/postgres.ts'
import { redisStorage } from '../../lib/storage/redis/redis.ts'
import type { Storage } from '../../lib/storage/storage.ts'

/** Where a process finds its storage: its kind, its URL, and its prefix or table. */
export type StorageAddress = readonly [kind: 'redis' | 'postgres', url: string, name: string]

/** Patient: how long two busy cores take is not what is tested. */
const deadlineMs = 60_000

export async function openStorage(
  [kind, url, name]: StorageAddress,
  clock = Date.now,
): Promise<{
  readonly storage: Storage
  readonly disconnect: () => void
}> {
  if (kind === 'redis') {
    const client = await createClient({ url }).connect()
    return { storage: redisStorage(client, { prefix: name, deadlineMs, clock }), disconnect: () => client.destroy() }
  }
  const pool = new pg.Pool({ connectionString: url, max: 5 })
  const storage = postgresStorage(pool, { table: name, deadlineMs, clock })
  await storage.migrate()
  return { storage, disconnect: () => void pool.end() }
}
