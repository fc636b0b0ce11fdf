import type { PrivateServer } from '../../support/private-server.ts'
import { startRedis } from '../../support/servers.ts'
import type { Workshop } from '../workshop.ts'
import { startPostgres } from './postgres.ts'

export const databaseKinds = ['postgres', 'redis'] as const
export type DatabaseKind = (typeof databaseKinds)[number]

/** Where a host keeps its records. */
export interface DatabaseAddress {
  readonly kind: DatabaseKind
  readonly url: string
  /** The name of the table, or what keys begin with: one for each run, so that runs share nothing. */
  readonly space: string
}

/** A private server on loopback, with everything on that makes an acknowledged write durable. */
export type Database = PrivateServer & { readonly kind: DatabaseKind }

export async function startDatabase(kind: DatabaseKind, workshop: Workshop): Promise<Database> {
  const server = await (kind === 'postgres' ? startPostgres() : startRedis('--maxmemory-policy', 'noeviction'))
  workshop.atEnd(() => server.stop())
  return { ...server, kind }
}
