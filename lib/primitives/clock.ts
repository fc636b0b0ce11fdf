/** Returns the time in ms since the Unix epoch. */
export type Clock = () => number

/** The machine's clock. No other place in the package reads it. */
export const systemClock: Clock = () => Date.now()

/** Returns the ms since the process started. A change of the machine's time does not move it. */
export const monotonicClock: Clock = () => performance.now()

/** Resolves after `ms` milliseconds. The package waits only through it, so that a test need not wait. */
export type Sleep = (ms: number) => Promise<void>

/** Resolves after the work that the event loop has now. */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

export const systemSleep: Sleep = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
