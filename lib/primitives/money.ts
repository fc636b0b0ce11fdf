/**
 * An amount as SNAP writes it: rupiah with exactly two decimals, as text. Sums and comparisons are done in sen
 * (1 rupiah = 100 sen) as `bigint`: floating point never touches money.
 */
export interface Amount {
  /** For example `'10000.00'`: 1 to 16 digits, a point, 2 digits; no sign, no leading zeros, no separators. */
  readonly value: string
  /** The only currency that OVO has. */
  readonly currency: 'IDR'
}

/** SNAP's ISO 4217 amount: at most 16 digits before the point. */
export const amountPattern = /^(0|[1-9]\d{0,15})\.\d{2}$/

/** 9999999999999999.99 rupiah: the largest amount that the wire can carry, in sen. */
const largestSen = 999_999_999_999_999_999n

/** `'10000.00'` => `1000000n` sen. `undefined` for anything that is not written exactly so, `'10000'` and `'1e4'` too. */
export function parseAmountValue(text: unknown): bigint | undefined {
  if (typeof text !== 'string' || !amountPattern.test(text)) return undefined
  return BigInt(text.replace('.', ''))
}

/**
 * Reads an amount by its value, for text of others: any number of decimals of which at most two are not zero, a JSON
 * number, an exponent. We ourselves write only what `parseAmountValue` takes.
 * @returns sen; undefined if it is no such amount
 */
export function readAmountValue(value: unknown): bigint | undefined {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : ''
  const parts = /^\+?(\d{1,40})(?:\.(\d{0,40}))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text)
  if (!parts) return undefined
  const [, whole = '', decimals = '', exponent = '0'] = parts
  const shift = Number(exponent) + 2
  const digits = whole + decimals
  const point = whole.length + shift
  const isExact = /^0*$/.test(digits.slice(Math.max(point, 0)))
  if (!isExact) return undefined
  const sen = BigInt(digits.slice(0, Math.max(point, 0)).padEnd(Math.max(point, 1), '0'))
  return sen <= largestSen ? sen : undefined
}

/** `1000000n` sen => `'10000.00'`. Throws `RangeError` for what the wire cannot carry: below zero, or over 16 digits. */
export function formatAmountValue(sen: bigint): string {
  if (sen < 0n || sen > largestSen) throw new RangeError(`No SNAP amount can say ${sen} sen`)
  const digits = sen.toString().padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** `1000000n` sen => `{ value: '10000.00', currency: 'IDR' }`. Throws like `formatAmountValue`. */
export function formatAmount(sen: bigint): Amount {
  return { value: formatAmountValue(sen), currency: 'IDR' }
}

/** Whether both are readable and equal. An unreadable amount equals nothing, not even itself. */
export function sameAmount(one: Amount, other: Amount): boolean {
  const sen = parseAmountValue(one.value)
  return sen !== undefined && sen === parseAmountValue(other.value) && one.currency === other.currency
}

/** The sum in sen; `0n` of nothing; `undefined` when one of the values is unreadable. */
export function sumValues(values: Iterable<string>): bigint | undefined {
  let sum = 0n
  for (const value of values) {
    const sen = parseAmountValue(value)
    if (sen === undefined) return undefined
    sum += sen
  }
  return sum
}
