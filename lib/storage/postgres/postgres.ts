import { randomInt } from 'node:crypto'
import { StorageError } from '../../errors.ts'
import { type Clock, systemClock } from '../../primitives/clock.ts'
import type { Json } from '../../primitives/json.ts'
import { type Storage, type Stored, type WriteOptions, written } from '../storage.ts'
import { type PostgresPool, type PostgresQuery, type PostgresResult, runStatement } from './session.ts'
import { type PostgresStatement, type PostgresStatements, statementsFor } from './statements.ts'

export type { PostgresConnection, PostgresPool } from './session.ts'

/** The options of `postgresStorage`. */
export interface PostgresStorageOptions {
  /** `table` or `schema.table`, of letters, digits and `_`; case counts. Default: `express_doku_ovo`. */
  readonly table?: string
  /** After how many ms without an answer a call rejects. This includes the wait for a connection. Default: 900. */
  readonly deadlineMs?: number
  /** Decides whether a record has expired. Default: the machine's clock. */
  readonly clock?: Clock
}

/** The storage that `postgresStorage` makes. */
export interface PostgresStorage extends Storage {
  /**
   * Creates the table and its indexes unless they exist. Any number of processes may call it at once, at each start.
   * Rejects with a `StorageError` on failure, after 30 s at the latest. The schema must exist if the option names one.
   */
  migrate(): Promise<void>
}

/**
 * Keeps records in one table of PostgreSQL 12 or later, through the host's `pg.Pool`. For many processes: each call is one
 * prepared statement, one transaction and one round trip. Expired rows are invisible at once; each `lease` deletes a few.
 *
 * - **The server decides about durability.** PostgreSQL's defaults, `fsync` and `synchronous_commit` on, keep each
 *   acknowledged write. A failover to an asynchronous replica loses the writes that it had not received yet.
 * - **After a `StorageError` from a write, the outcome is unknown**: a sent statement may still commit when the server
 *   comes back. A late insert or update does no harm, because it is a compare-and-set. A late remove removes any record
 *   that has the key by then.
 * - A connection that did not answer is closed. Give the pool a `connectionTimeoutMillis`, so that it also gives up
 *   connections that it is still opening, and a `statement_timeout`, so that the server stops abandoned statements.
 *
 * A key may have 2,600 bytes, a value a gigabyte. PgBouncer in transaction mode needs `max_prepared_statements`. The host
 * listens to the pool's 'error' event and ends the pool after the plug-in.
 * @throws TypeError if it is not a pool, or if the table's name is not acceptable
 * @example
 * ```ts
 * import { postgresStorage } from 'express-doku-ovo/postgres'
 * import { Pool } from 'pg'
 *
 * const pool = new Pool({ connectionTimeoutMillis: 900, statement_timeout: 900 })
 * pool.on('error', (error) => console.error(error))
 * const storage = postgresStorage(pool, { table: 'shop.ovo_records' })
 * await storage.migrate()
 * ```
 */
export function postgresStorage(pool: PostgresPool, options: PostgresStorageOptions = {}): PostgresStorage {
  if (typeof pool?.connect !== 'function') throw new TypeError('postgresStorage needs a Pool of pg, version 8')
  const { table = 'express_doku_ovo', deadlineMs = 900, clock = systemClock } = options
  return new PooledStorage(pool, statementsFor(table), deadlineMs, clock)
}

/** Longer than any other deadline: it waits for other processes that migrate, and may build an index. */
const migrateDeadlineMs = 30_000

class PooledStorage implements PostgresStorage {
  readonly scope = 'cluster'
  readonly #pool: PostgresPool
  readonly #statements: PostgresStatements
  readonly #deadlineMs: number
  readonly #clock: Clock

  constructor(pool: PostgresPool, statements: PostgresStatements, deadlineMs: number, clock: Clock) {
    this.#pool = pool
    this.#statements = statements
    this.#deadlineMs = deadlineMs
    this.#clock = clock
  }

  async migrate(): Promise<void> {
    await runStatement(this.#pool, { ...this.#statements.migrate, values: [] }, migrateDeadlineMs)
  }

  async read(key: string): Promise<Stored | undefined> {
    const [row] = await this.#run(this.#statements.read, [toColumn(key), this.#clock()])
    return row && toStored(key, row)
  }

  async insert(key: string, value: Json, options: WriteOptions = {}): Promise<Stored | undefined> {
    return this.#write(this.#statements.insert, key, value, options)
  }

  async update(key: string, value: Json, version: number, options: WriteOptions = {}): Promise<Stored | undefined> {
    return this.#write(this.#statements.update, key, value, options, version)
  }

  async remove(key: string): Promise<void> {
    await this.#run(this.#statements.remove, [toColumn(key)])
  }

  async lease(now: number, leaseMs: number, limit: number): Promise<Stored[]> {
    const rows = await this.#run(this.#statements.lease, [this.#clock(), now, limit, now + leaseMs])
    return rows.map((row) => toStored(fromColumn(row.key), row))
  }

  /** The version is random: a counter would repeat itself after a failover loses the last counts. */
  async #write(
    statement: PostgresStatement,
    key: string,
    value: Json,
    { expiresAt = null, dueAt = null }: { expiresAt?: number | null; dueAt?: number | null },
    ...expectedVersion: number[]
  ): Promise<Stored | undefined> {
    const text = JSON.stringify(value)
    const version = randomInt(2 ** 48 - 1)
    const values = [toColumn(key), text, version, expiresAt, dueAt, this.#clock(), ...expectedVersion]
    const [row] = await this.#run(statement, values)
    return row && written(key, text, version)
  }

  #run(statement: PostgresStatement, values: PostgresQuery['values']): Promise<PostgresResult['rows']> {
    return runStatement(this.#pool, { ...statement, values }, this.#deadlineMs)
  }
}

/** Writes the key as inside JSON quotes: `text` cannot hold \u0000 or lone surrogates, and keys that differ in them must differ. */
function toColumn(key: string): string {
  return JSON.stringify(key).slice(1, -1)
}

function fromColumn(column: unknown): string {
  return JSON.parse(`"${column}"`)
}

/** @throws StorageError if the row's value is not JSON */
function toStored(key: string, { value, version }: PostgresResult['rows'][number]): Stored {
  try {
    return { key, value: JSON.parse(String(value)), version: Number(version) }
  } catch (error) {
    throw new StorageError(`PostgreSQL has damaged text at ${key}`, { cause: error })
  }
}
