import type { RateLimitOptions } from './middleware/rate-limit.ts'
import type { Scope } from './openapi/scope.ts'
import { mountedRoutes, type RouteName } from './table.ts'

/** The OpenAPI document of a router, as JSON. It is written at the first call, because most processes never need it. */
export type OpenApi = () => Promise<string>

/** The settings that show in the document. */
export interface OpenApiParts {
  readonly publicUrl: string
  readonly routes: { readonly [name in RouteName]?: boolean | undefined }
  readonly hasRefunds: boolean
  readonly rateLimit: RateLimitOptions | false
  readonly requireBearer: boolean
}

export function createOpenApi(parts: OpenApiParts): OpenApi {
  let text: Promise<string> | undefined
  const write = async () => {
    const { createDocument } = await import('./openapi/document.ts')
    return JSON.stringify(createDocument(scopeOf(parts)))
  }
  return () => {
    text ??= write()
    return text
  }
}

function scopeOf({ publicUrl, routes, hasRefunds, rateLimit, requireBearer }: OpenApiParts): Scope {
  return {
    publicUrl,
    mounted: mountedRoutes(routes),
    hasRefunds,
    limits: rateLimit === false ? false : rateLimit.limits,
    hasLimitStore: rateLimit !== false && rateLimit.store !== undefined,
    requireBearer,
  }
}
