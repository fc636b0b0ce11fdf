import { type KeyObject, sign } from 'node:crypto'

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

const HEADER = encode({ alg: 'RS256' })

/** An RS256 JWT, which is what DOKU's tokens are. Merchants must treat them as opaque. @see protocol.md section 3 */
export function signJwt(claims: Readonly<Record<string, unknown>>, privateKey: KeyObject): string {
  const signed = `${HEADER}.${encode(claims)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
}
