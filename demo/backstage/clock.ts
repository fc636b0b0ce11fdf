interface Sleeper {
  readonly wakeAt: number
  readonly wake: () => void
  timer: NodeJS.Timeout
}

/** The machine's clock, which can be moved forward, so that nobody must wait to see the effect of time. */
export class DemoClock {
  #skippedMs: number
  readonly #sleepers = new Set<Sleeper>()

  constructor(skippedMs = 0) {
    this.#skippedMs = skippedMs
  }

  get skippedMs(): number {
    return this.#skippedMs
  }

  /** Milliseconds since the epoch. */
  readonly now = (): number => Date.now() + this.#skippedMs

  /** Moves the clock forward. Sleepers wake up earlier by the same time. */
  skip(ms: number): void {
    this.#skippedMs += ms
    for (const sleeper of this.#sleepers) this.#arm(sleeper)
  }

  /** Does not keep the process alive. */
  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(sleeper.timer)
        this.#sleepers.delete(sleeper)
        settle()
      }
      const sleeper: Sleeper = { wakeAt: this.now() + ms, wake: () => end(resolve), timer: setTimeout(() => {}) }
      this.#sleepers.add(sleeper)
      this.#arm(sleeper)
      signal.addEventListener('abort', () => end(() => reject(signal.reason)), { once: true })
    })

  #arm(sleeper: Sleeper): void {
    clearTimeout(sleeper.timer)
    sleeper.timer = setTimeout(sleeper.wake, Math.max(0, sleeper.wakeAt - this.now()))
    sleeper.timer.unref()
  }
}
