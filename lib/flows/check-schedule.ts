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

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** Nothing is asked about more often, whoever wants to know. */
const checksPerDay = 8

/** That many of them nobody but the schedule may use: a browser that reloads must not keep a payment from its end. */
const keptForSchedule = 2

/** After so many checks within a day, how long after the last one may come the next. After all of them: none. */
const pausesMs = [0, 0, 0, 1, 1, 1, 5, 30].map((minutes) => minutes * minuteMs)

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
  return Math.max(next, earliestCheckAt(at, checksPerDay))
}

/** Before then there were enough checks for a day. */
function earliestCheckAt(at: readonly number[], perDay: number): number {
  const firstThatCounts = at.at(-perDay)
  return at.length < perDay || firstThatCounts === undefined ? 0 : firstThatCounts + dayMs
}

/**
 * Whether DOKU may be asked now by somebody who has to know. A few times at once; then with pauses, or somebody who
 * clicks again and again while DOKU is still at work has used up the day in a minute.
 */
export function mayCheck(checked: Checked, now: number): boolean {
  const today = historyOf(checked).at.filter((at) => at > now - dayMs)
  const pauseMs = pausesMs[today.length]
  return pauseMs !== undefined && now >= (today.at(-1) ?? 0) + pauseMs
}

/** Whether DOKU may be asked now by somebody who only would like to know: the schedule goes on without. */
export function mayCheckUnscheduled(checked: Checked, now: number): boolean {
  return now >= earliestCheckAt(historyOf(checked).at, checksPerDay - keptForSchedule)
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
