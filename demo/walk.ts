import type { Print } from './print.ts'

/** A step of the script failed. */
export class Deviation extends Error {}

/** The limit for the whole script, in ms. Without it, an event that never comes would hang the script. */
const timeoutMs = 60_000

/** Runs steps: prints each one, and stops at the first that fails. */
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
      throw new Deviation(`Step ${this.#number} (${title}) failed: ${reason}`, { cause: error })
    }
  }

  say(text: string): void {
    this.#print(`  = ${text}`)
  }
}

/** Rejects after the limit. Does not keep the process alive, and is not an error while no step runs. */
function expire(): Promise<never> {
  const expired = new Promise<never>((_, reject) => {
    const give = () => reject(new Error(`the script did not end within ${timeoutMs / 1000} s`))
    setTimeout(give, timeoutMs).unref()
  })
  expired.catch(() => {})
  return expired
}
