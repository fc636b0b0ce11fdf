import type { IncomingMessage } from 'node:http'
import type { DokuOvo } from 'express-doku-ovo'

/** What is asked of a router of ours. */
export type Router = Pick<DokuOvo, 'service'>

interface Layer {
  readonly route?: { readonly path: string; readonly methods: { readonly [method: string]: boolean } }
  readonly handle?: Stacked & Partial<Router>
}
interface Stacked {
  readonly stack?: readonly Layer[]
}
/** A request after Express has had it. */
interface Routed {
  readonly app?: { readonly _router?: Stacked; readonly router?: Stacked }
  readonly route?: Layer['route']
  readonly path?: string
}

export interface Found {
  readonly router: Router
  /** As OpenAPI writes it. */
  readonly path: string
}

/** Which router of ours has answered a request; `undefined`: none has. */
export function findRouter(request: IncomingMessage): Found | undefined {
  const { app, route, path } = request as IncomingMessage & Routed
  const routers = app ? routersIn(app._router ?? app.router) : []
  const method = methodOf(request)
  if (route) {
    // Express notes a route for HEAD, too, that it has none for.
    if (!route.methods[method]) return undefined
    const router = routers.find(({ stack }) => stack?.some((layer) => layer.route === route))
    return router && { router, path: templateOf(route.path) }
  }
  // Answered before it came to a route, by what stands before all of them.
  const found = routers.flatMap((router) => pathsIn(router, method).map((template) => ({ router, path: template })))
  return found.find((one) => new RegExp(`^${one.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path ?? ''))
}

/** Express answers HEAD as it would GET. */
export function methodOf({ method = '' }: IncomingMessage): string {
  return method === 'HEAD' ? 'get' : method.toLowerCase()
}

function routersIn({ stack = [] }: Stacked = {}): (Router & Stacked)[] {
  return stack.flatMap(({ handle = {} }) => (isOurs(handle) ? [handle] : routersIn(handle)))
}

function isOurs(handle: Stacked & Partial<Router>): handle is Router & Stacked {
  return typeof handle.service?.openapi === 'function'
}

function pathsIn({ stack = [] }: Stacked, method: string): string[] {
  return stack.flatMap(({ route }) => (route?.methods[method] ? [templateOf(route.path)] : []))
}

function templateOf(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}')
}
