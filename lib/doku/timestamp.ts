/**
 * `X-TIMESTAMP` as we send it: `2026-01-02T03:04:05Z`. All of DOKU accepts UTC without milliseconds.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#2
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#12
 */
export function formatTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

const iso = /^(\d{4})(-?)(\d{2})\2(\d{2})T(\d{2})(:?)(\d{2})\6(\d{2})(?:[.,](\d{1,9}))?(Z|[+-]\d{2}(?::?\d{2})?)$/

/** The time zones on earth, in minutes east of UTC: from Baker Island to Kiritimati. */
const westernmost = -12 * 60
const easternmost = 14 * 60

/** @returns minutes east of UTC, or undefined if no time zone on earth has this offset */
function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z') return 0
  const minutes = Number(zone.slice(3).replace(':', ''))
  const offset = (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + minutes)
  return minutes < 60 && offset >= westernmost && offset <= easternmost ? offset : undefined
}

/**
 * Reads an ISO-8601 time with seconds and a zone (`Z`, `+07:00`, `+0700` or `+07`), with or without fractions, dashes
 * and colons. DOKU's pages write it in five ways.
 * @returns ms since the epoch, or undefined if it is no such time, or no such day exists
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#2
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-7
 */
export function parseTimestamp(text: string): number | undefined {
  const match = iso.exec(text)
  if (!match) return undefined
  const [, year, , month, day, hour, , minute, second, fraction = '', zone = ''] = match
  const local = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`)
  const offset = offsetMinutes(zone)
  // `Date` reads the 31st of a month of 30 days as the 1st of the next month, and hour 24 as hour 0.
  const exists = local.getUTCDate() === Number(day) && local.getUTCHours() === Number(hour)
  return exists && offset !== undefined ? local.getTime() - offset * 60_000 : undefined
}
