import { OPERATIONS, type OperationName } from '../protocol/routes.ts'
import { type Fault, type FaultOn, type FaultTarget, isFaultOn } from './fault.ts'

/** Random faults that a seed makes repeatable. */
export interface RandomFaults {
  /** The same seed gives the same faults to the same calls. */
  readonly seed: number | string
  /** The probability that a call is struck, from 0 (never) to 1 (always). */
  readonly rate: number
  /** One of these strikes, all with equal probability. A fault is used only on targets that it fits. */
  readonly faults: readonly Fault[]
  /** The targets. Default: every operation, and notifications. */
  readonly operations?: readonly FaultTarget[]
}

/** Sets faults. A scripted fault (`next`) goes before `always`, and `always` before `random`. */
export interface FaultControls {
  /**
   * Strikes the next calls to the operation, or the next notifications, one fault each. Adds to the faults that are scripted
   * already.
   * @throws TypeError when a fault does not fit the target
   */
  next<Target extends FaultTarget>(target: Target, faults: FaultOn<Target> | readonly FaultOn<Target>[]): void
  /** Strikes every call until `clear`. @throws TypeError when the fault does not fit the target */
  always<Target extends FaultTarget>(target: Target, fault: FaultOn<Target>): void
  /** Strikes calls at random until `clear`. */
  random(plan: RandomFaults): void
  /** Removes all faults of a target. Default: of every target. Things that are held back stay held back. */
  clear(target?: FaultTarget): void
  /** Releases everything that a fault holds back or delays: calls, notifications and late successes. Default: of every target. */
  release(target?: FaultTarget): void
  /** Counts the things that are held back now. Default: of every target. */
  held(target?: FaultTarget): number
}

const isOperationName = (name: string): name is OperationName => Object.hasOwn(OPERATIONS, name)

const TARGETS: readonly FaultTarget[] = [...Object.keys(OPERATIONS).filter(isOperationName), 'notification']

/** The scripts of all targets. */
export class Faults implements Pick<FaultControls, 'next' | 'always' | 'random' | 'clear'> {
  readonly #scripts = new Map(TARGETS.map((target) => [target, new Script()]))

  next<Target extends FaultTarget>(target: Target, faults: FaultOn<Target> | readonly FaultOn<Target>[]): void {
    const all: readonly Fault[] = [faults].flat()
    for (const fault of all) assertFits(target, fault)
    this.#scriptOf(target).next(all)
  }

  always<Target extends FaultTarget>(target: Target, fault: FaultOn<Target>): void {
    assertFits(target, fault)
    this.#scriptOf(target).always(fault)
  }

  random({ seed, rate, faults, operations = TARGETS }: RandomFaults): void {
    for (const target of operations) {
      const fitting = faults.filter((fault) => isFaultOn(target, fault))
      this.#scriptOf(target).random(`${seed} ${target}`, rate, fitting)
    }
  }

  clear(target?: FaultTarget): void {
    for (const one of target ? [target] : TARGETS) this.#scriptOf(one).clear()
  }

  /** Takes the fault for a call that has just come in. */
  take<Target extends FaultTarget>(target: Target): FaultOn<Target> | undefined {
    const fault = this.#scriptOf(target).take()
    return fault && isFaultOn(target, fault) ? fault : undefined
  }

  #scriptOf(target: FaultTarget): Script {
    const script = this.#scripts.get(target)
    if (!script) throw new TypeError(`faults: there is no target ${JSON.stringify(target)}`)
    return script
  }
}

function assertFits(target: FaultTarget, fault: Fault): void {
  if (!isFaultOn(target, fault)) throw new TypeError(`faults: ${JSON.stringify(fault)} does not fit ${target}`)
}

/** The faults of one target. */
class Script {
  readonly #next: Fault[] = []
  #always: Fault | undefined
  #draw: () => Fault | undefined = () => undefined

  next(faults: readonly Fault[]): void {
    this.#next.push(...faults)
  }

  always(fault: Fault): void {
    this.#always = fault
  }

  /** Each target has its own random sequence, so that the order of calls to other targets does not matter. */
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

/** FNV-1a: 32 bits from a text of any length. */
function hash(text: string): number {
  let bits = 0x811c9dc5
  for (const byte of Buffer.from(text)) bits = Math.imul(bits ^ byte, 0x01000193)
  return bits >>> 0
}

/** Returns numbers in [0, 1): the same numbers for the same seed (mulberry32). */
function seeded(seed: string): () => number {
  let state = hash(seed)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
