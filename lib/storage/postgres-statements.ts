import { createHash } from 'node:crypto'
import { migrateText, parseTableName } from './postgres-table.ts'

/** One statement, which each connection prepares once under `name`. Without a name, it is not prepared. */
export interface PostgresStatement {
  readonly name?: string
  readonly text: string
}

export interface PostgresStatements {
  /** $1 key, $2 the clock's time. */
  readonly read: PostgresStatement
  /** $1 key, $2 value, $3 version, $4 expires_at, $5 due_at, $6 the clock's time. One row: inserted. */
  readonly insert: PostgresStatement
  /** As `insert`, and $7 the expected version. One row: updated. */
  readonly update: PostgresStatement
  /** $1 key. */
  readonly remove: PostgresStatement
  /** $1 the clock's time, $2 now, $3 limit, $4 leased until. */
  readonly lease: PostgresStatement
  readonly migrate: PostgresStatement
}

/** Throws `TypeError` unless the name is `table` or `schema.table`, of letters, digits and `_`. */
export function statementsFor(name: string): PostgresStatements {
  const tableName = parseTableName(name)
  const table = tableName.quoted
  return {
    read: prepared(readText(table)),
    insert: prepared(insertText(table)),
    update: prepared(updateText(table)),
    remove: prepared(`DELETE FROM ${table} WHERE key = $1`),
    lease: prepared(leaseText(table)),
    migrate: { text: migrateText(tableName) },
  }
}

const readText = (table: string) => `
  SELECT value, version FROM ${table} WHERE key = $1 AND (expires_at IS NULL OR expires_at > $2)`

/** Over an expired row as well: it does not exist any more. */
const insertText = (table: string) => `
  INSERT INTO ${table} AS old (key, value, version, expires_at, due_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version,
    expires_at = excluded.expires_at, due_at = excluded.due_at
  WHERE old.expires_at <= $6
  RETURNING version`

const updateText = (table: string) => `
  UPDATE ${table} SET value = $2, version = $3, expires_at = $4, due_at = $5
  WHERE key = $1 AND version = $7 AND (expires_at IS NULL OR expires_at > $6)
  RETURNING version`

/** How many expired rows each lease deletes at most: so few that nobody waits for it. */
const purgedPerLease = 500

/** `ARRAY` makes the planner look keys up one by one, whatever it guesses about the limit. Rows in use are passed by. */
const leaseText = (table: string) => `
  WITH purged AS (
    DELETE FROM ${table} WHERE key = ANY (ARRAY(
      SELECT key FROM ${table} WHERE expires_at <= $1
      ORDER BY expires_at LIMIT ${purgedPerLease} FOR UPDATE SKIP LOCKED))
  ), due AS MATERIALIZED (
    SELECT key, due_at FROM ${table} WHERE due_at <= $2 AND (expires_at IS NULL OR expires_at > $1)
    ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
  ), leased AS (
    UPDATE ${table} SET due_at = $4 WHERE key = ANY (ARRAY(SELECT key FROM due)) RETURNING key, value, version
  )
  SELECT key, value, version FROM leased JOIN due USING (key) ORDER BY due.due_at`

/** Named after its text, so that two tables, or two versions of this package, never mean different statements by one name. */
function prepared(text: string): PostgresStatement {
  return { name: `doku_ovo_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`, text }
}
