import { createHash, createHmac, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto'

/** What a symmetric signature covers. `target` is the path with its query, byte for byte as it was sent. */
export interface SignedParts {
  readonly method: string
  readonly target: string
  readonly accessToken: string
  readonly body: Buffer
  readonly timestamp: string
}

/** A whole JSON string (group 1), or a run of whitespace outside of one. */
const STRING_OR_SPACE = /("[^"\\]*(?:\\[\s\S][^"\\]*)*")|[ \t\r\n]+/g

/**
 * Removes the whitespace between JSON tokens and touches nothing else: strings, escapes and number literals survive.
 * Works on bytes (latin1 maps each to one character), so that it cannot change what it does not understand.
 * @see protocol.md section 1, "minify"
 */
export function minify(json: Buffer): Buffer {
  return Buffer.from(json.toString('latin1').replace(STRING_OR_SPACE, '$1'), 'latin1')
}

/** The lower-case hex SHA-256 of the minified body; of nothing at all when there is no body. */
export function bodyDigest(body: Buffer): string {
  return createHash('sha256').update(minify(body)).digest('hex')
}

/** @see protocol.md section 1: always the merchant's (B2B) token, even where a customer token travels along. */
export function stringToSign({ method, target, accessToken, body, timestamp }: SignedParts): string {
  return `${method}:${target}:${accessToken}:${bodyDigest(body)}:${timestamp}`
}

/** HMAC-SHA512 in standard Base64. The secret is used as the UTF-8 text that it is. */
export function signSymmetric(secretKey: string, parts: SignedParts): string {
  return createHmac('sha512', secretKey).update(stringToSign(parts)).digest('base64')
}

export function isSymmetricSignature(signature: string, secretKey: string, parts: SignedParts): boolean {
  const expected = Buffer.from(signSymmetric(secretKey, parts))
  const received = Buffer.from(signature)
  return expected.length === received.length && timingSafeEqual(expected, received)
}

/** SHA256withRSA over `clientId|timestamp`, as the token calls of both directions carry it (protocol.md section 2). */
export function signAsymmetric(privateKey: KeyObject, clientId: string, timestamp: string): string {
  return sign('sha256', Buffer.from(`${clientId}|${timestamp}`), privateKey).toString('base64')
}

export function isAsymmetricSignature(signature: string, key: KeyObject, clientId: string, timestamp: string): boolean {
  const bytes = Buffer.from(signature, 'base64')
  // Node's decoder skips what is not Base64; only the one canonical spelling of a signature counts here.
  if (bytes.toString('base64') !== signature) return false
  return verify('sha256', Buffer.from(`${clientId}|${timestamp}`), key, bytes)
}

/** What goes into a notification's headers. */
interface HeaderParts {
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

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

const HEADER = encode({ alg: 'RS256' })

/** An RS256 JWT, which is what DOKU's tokens are. Merchants must treat them as opaque. @see protocol.md section 3 */
export function signJwt(claims: Readonly<Record<string, unknown>>, privateKey: KeyObject): string {
  const signed = `${HEADER}.${encode(claims)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
}
