import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Simulator } from 'express-doku-ovo/simulator'
import type { HostKind } from '../host/messages.ts'
import { seeded } from '../seeded.ts'
import type { Database, DatabaseAddress } from '../servers/database.ts'
import type { Workshop } from '../workshop.ts'
import { Customers } from './customers.ts'
import { startDoku } from './doku.ts'
import { Fleet } from './fleet.ts'
import { Front } from './front.ts'
import { createKeys } from './merchant.ts'
import { ShopClient } from './shop-client.ts'
import { Timeline } from './timeline.ts'

export interface StagePlan {
  readonly kind: HostKind
  readonly database: Database
  readonly seed: string
  /** The bundled host. */
  readonly main: string
  readonly customers: number
  /** How many times faster the timeline runs, when it runs. */
  readonly speed: number
}

/** Everything but the play: DOKU, hosts that are not started yet, the address in front of them, and customers. */
export interface Stage {
  readonly doku: Simulator
  readonly fleet: Fleet
  readonly shop: ShopClient
  readonly customers: Customers
  readonly timeline: Timeline
  /** What hosts wrote down. */
  readonly journal: string
  readonly clientId: string
  /** Where the hosts keep their records. */
  readonly database: DatabaseAddress
}

/** Connections of each host to its database. */
const connections = 4

export async function setStage(plan: StagePlan, workshop: Workshop): Promise<Stage> {
  const { kind, seed, main, speed } = plan
  const { url, kind: databaseKind } = plan.database
  const random = seeded(seed)
  const [keys, timeline, front] = [createKeys(), new Timeline(), await new Front().open(workshop)]
  const doku = await startDoku(keys, timeline, plan.customers, workshop)
  doku.setMerchant({ tokenUrl: `${front.url}/webhooks/token`, notificationUrl: `${front.url}/webhooks/notification` })
  const space = `run_${Date.now()}`
  const journal = join(workshop.folder, `${space}.jsonl`)
  writeFileSync(journal, '')
  const shop = new ShopClient(front.url, workshop)
  const customers = new Customers({ doku, shop, count: plan.customers, random })
  const urls = { dokuUrl: doku.url, publicUrl: front.url }
  const database = { kind: databaseKind, url, space }
  const setup = { kind, database, merchant: keys.merchant, journal, speed, connections, ...urls }
  const fleet = new Fleet({ workshop, main, front, timeline, setup, seed, random })
  return { doku, fleet, shop, customers, timeline, journal, database, clientId: keys.merchant.clientId }
}
