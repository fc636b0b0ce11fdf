/** ISO 8601 with seconds and a zone. Fractions and every offset are in use among merchants (protocol.md section 2). */
const GRAMMAR = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/

const JAKARTA_OFFSET_MS = 7 * 60 * 60 * 1000

/** Milliseconds since the epoch, or `undefined` for text that is no X-TIMESTAMP. */
export function parseTimestamp(text: string): number | undefined {
  if (!GRAMMAR.test(text)) return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}

/** `2024-10-28T20:49:01+07:00`: Jakarta time without milliseconds, which is how DOKU writes time. */
export function jakartaTime(now: number): string {
  return `${new Date(now + JAKARTA_OFFSET_MS).toISOString().slice(0, 19)}+07:00`
}

/** The calendar day in Jakarta. DOKU does not say where the day of an X-EXTERNAL-ID begins (protocol.md section 11). */
export function jakartaDay(now: number): string {
  return jakartaTime(now).slice(0, 10)
}
