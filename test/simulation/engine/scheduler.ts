import { Heap } from './heap.ts'
import type { Random } from './random.ts'

/** So many steps are handed to the event loop at once: one round of it costs more than a step. */
const batch = 128

/**
 * The only source of time and order: everything asynchronous is a task here, and runs alone. Between two tasks all
 * promises that can settle have settled, so that a seed decides everything that happens.
 */
export class Scheduler {
  readonly #random: Random
  readonly #heap = new Heap()
  #now: number
  steps = 0

  constructor(random: Random, now: number) {
    this.#random = random
    this.#now = now
  }

  get now(): number {
    return this.#now
  }

  readonly clock = (): number => this.#now

  /** Runs `run` after so many virtual milliseconds; what falls on the same one runs in random order. */
  after(delayMs: number, run: () => void): void {
    this.#heap.push({ at: this.#now + Math.max(0, Math.round(delayMs)), priority: this.#random.next(), run })
  }

  /** Runs tasks until there are none, or until `goesOn` says no; it is asked between two tasks. */
  run(goesOn: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      let isOver = false
      const step = () => {
        if (isOver) return
        isOver = !goesOn() || !this.#step()
        if (isOver) resolve()
      }
      const round = () => {
        if (isOver) return
        for (let count = 0; count < batch; count++) setImmediate(step)
        setImmediate(round)
      }
      round()
    })
  }

  #step(): boolean {
    const task = this.#heap.pop()
    if (!task) return false
    this.#now = task.at
    this.steps++
    task.run()
    return true
  }
}
