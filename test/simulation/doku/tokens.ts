import type { Stage } from '../engine/stage.ts'

export interface TokenRules {
  readonly prefix: string
  readonly lifeMs: number
  /** Whether a new one voids those before it. */
  readonly newestVoids: boolean
}

/** Tokens of one kind and one owner. */
export class Tokens {
  readonly #stage: Stage
  readonly #rules: TokenRules
  readonly #valid = new Map<string, number>()
  #issued = 0

  constructor(stage: Stage, rules: TokenRules) {
    this.#stage = stage
    this.#rules = rules
  }

  issue(): { token: string; seconds: number } {
    const { prefix, lifeMs, newestVoids } = this.#rules
    if (newestVoids) this.#valid.clear()
    const token = `${prefix}-${++this.#issued}`
    this.#valid.set(token, this.#stage.scheduler.now + lifeMs)
    return { token, seconds: lifeMs / 1000 }
  }

  isValid(token: string): boolean {
    return (this.#valid.get(token) ?? 0) > this.#stage.scheduler.now
  }

  revoke(): void {
    this.#valid.clear()
  }
}
