import { ProblemError } from '../errors.ts'

/** Counts the work that is under way, and lets no more in once it is closed. */
export class Gate {
  #underWay = 0
  #closed = false
  #onEmpty: (() => void)[] = []

  /**
   * Takes one piece of work in.
   * @returns what to call when it is done; a second call does nothing
   * @throws ProblemError SHUTTING_DOWN once the gate is closed
   */
  enter(): () => void {
    if (this.#closed) throw new ProblemError('SHUTTING_DOWN', 'The shop is restarting; try again in a moment.')
    this.#underWay++
    let isInside = true
    return () => {
      if (isInside) this.#leave()
      isInside = false
    }
  }

  /** Runs one piece of work inside. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const leave = this.enter()
    try {
      return await work()
    } finally {
      leave()
    }
  }

  /** Lets nothing more in, and waits for what is inside. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#underWay === 0) return
    await new Promise<void>((resolve) => {
      this.#onEmpty.push(resolve)
    })
  }

  #leave(): void {
    this.#underWay--
    if (this.#underWay > 0) return
    for (const resolve of this.#onEmpty.splice(0)) resolve()
  }
}
