/** 24.8 days. Node turns a longer timer into one of 1 ms. */
const longestTimerMs = 2 ** 31 - 1

/**
 * Settles like the promise, or rejects with `onTimeout()` after `ms` milliseconds.
 *
 * It does not stop the work; it only stops waiting. A late result is dropped, and a late rejection is no
 * `unhandledRejection`. The timer keeps the process alive until there is an outcome.
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
