import type { Draft, Entry } from './entry.ts'

/** More than anybody scrolls through. */
const keptAtMost = 200

type Listener = (entry: Entry) => void

/** What was said, newest last, and who wants to hear of it. An entry can be told again, with its answer. */
export class Conversation {
  readonly #entries = new Map<number, Entry>()
  readonly #listeners = new Set<Listener>()
  readonly #clock: () => number
  #count = 0

  constructor(clock: () => number) {
    this.#clock = clock
  }

  get entries(): readonly Entry[] {
    return [...this.#entries.values()]
  }

  /** Returns the number of the entry. */
  add(draft: Draft): number {
    this.#count += 1
    const at = new Date(this.#clock()).toISOString()
    this.#tell({ ...draft, id: this.#count, at })
    for (const id of this.#entries.keys()) if (id <= this.#count - keptAtMost) this.#entries.delete(id)
    return this.#count
  }

  /** The answer has come. An entry that is forgotten by now stays so. */
  complete(id: number, change: Partial<Draft>): void {
    const entry = this.#entries.get(id)
    if (entry) this.#tell({ ...entry, ...change })
  }

  clear(): void {
    this.#entries.clear()
  }

  /** Returns what ends the listening. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(entry: Entry): void {
    this.#entries.set(entry.id, entry)
    for (const listener of this.#listeners) listener(entry)
  }
}
