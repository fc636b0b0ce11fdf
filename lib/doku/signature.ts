import { createHmac, hash, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto'

/** One HTTP request as it goes over the wire. The signature covers these bytes, never an object. */
export interface SignedRequest {
  /** Upper case. */
  readonly method: string
  /** The path as requested, with `?query` if there is one. Without scheme and host. */
  readonly path: string
  /** The access token (B2B) without `Bearer `. */
  readonly accessToken: string
  /** The body as sent. It must be minified JSON. Empty if there is no body. */
  readonly body: string | Uint8Array
  /** The `X-TIMESTAMP` header, byte for byte. */
  readonly timestamp: string
}

/** Lower-case hex of SHA-256. */
export function sha256Hex(bytes: string | Uint8Array): string {
  return hash('sha256', bytes, 'hex')
}

/**
 * `METHOD:path:accessToken:sha256(body):timestamp`.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#1
 */
export function stringToSign(request: SignedRequest): string {
  const { method, path, accessToken, body, timestamp } = request
  return `${method}:${path}:${accessToken}:${sha256Hex(body)}:${timestamp}`
}

/**
 * `X-SIGNATURE` of a transactional call: HMAC-SHA512 in standard Base64, 88 characters.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#1
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-6
 */
export function signSymmetric(text: string, secretKey: string): string {
  return createHmac('sha512', secretKey).update(text).digest('base64')
}

/** Compares in constant time. Upper and lower case differ, as in all Base64. */
export function verifySymmetric(text: string, secretKey: string, signature: string): boolean {
  const expected = Buffer.from(signSymmetric(text, secretKey))
  const given = Buffer.from(signature)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/**
 * `clientId|timestamp`, which a token call signs.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#2
 */
export function tokenStringToSign(clientId: string, timestamp: string): string {
  return `${clientId}|${timestamp}`
}

/**
 * `X-SIGNATURE` of a token call: RSASSA-PKCS1-v1_5 with SHA-256, Base64.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#2
 */
export function signAsymmetric(text: string, privateKey: KeyObject): string {
  return sign('sha256', Buffer.from(text), privateKey).toString('base64')
}

/** Whether it is this key's signature over this text, in canonical Base64. Never throws. */
export function verifyAsymmetric(text: string, publicKey: KeyObject, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64')
  return bytes.toString('base64') === signature && verify('sha256', Buffer.from(text), publicKey, bytes)
}
