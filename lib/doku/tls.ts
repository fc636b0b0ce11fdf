/** The oldest TLS that is spoken with DOKU. */
export type TlsFloor = '1.2' | '1.3'

/** Of TLS 1.2 what the SNAP standard still lists: forward secrecy, and GCM. @see protocol.md §16 */
const suites = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
]

export interface TlsSettings {
  readonly minVersion: `TLSv${TlsFloor}`
  readonly ciphers: string
  readonly rejectUnauthorized: true
}

/** `rejectUnauthorized` is said aloud, or `NODE_TLS_REJECT_UNAUTHORIZED=0` would turn it off for payments as well. */
export function tlsSettings(floor: TlsFloor): TlsSettings {
  return { minVersion: `TLSv${floor}`, ciphers: suites.join(':'), rejectUnauthorized: true }
}
