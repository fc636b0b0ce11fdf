import { createHash, createHmac, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto'

/** The parts that a symmetric signature covers. `target` is the path with its query, byte for byte as it was sent. */
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
 * Removes the whitespace between JSON tokens. Strings, escapes and number literals stay as they are.
 * Works on bytes (latin1 maps each byte to one character), so that no text encoding can change them.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#1-minify
 */
export function minify(json: Buffer): Buffer {
  return Buffer.from(json.toString('latin1').replace(STRING_OR_SPACE, '$1'), 'latin1')
}

/** The SHA-256 of the minified body, in lower-case hex. Without a body: the hash of no bytes. */
export function bodyDigest(body: Buffer): string {
  return createHash('sha256').update(minify(body)).digest('hex')
}

/**
 * Always the merchant's (B2B) token, even if the request also has a customer token.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#1
 */
export function stringToSign({ method, target, accessToken, body, timestamp }: SignedParts): string {
  return `${method}:${target}:${accessToken}:${bodyDigest(body)}:${timestamp}`
}

/** HMAC-SHA512 in standard Base64. The key is the UTF-8 text of the secret. */
export function signSymmetric(secretKey: string, parts: SignedParts): string {
  return createHmac('sha512', secretKey).update(stringToSign(parts)).digest('base64')
}

export function isSymmetricSignature(signature: string, secretKey: string, parts: SignedParts): boolean {
  const expected = Buffer.from(signSymmetric(secretKey, parts))
  const received = Buffer.from(signature)
  return expected.length === received.length && timingSafeEqual(expected, received)
}

/**
 * SHA256withRSA over `clientId|timestamp`, for the token calls of both directions.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#2
 */
export function signAsymmetric(privateKey: KeyObject, clientId: string, timestamp: string): string {
  return sign('sha256', Buffer.from(`${clientId}|${timestamp}`), privateKey).toString('base64')
}

export function isAsymmetricSignature(signature: string, key: KeyObject, clientId: string, timestamp: string): boolean {
  const bytes = Buffer.from(signature, 'base64')
  // Node's decoder skips characters that are not Base64. Only the one canonical form of a signature is accepted.
  if (bytes.toString('base64') !== signature) return false
  return verify('sha256', Buffer.from(`${clientId}|${timestamp}`), key, bytes)
}

/** The data for a notification's headers. */
interface HeaderParts {
  readonly clientId: string
  readonly secretKey: string
  /** The merchant's notification URL. Its path and query are signed. */
  readonly url: string
  readonly body: string
  /** The token that the merchant issued. Without one there is no Authorization header. */
  readonly bearer: string | undefined
  /**
   * The token in the string-to-sign. It may differ from the bearer.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-9
   */
  readonly signedToken: string
  readonly externalId: string
  readonly timestamp: string
}

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-2 */
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

/**
 * An RS256 JWT, the form of DOKU's tokens. Merchants must treat them as opaque.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#3
 */
export function signJwt(claims: Readonly<Record<string, unknown>>, privateKey: KeyObject): string {
  const signed = `${HEADER}.${encode(claims)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
}
