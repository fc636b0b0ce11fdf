import { StorageError } from '../../errors.ts'
import { withDeadline } from '../../primitives/deadline.ts'

/** The part of a `pg.Pool` that this package uses, version 8. Nothing is imported from `pg`: a few lines adapt another driver. */
export interface PostgresPool {
  connect(): Promise<PostgresConnection>
}

/** The part of a `pg.PoolClient` that this package uses. */
export interface PostgresConnection {
  /** Runs one statement, in a transaction of its own. `name` means: prepare it once, under that name. */
  query(query: PostgresQuery): Promise<PostgresResult>
  /** Gives the connection back to the pool. With an error, closes it, even while it works. */
  release(error?: Error): void
  on(event: 'error', listener: (error: Error) => void): unknown
  off(event: 'error', listener: (error: Error) => void): unknown
}

export interface PostgresQuery {
  readonly name?: string
  readonly text: string
  /** Text, numbers, and `null`. */
  readonly values: (string | number | null)[]
}

export interface PostgresResult {
  /** By column. A `bigint` may be a text, as in `pg`, or a number or a BigInt. */
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/**
 * SQLSTATEs after which nothing has changed, so that the same statement can run again: a serialization failure (only if
 * the host made `serializable` or `repeatable read` the default), or a deadlock.
 */
const retriedStates: readonly unknown[] = ['40001', '40P01']

const undefinedTable = '42P01'

/**
 * Runs one statement on a connection of the host's pool. Resolves or rejects within the deadline, which includes the
 * wait for a connection. A connection that has answered goes back to the pool. A connection that has not is closed,
 * because its next user would wait behind our statement. A connection that the pool hands over too late goes straight back.
 */
export async function runStatement(
  pool: PostgresPool,
  query: PostgresQuery,
  deadlineMs: number,
): Promise<PostgresResult['rows']> {
  const session = new Session(pool)
  return withDeadline(session.run(query), deadlineMs, () => {
    const error = new StorageError(`PostgreSQL did not answer within ${deadlineMs} ms`)
    session.abandon(error)
    return error
  })
}

class Session {
  readonly #pool: PostgresPool
  #connection: PostgresConnection | undefined
  #abandoned: StorageError | undefined

  constructor(pool: PostgresPool) {
    this.#pool = pool
  }

  async run(query: PostgresQuery): Promise<PostgresResult['rows']> {
    try {
      const connection = await this.#connect()
      const { rows } = await this.#ask(connection, query)
      this.#release()
      return rows
    } catch (error) {
      this.#release(error)
      throw error instanceof StorageError ? error : new StorageError(messageFor(error), { cause: error })
    }
  }

  abandon(error: StorageError): void {
    this.#abandoned = error
    this.#release(error)
  }

  async #connect(): Promise<PostgresConnection> {
    const connection = await this.#pool.connect()
    if (this.#abandoned) {
      connection.release()
      throw this.#abandoned
    }
    // The running statement rejects as well. Without this listener, the event would end the process.
    connection.on('error', ignore)
    this.#connection = connection
    return connection
  }

  async #ask(connection: PostgresConnection, query: PostgresQuery): Promise<PostgresResult> {
    for (;;) {
      try {
        return await connection.query({ ...query })
      } catch (error) {
        if (this.#abandoned || !retriedStates.includes(stateOf(error))) throw error
      }
    }
  }

  /** Acts once. A connection that is being closed keeps the listener, because it may emit further errors. */
  #release(error?: unknown): void {
    const connection = this.#connection
    this.#connection = undefined
    if (error === undefined) connection?.off('error', ignore)
    connection?.release(error === undefined ? undefined : asError(error))
  }
}

function ignore(): void {}

function stateOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

function messageFor(error: unknown): string {
  if (stateOf(error) === undefinedTable) return 'PostgreSQL has no such table: call migrate() of the storage first'
  return 'PostgreSQL failed'
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
