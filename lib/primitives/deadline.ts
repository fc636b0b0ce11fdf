/** Node turns a longer timer into one of 1 ms; 24.8 days. */
const longestTimerMs = 2 ** 31 - 1

/**
 * The promise's own outcome, or after `ms` milliseconds a rejection with `onTimeout()`.
 *
 * The work itself is not stopped, only no longer awaited: its late result is dropped and its late rejection is not an
 * `unhandledRejection`. The timer is cleared as soon as there is an outcome, and keeps the process alive until then.
 */
export function withDeadline<T>(promise: Promise<T>, ms: number, onTimeout: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(onTimeout()), Math.min(ms, longestTimerMs))
    const settle =
      <Outcome>(pass: (outcome: Outcome) => void) =>
      (outcome: Outcome) => {
        clearTimeout(timer)
        pass(outcome)
      }
    promise.then(settle(resolve), settle(reject))
  })
}
