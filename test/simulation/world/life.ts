import type { Stage } from '../engine/stage.ts'

/** No process's clock is further off than this, either way. */
export const longestSkewMs = 2000
/** So long a process can stand still: collecting garbage, moved to another machine, or on a laptop that was closed. */
const longestStallMs = 3 * 3_600_000

/** What a process has at hand: its clock, and whether it runs. Whatever it waits for when it dies never comes. */
export class Life {
  readonly name: string
  readonly #stage: Stage
  readonly #onDeath: (() => void)[] = []
  readonly #skewMs: number
  #isAlive = true
  #stallsUntil = 0

  constructor(name: string, stage: Stage) {
    this.name = name
    this.#stage = stage
    this.#skewMs = stage.random.between(-longestSkewMs, longestSkewMs)
  }

  readonly clock = (): number => this.#stage.scheduler.now + this.#skewMs

  get isAlive(): boolean {
    return this.#isAlive
  }

  die(): void {
    this.#isAlive = false
    this.#stage.journal.count('crashes')
    this.#stage.journal.tell(() => `${this.name} crashes`)
    for (const run of this.#onDeath) run()
  }

  whenDead(run: () => void): void {
    this.#onDeath.push(run)
  }

  /** Runs `run` after a while, unless the process has died by then; if it stands still, when it goes on. */
  after(delayMs: number, run: () => void): void {
    const { scheduler } = this.#stage
    scheduler.after(delayMs, () => {
      const waitMs = this.#stallsUntil - scheduler.now
      if (this.#isAlive && waitMs > 0) this.after(waitMs, run)
      else if (this.#isAlive) run()
    })
  }

  /** Perhaps it dies here, or stands still. */
  tempt(where: () => string): boolean {
    const { random, plan, journal, isFaulty } = this.#stage
    if (isFaulty() && random.chance(plan.stalls)) this.#stall()
    const mayDie = isFaulty() && (journal.figures.crashes ?? 0) < plan.crashesAtMost
    if (!this.#isAlive || !mayDie || !random.chance(plan.crash)) return !this.#isAlive
    journal.tell(() => `${this.name} is about to die ${where()}`)
    this.die()
    return true
  }

  #stall(): void {
    const { random, journal, scheduler } = this.#stage
    const stallMs = random.stretch(longestStallMs)
    this.#stallsUntil = Math.max(this.#stallsUntil, scheduler.now + stallMs)
    journal.count('fault: stalls')
    journal.tell(() => `${this.name} stands still for ${stallMs} ms`)
  }
}

/** What a dead process waits for. */
export function never<T>(): Promise<T> {
  return new Promise(() => {})
}
