import type { Stage } from '../engine/stage.ts'
import type { Disk } from './disk.ts'
import type { Process } from './process.ts'

/** As `reconcileEveryMs`, give or take. */
const restMs = 10_000

/** The process's own reconcile loop; but where nothing is due for days it sleeps for days. */
export class Ticker {
  readonly #stage: Stage
  readonly #disk: Disk
  readonly #process: Process
  #nextAt = Number.POSITIVE_INFINITY
  #restsUntil = 0
  #isRunning = false

  constructor(stage: Stage, disk: Disk, process: Process) {
    this.#stage = stage
    this.#disk = disk
    this.#process = process
  }

  /** Sees to it that the loop runs soon after `dueAt`. */
  arm(dueAt: number): void {
    const at = Math.max(dueAt, this.#restsUntil)
    if (this.#isRunning || at >= this.#nextAt) return
    this.#nextAt = at
    const { scheduler, random } = this.#stage
    this.#process.life.after(at - scheduler.now + random.stretch(1000), () => {
      if (this.#nextAt === at) this.#run()
    })
  }

  #run(): void {
    this.#isRunning = true
    this.#nextAt = Number.POSITIVE_INFINITY
    const rest = () => {
      this.#isRunning = false
      this.#restsUntil = this.#stage.scheduler.now + restMs
      this.arm(this.#disk.earliestDueAt())
    }
    this.#stage.journal.count('reconciliations')
    this.#process.reconciler.run().then(rest, rest)
  }
}
