import { resolve } from 'node:path'
import { memoryStorage, type Storage } from 'express-doku-ovo'
import { type PostgresPool, postgresStorage } from 'express-doku-ovo/postgres'
import { redisStorage } from 'express-doku-ovo/redis'
import { DemoError } from './demo-error.ts'
import { takeFolder } from './folder.ts'
import { memoryShelf, postgresShelf, redisShelf, type Shelf } from './shelf.ts'

/** Where to keep the state. Without any of these: in memory. */
export interface KeepingWanted {
  /** A folder for a PostgreSQL that runs inside this process. */
  readonly folder?: string | undefined
  readonly databaseUrl?: string | undefined
  readonly redisUrl?: string | undefined
}

/** The place for the plug-in's records and for the shop's own data. */
export interface Keeping {
  readonly storage: Storage
  readonly shelf: Shelf
  /** Whether the state survives a restart. */
  readonly survives: boolean
  /** A sentence for the person who starts the demo. */
  readonly description: string
  close(): Promise<void>
}

type Clock = () => number

/**
 * Opens the place for the state. Loads a driver only if it is needed, so that the usual start stays fast.
 * @throws DemoError when the database or the folder cannot be used
 */
export async function openKeeping(wanted: KeepingWanted, clock: Clock): Promise<Keeping> {
  if (wanted.databaseUrl) return openPostgres(wanted.databaseUrl, clock)
  if (wanted.redisUrl) return openRedis(wanted.redisUrl, clock)
  if (wanted.folder) return openFolder(wanted.folder, clock)
  const description = 'State is kept in memory, and a restart loses it (--keep keeps it).'
  const shelf = memoryShelf()
  return { storage: memoryStorage({ clock }), shelf, survives: false, description, close: async () => {} }
}

async function openPostgres(connectionString: string, clock: Clock): Promise<Keeping> {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({ connectionString, connectionTimeoutMillis: 5_000, statement_timeout: 5_000 })
  // Each request gets the error of its own connection. This handler is for idle connections.
  pool.on('error', () => {})
  const description = `State is kept in PostgreSQL at ${new URL(connectionString).host}.`
  return keepingInPostgres(pool, clock, description, () => pool.end()).catch(async (error: unknown) => {
    await pool.end()
    throw unusable('DATABASE_URL', error)
  })
}

async function openFolder(folder: string, clock: Clock): Promise<Keeping> {
  const { PGlite } = await import('@electric-sql/pglite')
  const path = resolve(folder)
  const taken = takeFolder(path)
  const database = await PGlite.create(taken.database)
  const connection = {
    query: async ({ text, values }: { text: string; values: unknown[] }) => {
      const { rows } = await database.query<Record<string, unknown>>(text, values)
      return { rows }
    },
    release() {},
    on() {},
    off() {},
  }
  const description = `State is kept in ${path}; delete that folder to start from the beginning.`
  return keepingInPostgres({ connect: async () => connection }, clock, description, async () => {
    await database.close()
    taken.release()
  })
}

async function keepingInPostgres(
  pool: PostgresPool,
  clock: Clock,
  description: string,
  close: () => Promise<void>,
): Promise<Keeping> {
  const storage = postgresStorage(pool, { clock })
  await storage.migrate()
  return { storage, shelf: await postgresShelf(pool), survives: true, description, close }
}

async function openRedis(url: string, clock: Clock): Promise<Keeping> {
  const { createClient } = await import('redis')
  let isConnected = false
  // If a connected server goes away, wait for it; requests fail meanwhile. If none ever answered, REDIS_URL is wrong.
  const reconnectStrategy = (tries: number, cause: Error) => (isConnected ? Math.min(100 * 2 ** tries, 2_000) : cause)
  const client = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy } })
  client.on('error', () => {})
  await client.connect().catch((error: unknown) => {
    throw unusable('REDIS_URL', error)
  })
  isConnected = true
  return {
    storage: redisStorage(client, { clock }),
    shelf: redisShelf(client),
    survives: true,
    description: `State is kept in Redis at ${new URL(url).host}.`,
    close: async () => client.destroy(),
  }
}

/** Shows the innermost cause, because the person can fix that one: a host name, a port, a password. */
function unusable(name: string, error: unknown): DemoError {
  let reason = error
  while (reason instanceof Error && reason.cause !== undefined) reason = reason.cause
  const { message = '', code = '' } = reason as Partial<NodeJS.ErrnoException>
  return new DemoError(`${name} cannot be used: ${message || code}`, { cause: error })
}
