import { absentOr, count, listOf, shapeOf, text, time } from '../records/shape.ts'
import { areComparable, type Heard } from './evidence.ts'

/** When DOKU was asked about a payment or a binding. */
export interface CheckHistory {
  /** The start of the schedule, in ms since the epoch. */
  readonly since: number
  /** The latest unscheduled checks, oldest first, in ms since the epoch; at most `optionalPerDay`. */
  readonly at: readonly number[]
  /** How many times of the schedule have passed. */
  readonly count: number
  /** Not used any more: versions up to 0.1.0 counted here how often DOKU did not know it. */
  readonly notFound: number
  /** The first time that DOKU did not know it, late enough to be a witness. */
  readonly firstNotFound?: Heard
  /** The first and the latest time that DOKU said the payment still waits. */
  readonly firstOpen?: Heard
  readonly latestOpen?: Heard
}

/** Far longer than a history gets: a record of ours must never be refused. */
const longestHistory = 10_000

export const heardShape = shapeOf<Heard>({
  dokuTime: absentOr(time),
  process: text,
  monotonicMs: (value): value is number => typeof value === 'number',
})

export const checkHistoryShape = shapeOf<CheckHistory>({
  since: time,
  at: listOf(time, longestHistory),
  count,
  notFound: count,
  firstNotFound: absentOr(heardShape),
  firstOpen: absentOr(heardShape),
  latestOpen: absentOr(heardShape),
})

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/**
 * The times of scheduled checks: "HIT CHECK STATUS AFTER 60 SECONDS", then ever more rarely; after the last one daily.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#9
 */
const scheduleMs = [1, 5, 15, 30, 60, 180, 360, 720].map((minutes) => minutes * minuteMs)

/** DOKU does not call a failure final, so a failed payment is checked again, each time counted from its failure. */
const afterFailureMs = [hourMs, dayMs, 3 * dayMs, 7 * dayMs]

/** At most so many checks within so long. */
interface Limit {
  readonly withinMs: number
  readonly most: number
}

const optionalPerDay = 6

/** Limits for optional checks, so that page reloads cannot use up DOKU's patience. The schedule goes on without them. */
const optionalLimits: readonly Limit[] = [
  { withinMs: 10 * minuteMs, most: 3 },
  { withinMs: dayMs, most: optionalPerDay },
]

const questionsPerDay = 40

/** Limits for the questions about an earlier attempt, which the customer's new charge waits for. */
const questionLimits: readonly Limit[] = [
  { withinMs: 10 * minuteMs, most: 6 },
  { withinMs: dayMs, most: questionsPerDay },
]

/** DOKU must know a request by then. "Not found" is no witness before. */
const knownAfterMs = 30 * minuteMs

/** Nothing is sent later than this after it was written: by then another process may call it failed and start again. */
export const sendWithinMs = 5 * minuteMs

/** DOKU will not finish a payment that it still calls unfinished by then: OVO's page has long closed. */
const givenUpAfterMs = 7 * dayMs

/** A payment or a binding that DOKU is asked about. Without a history it was not asked about yet. */
export interface Checked {
  readonly createdAt: number
  readonly checks?: CheckHistory
}

function historyOf({ createdAt, checks }: Checked): CheckHistory {
  return checks ?? { since: createdAt, at: [], count: 0, notFound: 0 }
}

/** A new schedule from now on. The unscheduled checks of today still count. */
export function restarted(checked: Checked, now: number): CheckHistory {
  return { since: now, at: historyOf(checked).at, count: 0, notFound: 0 }
}

/** The time of the next scheduled check, in ms since the epoch. */
export function nextCheckAt(checked: Checked): number {
  const { since, count } = historyOf(checked)
  return since + scheduledAfterMs(count)
}

function scheduledAfterMs(index: number): number {
  const beyond = index - (scheduleMs.length - 1)
  return beyond <= 0 ? (scheduleMs[index] ?? 0) : (scheduleMs.at(-1) ?? 0) + beyond * dayMs
}

/**
 * The history with one more check, noted before DOKU is asked: a crash must not make us forget it. Only a check that is
 * due advances the schedule, past every time that has gone by; others count towards the limits of optional checks.
 */
export function withCheck(checked: Checked, now: number): CheckHistory {
  const history = historyOf(checked)
  if (now < nextCheckAt(checked)) return { ...history, at: latest(history.at, now, optionalPerDay) }
  let { count } = history
  while (history.since + scheduledAfterMs(count) <= now) count++
  return { ...history, count }
}

/** Whether DOKU may be asked now although no check is due. */
export function mayCheckUnscheduled(checked: Checked, now: number): boolean {
  return keeps(optionalLimits, historyOf(checked).at, now)
}

/** Whether DOKU may be asked about an earlier attempt before a new charge. */
export function mayQuestion(questions: readonly number[] | undefined, now: number): boolean {
  return keeps(questionLimits, questions ?? [], now)
}

/** The questions with one more. */
export function withQuestion(questions: readonly number[] | undefined, now: number): readonly number[] {
  return latest(questions ?? [], now, questionsPerDay)
}

function keeps(limits: readonly Limit[], times: readonly number[], now: number): boolean {
  return limits.every(({ withinMs, most }) => times.filter((time) => Math.abs(now - time) < withinMs).length < most)
}

/** The times of the last day with `now`, at most so many. */
function latest(times: readonly number[], now: number, most: number): readonly number[] {
  return [...times.filter((time) => time > now - dayMs), now].slice(-most)
}

/** The next check of a payment that failed at `failedAt`; undefined after the last one. `checked`: how many were made. */
export function nextCheckAfterFailure(failedAt: number, checked = 0): number | undefined {
  const afterMs = afterFailureMs[checked]
  return afterMs === undefined ? undefined : failedAt + afterMs
}

/** How many checks after a failure have been made, or missed, by now. */
export function checksAfterFailure(failedAt: number, now: number): number {
  return afterFailureMs.filter((afterMs) => failedAt + afterMs <= now).length
}

/** Whether a failure is so old that DOKU is not asked about it any more. */
export function isLongOver(failedAt: number, now: number): boolean {
  return now > failedAt + givenUpAfterMs
}

/**
 * The history after DOKU did not know it. The first witness stays, so that the second can be compared with it; one that
 * can never be compared is replaced.
 */
export function withNotFound(checked: Checked, heard: Heard, now: number): CheckHistory {
  const history = historyOf(checked)
  if (!isWitness(checked, heard, now)) return history
  const first = history.firstNotFound
  return first && areComparable(first, heard) ? history : { ...history, firstNotFound: heard }
}

/** The history after DOKU said that the payment still waits. */
export function withStillOpen(checked: Checked, heard: Heard): CheckHistory {
  const history = historyOf(checked)
  const { firstOpen } = history
  const isFirst = firstOpen === undefined || !areComparable(firstOpen, heard)
  return { ...history, firstOpen: isFirst ? heard : firstOpen, latestOpen: heard }
}

/** "Not found" counts from half an hour on, by our clock and by DOKU's. */
export function isWitness({ createdAt }: Checked, { dokuTime }: Heard, now: number): boolean {
  return Math.min(now, dokuTime ?? now) >= createdAt + knownAfterMs
}

/** Whether DOKU must know the result by now. */
export function isOverdue(checked: Checked, now: number): boolean {
  return now >= historyOf(checked).since + knownAfterMs
}

/** Whether it was begun so long ago that it will not end by itself: by our clock and, if DOKU sent it, by DOKU's. */
export function isGivenUp({ createdAt }: Checked, now: number, dokuTime = now): boolean {
  return Math.min(now, dokuTime) >= createdAt + givenUpAfterMs
}
