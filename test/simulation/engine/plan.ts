import type { HookEvent } from '../../../lib/model/events.ts'
import type { Random } from './random.ts'

const minuteMs = 60_000

/** How one schedule goes wrong. Each fault is off in half of the schedules, so that the others are seen alone. */
export interface Plan {
  readonly customers: number
  readonly orders: number
  /** From the start; then everything outside works again. */
  readonly faultsForMs: number
  readonly crashesAtMost: number
  /** Probabilities, per call. */
  readonly crash: number
  readonly stalls: number
  readonly storage: { readonly refuses: number; readonly losesAnswer: number; readonly actsLate: number }
  readonly line: { readonly refuses: number; readonly losesRequest: number; readonly losesAnswer: number }
  readonly delaysRequest: number
  readonly distortsAnswer: number
  readonly revokesToken: number
  readonly declines: number
  readonly overturns: number
  readonly lags: number
  readonly notification: {
    readonly lost: number
    readonly twice: number
    readonly stale: number
    readonly late: number
  }
  readonly hook: { readonly throws: number; readonly hangs: number }
  /** The hook that never does its work. */
  readonly brokenHook: HookEvent['type'] | undefined
  /** Probabilities of what people do. */
  readonly refunds: number
  readonly unlinks: number
  readonly startsUnbound: number
  /** DOKU's ways, which nobody has documented. */
  readonly newestVoidsAccessTokens: boolean
  readonly newestVoidsCustomerTokens: boolean
  readonly partIsToldAsRefunded: boolean
}

function storagePlan(some: (most: number) => number): Plan['storage'] {
  return { refuses: some(0.1), losesAnswer: some(0.1), actsLate: some(0.06) }
}

function linePlan(some: (most: number) => number): Plan['line'] {
  return { refuses: some(0.15), losesRequest: some(0.2), losesAnswer: some(0.3) }
}

const hooks = ['paymentChanged', 'refundChanged', 'bindingChanged', 'orderPaidTwice'] as const

export function drawPlan(random: Random): Plan {
  const some = (most: number) => (random.chance(0.5) ? random.next() * most : 0)
  return {
    customers: random.between(1, 2),
    orders: random.between(1, 3),
    faultsForMs: minuteMs * (1 + random.stretch(120)),
    crashesAtMost: random.chance(0.2) ? 0 : random.between(1, 5),
    crash: random.next() ** 2 * 0.1,
    stalls: some(0.03),
    storage: storagePlan(some),
    line: linePlan(some),
    delaysRequest: some(0.1),
    distortsAnswer: some(0.3),
    revokesToken: some(0.05),
    declines: some(0.5),
    overturns: some(0.4),
    lags: some(0.5),
    notification: { lost: random.chance(0.2) ? 1 : some(0.6), twice: some(0.4), stale: some(0.4), late: some(0.4) },
    hook: { throws: some(0.4), hangs: some(0.2) },
    brokenHook: random.chance(0.06) ? random.pick(hooks) : undefined,
    refunds: random.chance(0.5) ? random.next() : 0,
    unlinks: some(0.3),
    startsUnbound: some(0.6),
    newestVoidsAccessTokens: random.chance(0.4),
    newestVoidsCustomerTokens: random.chance(0.4),
    partIsToldAsRefunded: random.chance(0.2),
  }
}
