import { bindingRoutes } from './binding.ts'
import { operationsRoutes } from './health.ts'
import { paymentRoutes } from './payment.ts'
import { returnRoutes } from './return.ts'
import type { CountedRoute, Limit, Route } from './route.ts'
import { webhookRoutes } from './webhook.ts'

/** Every route of the router, by its name in the `routes` option. */
export const routeTable = {
  ...bindingRoutes,
  ...paymentRoutes,
  ...returnRoutes,
  ...webhookRoutes,
  ...operationsRoutes,
}

/** The name of a route, as in the `routes` option. */
export type RouteName = keyof typeof routeTable

/** The routes whose requests are counted. */
export type LimitedRoute = {
  [name in RouteName]: (typeof routeTable)[name] extends CountedRoute ? name : never
}[RouteName]

export const routeNames = Object.keys(routeTable) as RouteName[]

export const limitedRoutes = routeNames.filter(isLimited)

/** The routes that the host has not switched off. */
export function mountedRoutes(routes: { readonly [name in RouteName]?: boolean | undefined }): RouteName[] {
  return routeNames.filter((name) => routes[name] !== false)
}

/** Whether a page in a person's browser, with that person's cookies, can change something through the route. */
export function isBrowserWrite({ method, caller }: Pick<Route, 'method' | 'caller'>): boolean {
  return method !== 'get' && (caller === 'customer' || caller === 'staff')
}

/** The limits that a host sets in place of the table's. `false`: no limit. */
export type OwnLimits = { readonly [name in LimitedRoute]?: Limit | false | undefined }

export function isLimited(name: RouteName): name is LimitedRoute {
  return routeTable[name].limit !== undefined
}

/** @returns the host's limit, else the table's, or `undefined` if requests are not counted */
export function limitOf(name: RouteName, own: OwnLimits | false = {}): Limit | undefined {
  if (own === false || !isLimited(name) || own[name] === false) return undefined
  return own[name] ?? routeTable[name].limit
}
