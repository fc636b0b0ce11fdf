import type { Request, RequestHandler } from 'express'
import { ProblemError } from '../../errors.ts'
import { check } from './problem.ts'

/** Whose pages may change something in the name of who is signed in. */
export interface TrustedOrigins {
  /** The router's own origin is trusted. */
  readonly publicUrl: string
  /** Other origins that are, each as `URL.origin` has it. */
  readonly allowedOrigins: readonly string[]
}

/** Where a browser says that the request comes from; in both cases no other site's page has made it. */
const ownSites = new Set(['same-origin', 'none'])

/**
 * Refuses what a page of another site makes a signed-in person's browser send. `Sec-Fetch-Site` decides, which no page
 * can set; browsers without it send `Origin`. A client that sends neither is no browser, or carries nobody's cookies.
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

/** A page of another site can send a form or plain text without asking first, but not JSON; nothing at all is fine. */
function requireJson(req: Request): void {
  const type = req.headers['content-type']
  if (type === undefined || isJson(type)) return
  throw new ProblemError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json.')
}

export function isJson(contentType: string): boolean {
  return /^application\/json\s*(;|$)/i.test(contentType)
}
