import type { RetrySleep } from '../options.ts'
import type { FaultTarget } from './fault.ts'

interface Held {
  readonly target: FaultTarget
  readonly go: () => void
}

/** Holds things back: for a while, or until they are released. What is still held when it closes never happens. */
export class Gate {
  readonly #sleep: RetrySleep
  readonly #held = new Set<Held>()
  readonly #closing = new AbortController()

  constructor(sleep: RetrySleep) {
    this.#sleep = sleep
  }

  /** Calls `go` once: after `ms`, if that is given, or when it is released, whichever is first. Returns what lets go of it. */
  later(target: FaultTarget, ms: number | undefined, go: () => void): () => void {
    const { signal } = this.#closing
    const held = { target, go }
    const letGo = () => this.#letGo(held)
    if (signal.aborted) return letGo
    this.#held.add(held)
    if (ms !== undefined) this.#sleep(ms, signal).then(letGo, () => this.#held.delete(held))
    return letGo
  }

  /** The same as a promise. Does not resolve when the gate closes. */
  pass(target: FaultTarget, ms: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.later(target, ms, resolve)
    })
  }

  heldAt(target?: FaultTarget): number {
    return this.#at(target).length
  }

  /** Lets everything go that is held, in the order of its coming. */
  release(target?: FaultTarget): void {
    for (const held of this.#at(target)) this.#letGo(held)
  }

  close(): void {
    this.#closing.abort()
    this.#held.clear()
  }

  #at(target: FaultTarget | undefined): Held[] {
    return [...this.#held].filter((held) => target === undefined || held.target === target)
  }

  #letGo(held: Held): void {
    if (this.#held.delete(held)) held.go()
  }
}
