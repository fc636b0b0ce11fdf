import { ProblemError } from '../errors.ts'

/** Counts the work in progress. Once it is closed it admits no further work. */
export class Gate {
  #underWay = 0
  #closed = false
  #onEmpty: (() => void)[] = []

  /**
   * Admits one piece of work.
   * @returns a function to call when the work is done; a second call does nothing
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

  /**
   * Admits one piece of work and runs it.
   * @throws ProblemError SHUTTING_DOWN once the gate is closed
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const leave = this.enter()
    try {
      return await work()
    } finally {
      leave()
    }
  }

  /** Admits nothing from now on, and waits until the admitted work is done. */
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
