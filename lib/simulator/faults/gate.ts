import type { RetrySleep } from '../options.ts'
import type { FaultTarget } from './fault.ts'

interface Held {
  readonly target: FaultTarget
  readonly go: () => void
}

/** Holds actions back for a time, or until they are released. Actions that are still held at `close` never happen. */
export class Gate {
  readonly #sleep: RetrySleep
  readonly #held = new Set<Held>()
  readonly #closing = new AbortController()

  constructor(sleep: RetrySleep) {
    this.#sleep = sleep
  }

  /** Calls `go` once: after `ms` if given, or on release, whichever comes first. Returns a function that releases it. */
  later(target: FaultTarget, ms: number | undefined, go: () => void): () => void {
    const { signal } = this.#closing
    const held = { target, go }
    const release = () => this.#release(held)
    if (signal.aborted) return release
    this.#held.add(held)
    if (ms !== undefined) this.#sleep(ms, signal).then(release, () => this.#held.delete(held))
    return release
  }

  /** The same as a promise. Never resolves if the gate closes first. */
  pass(target: FaultTarget, ms: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.later(target, ms, resolve)
    })
  }

  heldAt(target?: FaultTarget): number {
    return this.#at(target).length
  }

  /** Releases everything that is held, oldest first. */
  release(target?: FaultTarget): void {
    for (const held of this.#at(target)) this.#release(held)
  }

  close(): void {
    this.#closing.abort()
    this.#held.clear()
  }

  #at(target: FaultTarget | undefined): Held[] {
    return [...this.#held].filter((held) => target === undefined || held.target === target)
  }

  #release(held: Held): void {
    if (this.#held.delete(held)) held.go()
  }
}
