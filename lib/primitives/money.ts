/**
 * An amount as SNAP writes it: rupiah with exactly two decimals, as text. Sums and comparisons use sen (1 rupiah = 100
 * sen) as `bigint`, never floating point.
 * @example
 * ```ts
 * import type { Amount } from 'express-doku-ovo'
 *
 * export const price: Amount = { value: '10000.00', currency: 'IDR' }
 * ```
 */
export interface Amount {
  /** For example `'10000.00'`: 1 to 16 digits, a point, 2 digits; no sign, no leading zeros, no separators. */
  readonly value: string
  /** OVO has no other currency. */
  readonly currency: 'IDR'
}

/** SNAP's ISO 4217 amount: at most 16 digits before the point. */
export const amountPattern = /^(0|[1-9]\d{0,15})\.\d{2}$/

/** The largest amount in SNAP's notation, 9999999999999999.99 rupiah, in sen. */
const largestSen = 999_999_999_999_999_999n

/** `'10000.00'` => `1000000n` sen. @returns undefined for every other notation, such as `'10000'` or `'1e4'` */
export function parseAmountValue(text: unknown): bigint | undefined {
  if (typeof text !== 'string' || !amountPattern.test(text)) return undefined
  return BigInt(text.replace('.', ''))
}

/**
 * Reads an amount of others by its value: any number of decimals of which at most two are not zero, a JSON number, an
 * exponent. We ourselves write only the form that `parseAmountValue` takes.
 * @returns sen; undefined if it is no such amount
 */
export function readAmountValue(value: unknown): bigint | undefined {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : ''
  const parts = /^\+?(\d{1,40})(?:\.(\d{0,40}))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text)
  if (!parts) return undefined
  const [, whole = '', decimals = '', exponent = '0'] = parts
  const digits = whole + decimals
  const point = Math.max(whole.length + Number(exponent) + 2, 0)
  if (/[^0]/.test(digits.slice(point))) return undefined
  const sen = BigInt(digits.slice(0, point).padEnd(Math.max(point, 1), '0'))
  return sen <= largestSen ? sen : undefined
}

/** Whether two amounts are readable and equal in value. */
export function isSameValue(one: string, other: string): boolean {
  const sen = parseAmountValue(one)
  return sen !== undefined && sen === parseAmountValue(other)
}

/** `1000000n` sen => `'10000.00'`. @throws RangeError for less than zero, or more than 16 digits of rupiah */
export function formatAmountValue(sen: bigint): string {
  if (sen < 0n || sen > largestSen) throw new RangeError(`No SNAP amount can say ${sen} sen`)
  const digits = sen.toString().padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** `1000000n` sen => `{ value: '10000.00', currency: 'IDR' }`. @throws RangeError like `formatAmountValue` */
export function formatAmount(sen: bigint): Amount {
  return { value: formatAmountValue(sen), currency: 'IDR' }
}

/** Returns true if both amounts are readable and equal. An unreadable amount equals nothing, not even itself. */
export function sameAmount(one: Amount, other: Amount): boolean {
  const sen = parseAmountValue(one.value)
  return sen !== undefined && sen === parseAmountValue(other.value) && one.currency === other.currency
}

/** The sum in sen; `0n` for no values. @returns undefined if one of the values is unreadable */
export function sumValues(values: Iterable<string>): bigint | undefined {
  let sum = 0n
  for (const value of values) {
    const sen = parseAmountValue(value)
    if (sen === undefined) return undefined
    sum += sen
  }
  return sum
}
