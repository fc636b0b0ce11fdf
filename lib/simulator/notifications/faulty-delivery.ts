import type { NotificationFault, NotificationFaultKind } from '../faults/fault.ts'

/** What can be done with a notification that is due. */
export interface Moves {
  /** Sends it, with retries; with an X-TIMESTAMP that is older than it should be. */
  deliver(staleMs?: number): void
  lose(): void
  /** Sends it later: after `ms`, or when it is released. */
  holdFor(ms: number | undefined): void
  /** Sends it after the next one, or when it is released. */
  holdUntilOvertaken(): void
}

const DAY_MS = 24 * 60 * 60 * 1000

const PLAYS: { readonly [Kind in NotificationFaultKind]: (fault: NotificationFault<Kind>, moves: Moves) => void } = {
  none: (_fault, moves) => moves.deliver(),
  lost: (_fault, moves) => moves.lose(),
  duplicated({ times = 2 }, moves) {
    for (let sent = 0; sent < times; sent += 1) moves.deliver()
  },
  reordered: (_fault, moves) => moves.holdUntilOvertaken(),
  delayed: ({ ms }, moves) => moves.holdFor(ms),
  stale: ({ ms = DAY_MS }, moves) => moves.deliver(ms),
}

export function playUnder<Kind extends NotificationFaultKind>(fault: NotificationFault<Kind>, moves: Moves): void {
  PLAYS[fault.kind](fault, moves)
}
