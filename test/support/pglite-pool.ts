import type { PGlite } from '@electric-sql/pglite'
import type { PostgresPool } from '../../lib/storage/postgres/postgres.ts'

/** PostgreSQL inside this process, as a pool: it has one connection, which everybody shares and which never fails. */
export function pglitePool(database: PGlite): PostgresPool {
  const connection = {
    query: async ({ text, values }: { text: string; values: unknown[] }) => {
      const { rows } = await database.query<Record<string, unknown>>(text, values)
      return { rows }
    },
    release() {},
    on() {},
    off() {},
  }
  return { connect: async () => connection }
}
