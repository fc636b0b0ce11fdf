import type { Answer } from '../protocol/answers.ts'
import { jakartaDay } from '../protocol/timestamp.ts'

interface Answered {
  /** Tells requests apart: method, target and body. */
  readonly fingerprint: string
  readonly answer: Answer
}

/** The X-EXTERNAL-IDs of the day and how each was answered. @see protocol.md section 11 */
export class ExternalIds {
  #day = ''
  readonly #answered = new Map<string, Answered>()

  /** How this id was answered today, if it was. */
  find(externalId: string, now: number): Answered | undefined {
    this.#turnPage(now)
    return this.#answered.get(externalId)
  }

  remember(externalId: string, answered: Answered, now: number): void {
    this.#turnPage(now)
    this.#answered.set(externalId, answered)
  }

  #turnPage(now: number): void {
    const day = jakartaDay(now)
    if (day !== this.#day) this.#answered.clear()
    this.#day = day
  }
}
