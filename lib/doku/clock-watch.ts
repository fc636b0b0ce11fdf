import type { Clock } from '../primitives/clock.ts'
import { answeredAt } from './reading.ts'
import type { Transport } from './transport.ts'

/** DOKU's own tolerance is not documented; ours is 5 minutes, so this comes well before anything fails. */
const toleranceMs = 60_000

/** A transport that compares DOKU's `Date` with our clock, and tells how far they are apart, in ms, when it is too far. */
export function watchClock(transport: Transport, clock: Clock, tell: (offMs: number) => void): Transport {
  return {
    close: () => transport.close(),
    async post(request) {
      const before = clock()
      const answer = await transport.post(request)
      const theirs = answeredAt(answer) ?? Number.NaN
      // Theirs was read at some moment in between.
      const offMs = Math.max(before - theirs, theirs - clock())
      if (offMs > toleranceMs) tell(offMs)
      return answer
    },
  }
}
