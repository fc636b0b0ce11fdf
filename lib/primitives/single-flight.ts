/** Runs `start` unless a call with the same `key` is still running: then that call's promise is the answer. */
export type SingleFlight<T> = (key: string, start: () => T | Promise<T>) => Promise<T>

/**
 * Lets concurrent callers share one piece of work, per key and within this process.
 *
 * Nothing is remembered: when the work has settled, the next call starts anew. A rejection goes to all who were
 * waiting and is then forgotten, so that one failure does not become everybody's for ever. `start` must have a
 * deadline of its own, or one hanging call holds all later ones.
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
