import type { PrivateServer } from '../../support/private-server.ts'
import { startPostgres, startRedis } from '../../support/servers.ts'
import type { Workshop } from '../workshop.ts'

export const databaseKinds = ['postgres', 'redis'] as const
export type DatabaseKind = (typeof databaseKinds)[number]

/** Where a host keeps its records. */
export interface DatabaseAddress {
  readonly kind: DatabaseKind
  readonly url: string
  /** The name of the table, or what keys begin with: one for each run, so that runs share nothing. */
  readonly space: string
}

/** What is acknowledged is on disk. */
const durable = ['fsync=on', 'synchronous_commit=on', 'full_page_writes=on', 'max_connections=200']

/** A private server on loopback, with everything on that makes an acknowledged write durable. */
export type Database = PrivateServer & { readonly kind: DatabaseKind }

export async function startDatabase(kind: DatabaseKind, workshop: Workshop): Promise<Database> {
  const server = await (kind === 'postgres' ? startPostgres(durable) : startRedis('--maxmemory-policy', 'noeviction'))
  workshop.atEnd(() => server.stop())
  return { ...server, kind }
}
