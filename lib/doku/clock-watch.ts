import type { Clock } from '../primitives/clock.ts'
import { answeredAt } from './reading.ts'
import type { Transport } from './transport.ts'

/** DOKU does not document its own tolerance. Ours is 5 minutes, so the warning comes well before a request fails. */
const toleranceMs = 60_000

/**
 * A transport that compares the `Date` header of each answer with our clock.
 * @param tell gets the difference in ms if it is larger than the tolerance
 */
export function watchClock(transport: Transport, clock: Clock, tell: (offMs: number) => void): Transport {
  return {
    close: () => transport.close(),
    async post(request) {
      const before = clock()
      const answer = await transport.post(request)
      const theirs = answeredAt(answer) ?? Number.NaN
      // DOKU read its clock at some moment between the two readings of ours.
      const offMs = Math.max(before - theirs, theirs - clock())
      if (offMs > toleranceMs) tell(offMs)
      return answer
    },
  }
}
