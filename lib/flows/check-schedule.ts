import { count, listOf, shapeOf, time } from '../records/shape.ts'

/** The status checks of one payment or binding: when DOKU was asked about it. */
export interface CheckHistory {
  /** The schedule counts from here, in ms since the epoch: the creation of the record, or the latest `restarted`. */
  readonly since: number
  /** The times of the latest checks, oldest first, in ms since the epoch. At most `checksPerDay`. */
  readonly at: readonly number[]
  /** The number of checks since `since`. */
  readonly count: number
  /** How often DOKU answered "not found" when it must have known it. */
  readonly notFound: number
}

/** Far longer than a history gets: one of ours must never be refused. */
const longestHistory = 10_000

export const checkHistoryShape = shapeOf<CheckHistory>({
  since: time,
  at: listOf(time, longestHistory),
  count,
  notFound: count,
})

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** The most checks of one payment or binding within 24 hours. */
const checksPerDay = 8

/** At most `most` checks within `withinMs`. */
interface Limit {
  readonly withinMs: number
  readonly most: number
}

/** Limits for checks that a new payment needs, so that repeated clicks cannot use up the daily quota in a minute. */
const requiredLimits: readonly Limit[] = [
  { withinMs: 10 * minuteMs, most: 4 },
  { withinMs: 60 * minuteMs, most: 6 },
  { withinMs: dayMs, most: checksPerDay },
]

/** Limits for optional checks, so that page reloads cannot use up the checks that the schedule and a new payment need. */
const optionalLimits: readonly Limit[] = [
  { withinMs: 10 * minuteMs, most: 3 },
  { withinMs: dayMs, most: checksPerDay - 2 },
]

/**
 * The pauses after `since`, in ms. DOKU asks for 60 seconds at least. After the last one: daily.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#9
 */
const scheduleMs = [1, 5, 15, 30, 60, 180, 360, 720].map((minutes) => minutes * minuteMs)

/** From then on DOKU must know a request that reached it, in ms. Only the second "not found" after that decides. */
const knownAfterMs = 30 * minuteMs
const notFoundDecides = 2

/** A record that is older than this is not sent any more, because another process may count it as failed. In ms. */
const sendWithinMs = 5 * minuteMs

/** After this time, in ms, DOKU does not finish it any more: OVO's page has long closed. */
const givenUpAfterMs = 7 * dayMs

/** A record that DOKU is asked about. Without a history DOKU was not asked yet. */
export interface Checked {
  readonly createdAt: number
  readonly checks?: CheckHistory
}

function historyOf({ createdAt, checks }: Checked): CheckHistory {
  return checks ?? { since: createdAt, at: [], count: 0, notFound: 0 }
}

/** The history with the schedule started again. The checks of the last 24 hours still count for the limits. */
export function restarted(checked: Checked, now: number): CheckHistory {
  return { since: now, at: historyOf(checked).at, count: 0, notFound: 0 }
}

/** When the next check is due, in ms since the epoch. */
export function nextCheckAt(checked: Checked): number {
  const { since, at, count } = historyOf(checked)
  const scheduled = scheduleMs[count]
  const next = scheduled === undefined ? (at.at(-1) ?? since) + dayMs : since + scheduled
  return Math.max(next, earliestCheckAt(at))
}

/** The earliest time at which the daily limit allows another check, in ms since the epoch. */
function earliestCheckAt(at: readonly number[]): number {
  const firstThatCounts = at.at(-checksPerDay)
  return at.length < checksPerDay || firstThatCounts === undefined ? 0 : firstThatCounts + dayMs
}

/** Whether the limits allow a check that a new payment needs. */
export function mayCheck(checked: Checked, now: number): boolean {
  return isWithin(requiredLimits, checked, now)
}

/** Whether the limits allow an optional check: the schedule decides without it too. */
export function mayCheckUnscheduled(checked: Checked, now: number): boolean {
  return isWithin(optionalLimits, checked, now)
}

/** Whether one more check now stays within the limits. */
function isWithin(limits: readonly Limit[], checked: Checked, now: number): boolean {
  const { at } = historyOf(checked)
  return limits.every(({ withinMs, most }) => at.filter((time) => time > now - withinMs).length < most)
}

/** The history with one more check. Store it before DOKU is asked, so that a crash does not lose it. */
export function withCheck(checked: Checked, now: number): CheckHistory {
  const { at, count, ...rest } = historyOf(checked)
  return { ...rest, at: [...at, now].slice(-checksPerDay), count: count + 1 }
}

/** The history after DOKU answered "not found". */
export function withNotFound(checked: Checked, now: number): CheckHistory {
  const history = historyOf(checked)
  return now < history.since + knownAfterMs ? history : { ...history, notFound: history.notFound + 1 }
}

/** Whether the record is too old to be sent: the process stood still after it wrote the record. */
export function isTooLateToSend({ createdAt }: Pick<Checked, 'createdAt'>, now: number): boolean {
  return now > createdAt + sendWithinMs
}

/** Whether DOKU never received it: it said "not found" twice when it must have known it. */
export function neverArrived(checked: Checked): boolean {
  return historyOf(checked).notFound >= notFoundDecides
}

/** Whether DOKU must know the result by now. */
export function isOverdue(checked: Checked, now: number): boolean {
  return now >= historyOf(checked).since + knownAfterMs
}

/** Whether it started too long ago to be finished any more. */
export function isGivenUp({ createdAt }: Checked, now: number): boolean {
  return now >= createdAt + givenUpAfterMs
}
