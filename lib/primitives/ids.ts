import { randomBytes as nodeRandomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'

/** A cryptographically secure source of bytes. Tests pass their own. */
export type RandomBytes = (size: number) => Buffer

/** In bytes. */
const poolSize = 4096

/** Module state, because all callers share the bytes fetched at once. No byte is handed out twice. */
let pool = Buffer.alloc(0)
let used = 0

/** Random bytes of the machine, fetched `poolSize` at a time: that takes a tenth of the time of single calls. */
export const systemRandomBytes: RandomBytes = (size) => {
  if (size > poolSize) return nodeRandomBytes(size)
  if (used + size > pool.length) {
    pool = nodeRandomBytes(poolSize)
    used = 0
  }
  used += size
  return pool.subarray(used - size, used)
}

/** Digits of the milliseconds since the epoch until the year 2286. */
const timeDigits = 13
/** The rest of 32. A million ids in one millisecond collide with a probability of 5 in 10^8. */
const randomDigits = 19

/**
 * An X-EXTERNAL-ID of 32 digits: 13 for the millisecond, so that ids sort by time and lead to log lines, and 19
 * unpredictable ones. SNAP requires digits, unique within a day; these are unique forever in practice.
 */
export function externalId(clock: Clock, randomBytes: RandomBytes = systemRandomBytes): string {
  const time = Math.trunc(clock()).toString().padStart(timeDigits, '0').slice(-timeDigits)
  return time + randomNumerals(randomDigits, randomBytes)
}

/** A UUID of version 4 (RFC 9562 §5.4). */
export function randomUuid(randomBytes: RandomBytes = systemRandomBytes): string {
  const hex = randomBytes(16).toString('hex')
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  const groups = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20),
  ]
  return groups.join('-')
}

/** `size` random bytes as base64url (32 bytes make 43 characters), for states and secrets in URLs. */
export function randomToken(size: number, randomBytes: RandomBytes = systemRandomBytes): string {
  return randomBytes(size).toString('base64url')
}

/** Crockford's alphabet: no I, L, O and U, so that a person can read an id out over the telephone. */
const base32Alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** `length` characters of Crockford base 32, upper case, 5 random bits each. */
export function randomBase32(length: number, randomBytes: RandomBytes = systemRandomBytes): string {
  return toBase32(randomBytes(length))
}

/** One character of Crockford base 32, upper case, for the five low bits of each byte. */
export function toBase32(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += base32Alphabet.charAt(byte & 31)
  return text
}

/** 128 random bits, reduced to `digits` numerals: the modulo's bias is below 10^-19. */
function randomNumerals(digits: number, randomBytes: RandomBytes): string {
  const bits = BigInt(`0x${randomBytes(16).toString('hex')}`)
  return (bits % 10n ** BigInt(digits)).toString().padStart(digits, '0')
}
