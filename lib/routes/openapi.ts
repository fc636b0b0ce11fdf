import type { Settings } from '../options/options.ts'
import { type Handler, sendJsonText } from './middleware/problem.ts'
import type { Scope } from './openapi/scope.ts'
import { mountedRoutes } from './table.ts'

/** The OpenAPI document of a router, as JSON. Written when it is first asked for: most processes never are. */
export type OpenApi = () => Promise<string>

export function createOpenApi(settings: Settings): OpenApi {
  let text: Promise<string> | undefined
  const write = async () => {
    const { createDocument } = await import('./openapi/document.ts')
    return JSON.stringify(createDocument(scopeOf(settings)))
  }
  return () => {
    text ??= write()
    return text
  }
}

function scopeOf({ publicUrl, routes, endpoints, rateLimit, webhooks }: Settings): Scope {
  return {
    publicUrl,
    mounted: mountedRoutes(routes),
    hasRefunds: endpoints.refund !== undefined,
    limits: rateLimit === false ? false : rateLimit.limits,
    hasLimitStore: rateLimit !== false && rateLimit.store !== undefined,
    requireBearer: webhooks.requireBearer,
  }
}

/** `GET /openapi.json`: what is mounted, for people and for programs that make clients. */
export function openApiRoute(openApi: OpenApi): Handler {
  return async (_req, res) => sendJsonText(res, 200, await openApi())
}
