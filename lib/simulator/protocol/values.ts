/** SNAP's form of an amount: rupiah, a dot, and two digits of sen. */
export const AMOUNT = /^[0-9]{1,16}\.[0-9]{2}$/

/** An amount on the wire. */
export interface Amount {
  readonly value: string
  readonly currency: 'IDR'
}

/** The sen of an amount's text, which `AMOUNT` must have accepted before. */
export function toSen(value: string): bigint {
  return BigInt(value.replace('.', ''))
}

export function fromSen(sen: bigint): string {
  const digits = sen.toString().padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

export function amountOf(sen: bigint): Amount {
  return { value: fromSen(sen), currency: 'IDR' }
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n)
}

/**
 * ISO 8601 with seconds and a zone. Merchants send fractions and all kinds of offsets.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#2
 */
const GRAMMAR = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/

const JAKARTA_OFFSET_MS = 7 * 60 * 60 * 1000

/** Reads milliseconds since the epoch. @returns undefined for text that is not an X-TIMESTAMP */
export function parseTimestamp(text: string): number | undefined {
  if (!GRAMMAR.test(text)) return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}

/** `2024-10-28T20:49:01+07:00`: Jakarta time without milliseconds, as DOKU writes it. */
export function jakartaTime(now: number): string {
  return `${new Date(now + JAKARTA_OFFSET_MS).toISOString().slice(0, 19)}+07:00`
}

/**
 * The calendar day in Jakarta. DOKU does not say when the day of an X-EXTERNAL-ID begins.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#11
 */
export function jakartaDay(now: number): string {
  return jakartaTime(now).slice(0, 10)
}

/** Makes ids of decimal digits, like DOKU's own. */
export interface Ids {
  digits(length: number): string
}

export function createIds(random: () => number): Ids {
  const digit = () => Math.floor(random() * 10)
  return { digits: (length) => Array.from({ length }, digit).join('') }
}
