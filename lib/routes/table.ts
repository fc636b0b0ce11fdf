/** Who a route is for. */
export type Caller = 'customer' | 'staff' | 'browser' | 'doku' | 'operations'

interface Route {
  readonly method: 'get' | 'post' | 'delete'
  /** Below the mount. */
  readonly path: string
  readonly caller: Caller
}

/** Every route of the router, by its name in the `routes` option. */
export const routeTable = {
  bind: { method: 'post', path: '/bindings', caller: 'customer' },
  binding: { method: 'get', path: '/bindings', caller: 'customer' },
  unbind: { method: 'delete', path: '/bindings', caller: 'customer' },
  balance: { method: 'get', path: '/balance', caller: 'customer' },
  pay: { method: 'post', path: '/payments', caller: 'customer' },
  payment: { method: 'get', path: '/payments/:partnerReferenceNo', caller: 'customer' },
  refund: { method: 'post', path: '/payments/:partnerReferenceNo/refunds', caller: 'staff' },
  return: { method: 'get', path: '/return/:purpose/:state/:outcome', caller: 'browser' },
  webhookToken: { method: 'post', path: '/webhooks/token', caller: 'doku' },
  webhookNotification: { method: 'post', path: '/webhooks/notification', caller: 'doku' },
  health: { method: 'get', path: '/health', caller: 'operations' },
  openapi: { method: 'get', path: '/openapi.json', caller: 'operations' },
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof routeTable

export const routeNames = Object.keys(routeTable) as RouteName[]

/** The routes that the host has not switched off. */
export function mountedRoutes(routes: { readonly [name in RouteName]?: boolean | undefined }): RouteName[] {
  return routeNames.filter((name) => routes[name] !== false)
}

/** Whether a person's browser, with that person's cookies, can change something through the route. */
export function isBrowserWrite({ method, caller }: Route): boolean {
  return method !== 'get' && (caller === 'customer' || caller === 'staff')
}

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
