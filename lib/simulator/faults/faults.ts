import { OPERATIONS, type OperationName } from '../protocol/routes.ts'
import { type Fault, type FaultOn, type FaultTarget, isFaultOn } from './fault.ts'

export interface RandomFaults {
  /** The same seed brings the same faults to the same calls. */
  readonly seed: number | string
  /** How likely a call is struck: 0 never, 1 always. */
  readonly rate: number
  /** One of these, all equally likely; each strikes only where it can be set. */
  readonly faults: readonly Fault[]
  /** Default: every operation, and notifications. */
  readonly operations?: readonly FaultTarget[]
}

/** What a test or a demo says about faults. Scripted ones come first, then `always`, then `random`. */
export interface FaultControls {
  /** The next calls to the operation (the next notifications) are struck, one by one. Adds to what is scripted already. */
  next<Target extends FaultTarget>(target: Target, faults: FaultOn<Target> | readonly FaultOn<Target>[]): void
  /** Every call is struck, until `clear`. */
  always<Target extends FaultTarget>(target: Target, fault: FaultOn<Target>): void
  random(plan: RandomFaults): void
  /** No more faults. What is held stays held. */
  clear(target?: FaultTarget): void
  /** Lets go on what a fault holds back or delays: calls, notifications, and late successes. */
  release(target?: FaultTarget): void
  /** How many things are held back just now. */
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

  /** The fault for the call that has just come in. */
  take<Target extends FaultTarget>(target: Target): FaultOn<Target> | undefined {
    const fault = this.#scriptOf(target).take()
    return fault && isFaultOn(target, fault) ? fault : undefined
  }

  #scriptOf(target: FaultTarget): Script {
    const script = this.#scripts.get(target)
    if (!script) throw new TypeError(`faults: there is no operation ${JSON.stringify(target)}`)
    return script
  }
}

function assertFits(target: FaultTarget, fault: Fault): void {
  if (!isFaultOn(target, fault)) throw new TypeError(`faults: ${JSON.stringify(fault)} is no fault of ${target}`)
}

/** What is to go wrong at one target: first what was scripted, then what always does, then what chance brings. */
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
/** FNV-1a: 32 bits from a text of any length. */
function hash(text: string): number {
  let bits = 0x811c9dc5
  for (const byte of Buffer.from(text)) bits = Math.imul(bits ^ byte, 0x01000193)
  return bits >>> 0
}

/** Numbers in [0, 1), the same ones for the same seed (mulberry32). */
function seeded(seed: string): () => number {
  let state = hash(seed)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
