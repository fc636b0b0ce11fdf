/** Every route of the router: its name in the `routes` option, its method, and its path below the mount. */
export const routeTable = {
  bind: { method: 'post', path: '/bindings' },
  binding: { method: 'get', path: '/bindings' },
  unbind: { method: 'delete', path: '/bindings' },
  balance: { method: 'get', path: '/balance' },
  pay: { method: 'post', path: '/payments' },
  payment: { method: 'get', path: '/payments/:partnerReferenceNo' },
  refund: { method: 'post', path: '/payments/:partnerReferenceNo/refunds' },
  return: { method: 'get', path: '/return/:purpose/:state/:outcome' },
  webhookToken: { method: 'post', path: '/webhooks/token' },
  webhookNotification: { method: 'post', path: '/webhooks/notification' },
  health: { method: 'get', path: '/health' },
} as const satisfies Record<string, { method: 'get' | 'post' | 'delete'; path: string }>

export type RouteName = keyof typeof routeTable
