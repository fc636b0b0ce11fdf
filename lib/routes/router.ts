import express, { type Router } from 'express'
import { setHeaders } from './middleware/answer.ts'
import { admit, checkHost, countHandler } from './middleware/entry.ts'
import { type AuthorizeRefund, createIdentities, type Identify } from './middleware/identify.ts'
import { answerUndecodable, handle } from './middleware/problem.ts'
import type { RateLimits } from './middleware/rate-limit.ts'
import { createSameOrigin } from './middleware/same-origin.ts'
import type { RouteParts } from './route.ts'
import { isBrowserWrite, mountedRoutes, type RouteName, routeTable } from './table.ts'

/** The settings and parts that the router needs. */
export interface RouterParts extends Omit<RouteParts, 'identify' | 'isStaff' | 'isFlood' | 'mounted'> {
  readonly routes: { readonly [name in RouteName]?: boolean | undefined }
  readonly identify: Identify
  readonly authorizeRefund: AuthorizeRefund | undefined
  readonly allowedOrigins: readonly string[]
  readonly rateLimits: RateLimits
}

/** Mounts every route of the table that the host has not switched off. */
export function createRouter(parts: RouterParts): Router {
  const { flows, rateLimits, warnings, publicUrl } = parts
  const router = express.Router()
  const mounted = mountedRoutes(parts.routes)
  const identities = createIdentities(parts.identify, parts.authorizeRefund)
  const routeParts: RouteParts = {
    ...parts,
    ...identities,
    isFlood: (req) => rateLimits.isFlood(req),
    mounted: mounted.map((name) => `${routeTable[name].method.toUpperCase()} ${routeTable[name].path}`),
  }
  const sameOrigin = createSameOrigin(parts)
  router.use(checkHost(publicUrl, warnings), admit(flows.gate))
  for (const name of mounted) {
    const route = routeTable[name]
    // The origin is checked first: a page of another site must not use up the customer's limit.
    const checks = [...(isBrowserWrite(route) ? [sameOrigin] : []), ...rateLimits.guard(name, identities)]
    router[route.method](route.path, setHeaders, ...checks, handle(countHandler(flows.gate, route.handler(routeParts))))
  }
  // Express itself answers OPTIONS.
  for (const name of mounted) router.options(routeTable[name].path, setHeaders)
  router.use(answerUndecodable)
  return router
}
