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
