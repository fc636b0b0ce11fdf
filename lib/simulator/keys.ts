import { createPrivateKey, createPublicKey, KeyObject } from 'node:crypto'

export function isRsaKey(value: unknown, type: 'public' | 'private'): boolean {
  try {
    const key = parseKey(value, type)
    return key.type === type && key.asymmetricKeyType === 'rsa'
  } catch {
    return false
  }
}

/** Node would derive a public key from a private one: the merchant's private key has no business here, so that is refused. */
export function parseKey(value: unknown, type: 'public' | 'private'): KeyObject {
  if (value instanceof KeyObject) return value
  if (typeof value !== 'string') throw new TypeError('neither PEM text nor a KeyObject')
  if (type === 'private') return createPrivateKey(value)
  if (value.includes('PRIVATE KEY')) throw new TypeError('a private key')
  return createPublicKey(value)
}
