import { createHash } from 'node:crypto'

export interface TableName {
  /** As the host wrote it. */
  readonly name: string
  /** Ready for a statement. */
  readonly quoted: string
  /** Ready for a statement, with a dot behind it, or ''. */
  readonly schema: string
  readonly table: string
}

/** Throws `TypeError` unless it is `table` or `schema.table`, of letters, digits and `_`, and short enough for PostgreSQL. */
export function parseTableName(name: string): TableName {
  const [, schemaName, table] = /^(?:([a-z_]\w{0,62})\.)?([a-z_]\w{0,49})$/i.exec(name) ?? []
  if (table === undefined) {
    throw new TypeError('postgresStorage: table must be a name or schema.name, of letters, digits and _')
  }
  const schema = schemaName === undefined ? '' : `"${schemaName}".`
  return { name, quoted: `${schema}"${table}"`, schema, table }
}

/**
 * Times are `double precision`, in ms since the epoch: JavaScript's own numbers. Values are `text` and not `jsonb`, which
 * refuses \u0000, reorders members and has its own idea of numbers.
 */
const columns = `key text COLLATE "C" PRIMARY KEY, value text NOT NULL, version bigint NOT NULL,
  expires_at double precision, due_at double precision`

/**
 * One statement, hence one transaction: all of it or nothing. Processes that start together wait for each other, since
 * IF NOT EXISTS alone can fail with a duplicate. What exists is not touched, so that a role without CREATE can run it.
 */
export function migrateText(name: TableName): string {
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
