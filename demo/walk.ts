import type { Print } from './print.ts'

/** Something did not go as it has to. */
export class Deviation extends Error {}

/** Longer than the whole script takes on a slow machine: without it, news that never comes would hang it. */
const patienceMs = 60_000

/** Walks through steps: prints each one, and stops at the first that deviates. */
export class Walk {
  readonly #print: Print
  readonly #expired: Promise<never>
  #number = 0

  constructor(print: Print) {
    this.#print = print
    this.#expired = expire()
  }

  /** @throws Deviation that names the step */
  async step<T>(title: string, run: () => Promise<T>): Promise<T> {
    this.#number += 1
    this.#print(`\n${this.#number}. ${title}`)
    try {
      return await Promise.race([run(), this.#expired])
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new Deviation(`Step ${this.#number} (${title}) deviates: ${reason}`, { cause: error })
    }
  }

  say(text: string): void {
    this.#print(`  = ${text}`)
  }
}

/** Does not keep the process alive, and is no error while no step is under way. */
function expire(): Promise<never> {
  const expired = new Promise<never>((_, reject) => {
    const give = () => reject(new Error(`it was not over ${patienceMs / 1000} s after the start`))
    setTimeout(give, patienceMs).unref()
  })
  expired.catch(() => {})
  return expired
}
