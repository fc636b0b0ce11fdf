/** `X-TIMESTAMP` as we send it: `2026-01-02T03:04:05Z`, UTC without milliseconds, accepted by all of DOKU. @see protocol.md §2, §12 */
export function formatTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

const iso = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})$/

/** Minutes east of UTC, or `undefined` when no clock on earth shows it. */
function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(-2))
  if (hours > 14 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

/**
 * Reads an ISO-8601 time with seconds and a zone: `Z`, `+07:00` or `+0700`, with or without fractions (C-7).
 * @returns ms since the epoch, or `undefined` when it is not such a time, or no such day exists.
 */
export function parseTimestamp(text: string): number | undefined {
  const match = iso.exec(text)
  if (!match) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const offset = offsetMinutes(match[8] ?? 'Z')
  const milliseconds = Number((match[7] ?? '0').padEnd(3, '0').slice(0, 3))
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second, milliseconds))
  const exists = local.toISOString().startsWith(text.slice(0, 19))
  return exists && offset !== undefined ? local.getTime() - offset * 60_000 : undefined
}
