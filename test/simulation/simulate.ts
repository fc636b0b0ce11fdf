import { notificationKind } from '../../lib/doku/inbound.ts'
import type { Json } from '../../lib/primitives/json.ts'
import { checkEnd } from './checks/end.ts'
import { EventCheck } from './checks/events.ts'
import { LedgerCheck } from './checks/ledger.ts'
import { keys } from './checks/records.ts'
import { ToldCheck } from './checks/told.ts'
import { watchLinks, watchWrites } from './checks/writes.ts'
import { Doku } from './doku/doku.ts'
import { type Deliver, Notifier } from './doku/notifier.ts'
import type { Figures } from './engine/journal.ts'
import { type Stage, setStage } from './engine/stage.ts'
import type { Mutation } from './mutations.ts'
import { Calls } from './world/calls.ts'
import { Cluster } from './world/cluster.ts'
import { Disk } from './world/disk.ts'
import { Host } from './world/host.ts'
import { drawOrders, findOrderIn } from './world/orders.ts'
import { customerIds, People } from './world/people.ts'
import { plainVault } from './world/vault.ts'

export interface Outcome {
  readonly seed: number
  readonly violations: readonly string[]
  readonly figures: Figures
  readonly trace: readonly string[] | undefined
}

export interface SimulationOptions {
  readonly seed: number
  readonly mutation?: Mutation | undefined
  /** Whether every step is written down; costs time. */
  readonly isTraced?: boolean
}

const stepsAtMost = 20_000
const longestMs = 60 * 24 * 3_600_000

/** Everything that meets in one schedule. */
function setUp(stage: Stage, mutation: Mutation | undefined) {
  const { journal } = stage
  const disk = new Disk(stage)
  disk.watch(watchWrites(journal))
  disk.watch(watchLinks(journal, () => doku))
  const told = new ToldCheck(journal, () => doku)
  const events = new EventCheck(journal, told)
  const ledger = new LedgerCheck(stage, disk, () => doku, told)
  const doku = new Doku(stage, {
    arrived: (attempt) => ledger.arrived(attempt),
    checked: (reference) => ledger.checked(reference),
    gaveBack: (attempt) => ledger.gaveBack(attempt),
    changed: (attempt) => notifier.tellPayment(attempt),
  })
  const orders = drawOrders(stage)
  const host = new Host(stage, events, (event) => people.hear(event))
  const cluster = new Cluster({ stage, disk, host, handle: doku.handle, findOrder: findOrderIn(orders), mutation })
  const notifier = new Notifier(stage, deliverTo(cluster))
  const calls = new Calls(stage, cluster)
  const people = new People({ stage, calls, disk, doku, notifier, told, orders })
  return { stage, disk, doku, events, calls, people }
}

function deliverTo(cluster: Cluster): Deliver {
  return (body, fresh, done) => {
    const process = cluster.pick()
    if (!process) return done(false)
    process.notifications.receive({ kind: notificationKind(body), body, externalId: undefined, fresh }).then(
      () => done(true),
      () => done(false),
    )
  }
}

/** Most customers have linked their account before the schedule begins. */
async function linkCustomers({ stage, disk, doku, events }: ReturnType<typeof setUp>): Promise<void> {
  const { random, plan, scheduler } = stage
  for (const customerId of customerIds(plan.customers)) {
    if (random.chance(plan.startsUnbound)) continue
    const { authCode } = doku.links.open(customerId, 'agreed')
    const binding = {
      customerId,
      status: 'active',
      phoneNo: '',
      maskedPhoneNo: '62***',
      externalId: '1',
      authCode: await plainVault.seal(`${keys.binding(customerId)}#authCode`, authCode),
      createdAt: scheduler.now,
      updatedAt: scheduler.now,
    }
    await disk.insert(keys.binding(customerId), binding as Json)
    events.latest.set(customerId, 'active')
  }
}

/** Plays one schedule to its end, or to the first thing that is wrong. */
export async function simulate({ seed, mutation, isTraced = false }: SimulationOptions): Promise<Outcome> {
  const stage = setStage(seed, isTraced)
  const { scheduler, journal } = stage
  const world = setUp(stage, mutation)
  await linkCustomers(world)
  world.people.begin()
  const endsAt = scheduler.now + longestMs
  await scheduler.run(() => journal.violations.length === 0 && scheduler.steps < stepsAtMost && scheduler.now < endsAt)
  if (journal.violations.length === 0) checkRest(world)
  journal.count('steps', scheduler.steps)
  return { seed, violations: journal.violations, figures: journal.figures, trace: journal.lines }
}

function checkRest(world: ReturnType<typeof setUp>): void {
  const { stage, disk, calls } = world
  const { scheduler, journal } = stage
  if (scheduler.steps >= stepsAtMost) {
    journal.violate(`there is no end after ${stepsAtMost} steps`)
    return
  }
  for (const label of calls.unanswered) journal.violate(`nobody answered: ${label}`)
  const dueAt = disk.earliestDueAt()
  if (dueAt < Number.POSITIVE_INFINITY) journal.violate(`something is due, and nobody looks after it`)
  checkEnd(world)
}
