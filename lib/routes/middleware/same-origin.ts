import type { Request, RequestHandler } from 'express'
import { ProblemError } from '../../errors.ts'
import { check } from './problem.ts'

/** The origins whose pages may change something on behalf of a signed-in person. */
export interface TrustedOrigins {
  /** Its origin is trusted. */
  readonly publicUrl: string
  /** The other trusted origins, each spelled like `URL.origin`. */
  readonly allowedOrigins: readonly string[]
}

/** The values of `Sec-Fetch-Site` by which a browser says that no page of another site made the request. */
const ownSites = new Set(['same-origin', 'none'])

/**
 * Refuses a request that a page of another site makes a signed-in person's browser send. `Sec-Fetch-Site` decides,
 * because no page can set it. Browsers without it send `Origin`. A client that sends neither is no browser, or carries
 * nobody's cookies.
 * @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export function createSameOrigin({ publicUrl, allowedOrigins }: TrustedOrigins): RequestHandler {
  const own = new URL(publicUrl).origin
  const allowed = new Set(allowedOrigins)
  const isTrusted = (req: Request) => {
    const { origin, 'sec-fetch-site': site } = req.headers
    if (origin !== undefined && allowed.has(origin)) return true
    if (site !== undefined) return ownSites.has(String(site))
    return origin === undefined || origin === own
  }
  return check((req) => {
    if (!isTrusted(req)) throw new ProblemError('CROSS_SITE', 'Pages of another site may not do that.')
    requireJson(req)
  })
}

/** A page of another site can send a form or plain text without a preflight, but not JSON. A request without a body passes. */
function requireJson(req: Request): void {
  const type = req.headers['content-type']
  if (type === undefined || isJson(type)) return
  throw new ProblemError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json.')
}

export function isJson(contentType: string): boolean {
  return /^application\/json\s*(;|$)/i.test(contentType)
}
