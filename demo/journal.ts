import type { HookEvent } from 'express-doku-ovo'

interface Waiting {
  readonly matches: (event: HookEvent) => boolean
  readonly resolve: (event: HookEvent) => void
}

/** Keeps the events of the shop's hooks. A caller can wait for an event that has come or will come. */
export class Journal {
  readonly #events: HookEvent[] = []
  readonly #waiting = new Set<Waiting>()

  readonly add = (event: HookEvent): void => {
    this.#events.push(event)
    for (const one of this.#waiting) {
      if (!one.matches(event)) continue
      this.#waiting.delete(one)
      one.resolve(event)
    }
  }

  until(matches: (event: HookEvent) => boolean): Promise<HookEvent> {
    const past = this.#events.find(matches)
    if (past) return Promise.resolve(past)
    return new Promise((resolve) => this.#waiting.add({ matches, resolve }))
  }
}
