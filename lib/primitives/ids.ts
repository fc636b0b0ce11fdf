import { randomBytes as nodeRandomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'

/** A cryptographically secure source of bytes. Comes in as an argument only for tests. */
export type RandomBytes = (size: number) => Buffer

const poolSize = 4096
let pool = Buffer.alloc(0)
let used = 0

/** The machine's, fetched many at a time: that costs a tenth. None is ever handed out twice. */
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
/** What is left of 32: a million ids in one millisecond collide with a probability of 5 in 10^8. */
const randomDigits = 19

/**
 * An X-EXTERNAL-ID: 32 digits, of which 13 tell the millisecond (ids sort by time, and log lines can be found by it)
 * and 19 are unpredictable. Numeric and unique within a day, as SNAP asks; unique for ever in practice.
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

/** `size` random bytes as base64url: 32 bytes make 43 characters. For states and secrets in URLs. */
export function randomToken(size: number, randomBytes: RandomBytes = systemRandomBytes): string {
  return randomBytes(size).toString('base64url')
}

/** Crockford's: no I, L, O and U, so that an id can be read out over the telephone. */
const base32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** `length` characters of Crockford base 32, upper case, 5 random bits each. */
export function randomBase32(length: number, randomBytes: RandomBytes = systemRandomBytes): string {
  return toBase32(randomBytes(length))
}

/** One character of Crockford base 32 per byte. 256 is a multiple of 32, so uniform bytes make uniform characters. */
export function toBase32(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += base32.charAt(byte & 31)
  return text
}

/** 128 random bits, cut down to `digits` numerals: the modulo's bias is below 10^-19. */
function randomNumerals(digits: number, randomBytes: RandomBytes): string {
  const bits = BigInt(`0x${randomBytes(16).toString('hex')}`)
  return (bits % 10n ** BigInt(digits)).toString().padStart(digits, '0')
}
