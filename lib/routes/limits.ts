import type { RouteName } from './table.ts'

/** How many requests one customer, or one address, may make. */
export interface Limit {
  readonly limit: number
  /** In ms, from the first request that is counted. */
  readonly windowMs: number
}

interface DefaultLimit extends Limit {
  /** Whether the route is shut while requests cannot be counted: it moves money, or makes OVO send messages to a phone. */
  readonly needsCounting?: true
}

const minuteMs = 60_000
const tenMinutesMs = 10 * minuteMs

/**
 * Each route has its own counters. Of webhooks only the refused requests count, and a genuine one is never refused for
 * their number: a customer who shares DOKU's address, behind a proxy that the app does not know, cannot shut DOKU out.
 * `/health` is not here: who asks it shares the proxy's address too, and a 429 would take a healthy shop down. Nor is
 * `/openapi.json`, which is as cheap as a file.
 */
export const limitTable = {
  bind: { limit: 10, windowMs: tenMinutesMs, needsCounting: true },
  binding: { limit: 60, windowMs: minuteMs },
  unbind: { limit: 10, windowMs: tenMinutesMs },
  balance: { limit: 30, windowMs: minuteMs },
  pay: { limit: 20, windowMs: minuteMs, needsCounting: true },
  payment: { limit: 120, windowMs: minuteMs },
  refund: { limit: 60, windowMs: minuteMs, needsCounting: true },
  return: { limit: 300, windowMs: minuteMs },
  webhookToken: { limit: 60, windowMs: minuteMs },
  webhookNotification: { limit: 120, windowMs: minuteMs },
} as const satisfies Partial<Record<RouteName, DefaultLimit>>

export type LimitedRoute = keyof typeof limitTable

export const limitedRoutes = Object.keys(limitTable) as LimitedRoute[]

/** What a host sets instead of the table's rows; `false`: no limit. */
export type OwnLimits = { readonly [name in LimitedRoute]?: Limit | false | undefined }

export function isLimited(name: RouteName): name is LimitedRoute {
  return name in limitTable
}

/** The route's limit, by the host or by the table; `undefined`: none. */
export function limitOf(name: RouteName, own: OwnLimits | false = {}): Limit | undefined {
  if (own === false || !isLimited(name) || own[name] === false) return undefined
  return own[name] ?? limitTable[name]
}

/** Whether requests that find no counter are turned away. */
export function needsCounting(name: LimitedRoute): boolean {
  const row: DefaultLimit = limitTable[name]
  return row.needsCounting === true
}
