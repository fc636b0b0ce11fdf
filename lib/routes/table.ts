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
