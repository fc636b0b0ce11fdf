import { count, listOf, shapeOf, time } from '../records/shape.ts'

/** When DOKU was asked about something. */
export interface CheckHistory {
  /** From when on it is asked about: when it was begun, in ms since the epoch. */
  readonly since: number
  /** The latest times, oldest first, in ms since the epoch; at most `checksPerDay`. */
  readonly at: readonly number[]
  /** How often since then. */
  readonly count: number
  /** How often DOKU did not know it, after the time by which it must. */
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

/** Nothing is asked about more often, whoever wants to know. */
const checksPerDay = 8

/** At most so many checks within so long. */
interface Limit {
  readonly withinMs: number
  readonly most: number
}

/** For whoever has to know. Who clicks again and again while DOKU is at work must not use up the day in a minute. */
const limitsOfNeed: readonly Limit[] = [
  { withinMs: 10 * minuteMs, most: 4 },
  { withinMs: 60 * minuteMs, most: 6 },
  { withinMs: dayMs, most: checksPerDay },
]

/** For whoever only would like to know: a browser that reloads must keep no payment from its end, and no customer from trying anew. */
const limitsOfWish: readonly Limit[] = [
  { withinMs: 10 * minuteMs, most: 3 },
  { withinMs: dayMs, most: checksPerDay - 2 },
]

/** After how long: "HIT CHECK STATUS AFTER 60 SECONDS" (protocol.md §9), then ever more rarely, then daily. */
const scheduleMs = [1, 5, 15, 30, 60, 180, 360, 720].map((minutes) => minutes * minuteMs)

/** By then DOKU must know what it was sent; "not found" decides only after that, and only the second time. */
const knownAfterMs = 30 * minuteMs
const notFoundDecides = 2

/** Later than that nothing is sent any more: by then others may call it failed, and begin anew. */
const sendWithinMs = 5 * minuteMs

/** What DOKU still calls unfinished by then will not be finished any more: OVO's page has long closed. */
const givenUpAfterMs = 7 * dayMs

/** What is asked about. Without a history it was not asked about yet. */
export interface Checked {
  readonly createdAt: number
  readonly checks?: CheckHistory
}

function historyOf({ createdAt, checks }: Checked): CheckHistory {
  return checks ?? { since: createdAt, at: [], count: 0, notFound: 0 }
}

/** A history that begins anew; what was asked today still counts for today. */
export function restarted(checked: Checked, now: number): CheckHistory {
  return { since: now, at: historyOf(checked).at, count: 0, notFound: 0 }
}

/** When DOKU is to be asked next about what is not final, in ms since the epoch. */
export function nextCheckAt(checked: Checked): number {
  const { since, at, count } = historyOf(checked)
  const scheduled = scheduleMs[count]
  const next = scheduled === undefined ? (at.at(-1) ?? since) + dayMs : since + scheduled
  return Math.max(next, earliestCheckAt(at))
}

/** Before then there were enough checks for a day. */
function earliestCheckAt(at: readonly number[]): number {
  const firstThatCounts = at.at(-checksPerDay)
  return at.length < checksPerDay || firstThatCounts === undefined ? 0 : firstThatCounts + dayMs
}

/** Whether DOKU may be asked now by somebody who has to know. */
export function mayCheck(checked: Checked, now: number): boolean {
  return keeps(limitsOfNeed, checked, now)
}

/** Whether DOKU may be asked now by somebody who only would like to know: the schedule goes on without. */
export function mayCheckUnscheduled(checked: Checked, now: number): boolean {
  return keeps(limitsOfWish, checked, now)
}

/** Whether one more check now keeps to the limits. */
function keeps(limits: readonly Limit[], checked: Checked, now: number): boolean {
  const { at } = historyOf(checked)
  return limits.every(({ withinMs, most }) => at.filter((time) => time > now - withinMs).length < most)
}

/** The history with one more check, noted before DOKU is asked: a crash must not make it forget. */
export function withCheck(checked: Checked, now: number): CheckHistory {
  const { at, count, ...rest } = historyOf(checked)
  return { ...rest, at: [...at, now].slice(-checksPerDay), count: count + 1 }
}

/** The history after DOKU did not know it. */
export function withNotFound(checked: Checked, now: number): CheckHistory {
  const history = historyOf(checked)
  return now < history.since + knownAfterMs ? history : { ...history, notFound: history.notFound + 1 }
}

/** Whether what was written down then may not be sent any more: the process has stood still for too long. */
export function isTooLateToSend({ createdAt }: Pick<Checked, 'createdAt'>, now: number): boolean {
  return now > createdAt + sendWithinMs
}

/** Whether DOKU never received it: not known, again, long after it must be. */
export function neverArrived(checked: Checked): boolean {
  return historyOf(checked).notFound >= notFoundDecides
}

/** Whether DOKU must have heard the end of it by now. */
export function isOverdue(checked: Checked, now: number): boolean {
  return now >= historyOf(checked).since + knownAfterMs
}

/** Whether it is too long ago to come to an end by itself. */
export function isGivenUp({ createdAt }: Checked, now: number): boolean {
  return now >= createdAt + givenUpAfterMs
}
