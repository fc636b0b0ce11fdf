/** Runs `start`, unless a call with the same `key` is still running: then returns that call's promise. */
export type SingleFlight<T> = (key: string, start: () => T | Promise<T>) => Promise<T>

/**
 * Lets concurrent callers share one piece of work, per key and within this process.
 *
 * It keeps no outcome: after the work has settled, the next call starts again. A rejection goes to all callers that were
 * waiting, and to no later one. `start` must have a deadline of its own, or one hanging call holds all later ones.
 */
export function singleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Promise<T>>()
  return (key, start) => {
    const running = flights.get(key)
    if (running) return running
    // `then(start)`, not `start()`: a synchronous throw becomes a rejection, and `start` may itself ask for `key`'s flight.
    const flight = Promise.resolve()
      .then(start)
      .finally(() => flights.delete(key))
    flights.set(key, flight)
    return flight
  }
}
