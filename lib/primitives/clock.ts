/** Tells the time in milliseconds since the Unix epoch. */
export type Clock = () => number

/** The machine's clock. The only place in the package that reads it. */
export const systemClock: Clock = () => Date.now()

/** Milliseconds since the process began: no change of the machine's time moves it. */
export const monotonicClock: Clock = () => performance.now()

/** Resolves after `ms` milliseconds. Injected wherever the package has to wait, so that a test need not. */
export type Sleep = (ms: number) => Promise<void>

/** Resolves once the event loop has done what it had to do already. */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

export const systemSleep: Sleep = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
