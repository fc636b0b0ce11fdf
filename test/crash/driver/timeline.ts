import { setMaxListeners } from 'node:events'

type Follower = (offsetMs: number) => void

interface Sleeper {
  readonly until: number
  readonly wake: () => void
}

const tickMs = 50

/** One clock for DOKU, the customers and all hosts. It runs with the machine's, and can be put forward. */
export class Timeline {
  offsetMs = 0
  readonly #followers = new Set<Follower>()
  readonly #sleepers = new Set<Sleeper>()
  #ticker: NodeJS.Timeout | undefined

  readonly now = (): number => Date.now() + this.offsetMs

  /** Everybody is told. */
  advance(ms: number): void {
    this.offsetMs += ms
    for (const follow of this.#followers) follow(this.offsetMs)
    this.#wakeSleepers()
  }

  /** Returns what ends the following. */
  follow(follower: Follower): () => void {
    this.#followers.add(follower)
    return () => this.#followers.delete(follower)
  }

  /** From now on the clock runs so many times faster. */
  run(speed: number): void {
    this.stop()
    this.#ticker = setInterval(() => this.advance(tickMs * (speed - 1)), tickMs)
    this.#ticker.unref()
  }

  stop(): void {
    clearInterval(this.#ticker)
  }

  /** What sleeps by this clock: the simulator. */
  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = () => {
        this.#sleepers.delete(sleeper)
        reject(signal.reason)
      }
      const wake = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const sleeper = { until: this.now() + ms, wake }
      this.#sleepers.add(sleeper)
      signal.addEventListener('abort', leave)
      setMaxListeners(0, signal)
    })

  #wakeSleepers(): void {
    const now = this.now()
    const due = [...this.#sleepers].filter(({ until }) => until <= now)
    for (const sleeper of due) {
      this.#sleepers.delete(sleeper)
      sleeper.wake()
    }
  }
}
