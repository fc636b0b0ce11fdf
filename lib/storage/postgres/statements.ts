import { createHash } from 'node:crypto'

/** One statement. Each connection prepares it once under `name`; a statement without a name is not prepared. */
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
  /** Takes no values. Creates the table and its indexes unless they exist. */
  readonly migrate: PostgresStatement
}

/** @throws TypeError unless the name is `table` or `schema.table`, of letters, digits and `_` */
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

interface TableName {
  /** As the host wrote it. */
  readonly name: string
  /** Ready for a statement. */
  readonly quoted: string
  /** Ready for a statement, with a dot behind it, or ''. */
  readonly schema: string
  readonly table: string
}

/** @throws TypeError unless it is `table` or `schema.table`, of letters, digits and `_`, and short enough for PostgreSQL */
function parseTableName(name: string): TableName {
  const [, schemaName, table] = /^(?:([a-z_]\w{0,62})\.)?([a-z_]\w{0,49})$/i.exec(name) ?? []
  if (table === undefined) {
    throw new TypeError('postgresStorage: table must be a name or schema.name, of letters, digits and _')
  }
  const schema = schemaName === undefined ? '' : `"${schemaName}".`
  return { name, quoted: `${schema}"${table}"`, schema, table }
}

const readText = (table: string) => `
  SELECT value, version FROM ${table} WHERE key = $1 AND (expires_at IS NULL OR expires_at > $2)`

/** Replaces an expired row: it does not exist any more. */
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

/** How many expired rows each lease deletes at most: so few that the lease stays quick. */
const purgedPerLease = 500

/** `ARRAY` makes the planner look keys up one by one, for any guess about the limit. Rows in use are skipped. */
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

/**
 * Times are `double precision`, in ms since the epoch: JavaScript's own numbers. Values are `text`, not `jsonb`: that
 * refuses \u0000, reorders members and changes how numbers are written.
 */
const columns = `key text COLLATE "C" PRIMARY KEY, value text NOT NULL, version bigint NOT NULL,
  expires_at double precision, due_at double precision`

/**
 * One statement, so one transaction: all of it or nothing. Processes that start together wait for each other, because
 * IF NOT EXISTS alone can fail with a duplicate. It does not touch existing objects, so a role without CREATE can run it.
 */
function migrateText(name: TableName): string {
  const lock = createHash('sha256').update(`express-doku-ovo ${name.name}`).digest().readInt32BE()
  return `DO $migrate$ BEGIN
    PERFORM pg_advisory_xact_lock(${lock});
    ${createMissing(name.quoted, `TABLE ${name.quoted} (${columns})`)}
    ${createIndex(name, 'due_at')}
    ${createIndex(name, 'expires_at')}
  END $migrate$`
}

/** Partial: most records are not due, or never expire. */
function createIndex({ quoted, schema, table }: TableName, column: string): string {
  const index = `"${table}_${column}"`
  return createMissing(`${schema}${index}`, `INDEX ${index} ON ${quoted} (${column}) WHERE ${column} IS NOT NULL`)
}

function createMissing(name: string, what: string): string {
  return `IF to_regclass('${name}') IS NULL THEN CREATE ${what}; END IF;`
}

/** The name is a hash of the text: two tables, or two versions of this package, never use one name for two statements. */
function prepared(text: string): PostgresStatement {
  return { name: `doku_ovo_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`, text }
}
