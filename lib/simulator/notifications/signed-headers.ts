import { signSymmetric } from '../protocol/signature.ts'

/** What goes into a notification's headers. */
export interface HeaderParts {
  readonly clientId: string
  readonly secretKey: string
  /** The merchant's notification URL: what is signed is its path and query. */
  readonly url: string
  readonly body: string
  /** The token that the merchant gave for it; without one there is no Authorization. */
  readonly bearer: string | undefined
  /** The token in the string-to-sign, which need not be the bearer (C-9). */
  readonly signedToken: string
  readonly externalId: string
  readonly timestamp: string
}

/** @see protocol.md section 7.2 */
export function signedHeaders(parts: HeaderParts): Record<string, string> {
  const { clientId, secretKey, url, body, bearer, signedToken, externalId, timestamp } = parts
  const { pathname, search } = new URL(url)
  const target = `${pathname}${search}`
  const signed = { method: 'POST', target, accessToken: signedToken, body: Buffer.from(body), timestamp }
  return {
    'x-timestamp': timestamp,
    'x-signature': signSymmetric(secretKey, signed),
    'x-partner-id': clientId,
    'x-external-id': externalId,
    ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
  }
}
