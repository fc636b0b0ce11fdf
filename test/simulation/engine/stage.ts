import { Journal } from './journal.ts'
import { drawPlan, type Plan } from './plan.ts'
import { Random } from './random.ts'
import { Scheduler } from './scheduler.ts'

/** What everybody in a schedule needs: chance, time, and somebody to tell. */
export interface Stage {
  readonly random: Random
  readonly scheduler: Scheduler
  readonly plan: Plan
  readonly journal: Journal
  /** Whether things still go wrong; afterwards everything works. */
  readonly isFaulty: () => boolean
}

/** Any time will do, as long as it is the same in every replay. */
const startsAt = Date.UTC(2026, 0, 2, 3, 4, 5)

export function setStage(seed: number, isTraced: boolean): Stage {
  const random = new Random(seed)
  const plan = drawPlan(random)
  const scheduler = new Scheduler(random.fork(), startsAt)
  const journal = new Journal(scheduler.clock, isTraced)
  return { random, plan, scheduler, journal, isFaulty: () => scheduler.now < startsAt + plan.faultsForMs }
}
