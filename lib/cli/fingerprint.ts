import { createHash, type KeyObject } from 'node:crypto'

/** Of a public key, to compare two by eye: SHA-256 of its DER form, as colon-separated hex. */
export function fingerprintOf(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex').toUpperCase().match(/../g)?.join(':') ?? ''
}
