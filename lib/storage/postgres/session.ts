import { StorageError } from '../../errors.ts'
import { withDeadline } from '../../primitives/deadline.ts'

/**
 * SQLSTATEs after which nothing has happened and the same statement may simply be run again: another transaction was
 * quicker (only where the host made `serializable` or `repeatable read` the default), or a deadlock.
 */
const retriedStates: readonly unknown[] = ['40001', '40P01']

const undefinedTable = '42P01'

/**
 * Runs one statement on a connection of the host's pool. Resolves or rejects within the deadline, which includes the
 * wait for a connection. The connection goes back to the pool only if it has answered; otherwise it is closed, because
 * whoever got it next would wait behind our statement. One that the pool hands over too late goes straight back.
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
    // The statement that is running rejects as well: this is only so that the event does not end the process.
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

  /** Once. The listener stays on a connection that is being closed: it may have more to complain about. */
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
/** The part of a `pg.Pool` that we use, version 8. Nothing is imported from `pg` itself: a few lines adapt another driver. */
export interface PostgresPool {
  connect(): Promise<PostgresConnection>
}

export interface PostgresConnection {
  /** Runs one statement, in a transaction of its own. `name` means: prepare it once, under that name. */
  query(query: PostgresQuery): Promise<PostgresResult>
  /** Gives the connection back; with an error: closes it, whatever it is doing. */
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
  /** By column. `bigint` may come as text, as `pg` has it, or as a number or a BigInt. */
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}
