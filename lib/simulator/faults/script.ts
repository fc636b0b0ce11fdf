import type { Fault } from './fault.ts'
import { seeded } from './seeded.ts'

/** What is to go wrong at one target: first what was scripted, then what always does, then what chance brings. */
export class Script {
  readonly #next: Fault[] = []
  #always: Fault | undefined
  #draw: () => Fault | undefined = () => undefined

  next(faults: readonly Fault[]): void {
    this.#next.push(...faults)
  }

  always(fault: Fault): void {
    this.#always = fault
  }

  /** Each target draws from a sequence of its own: how calls to different targets interleave does not matter. */
  random(seed: string, rate: number, faults: readonly Fault[]): void {
    const random = seeded(seed)
    this.#draw = () => {
      const strikes = random() < rate
      const index = Math.floor(random() * faults.length)
      return strikes ? faults[index] : undefined
    }
  }

  clear(): void {
    this.#next.length = 0
    this.#always = undefined
    this.#draw = () => undefined
  }

  take(): Fault | undefined {
    return this.#next.shift() ?? this.#always ?? this.#draw()
  }
}
