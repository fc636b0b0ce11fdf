/** Who talks. */
type Party = 'browser' | 'shop' | 'plugin' | 'doku' | 'ovo'

/** `pending`: no answer yet. `odd`: neither good nor bad, something to look at. */
export type Tone = 'pending' | 'good' | 'bad' | 'odd'

/** Text as it is, or, where it is ours, the name of a text in the pages' words and what to fill in. */
export type Text = string | { readonly words: string; readonly values?: Readonly<Record<string, string>> }

/** A part of what was said, to be looked at: text, or names with values, or JSON. */
export interface Detail {
  readonly name: DetailName
  readonly value: unknown
}

export type DetailName =
  | 'request'
  | 'requestHeaders'
  | 'requestBody'
  | 'stringToSign'
  | 'answer'
  | 'responseBody'
  | 'verdict'
  | 'fault'
  | 'duration'
  | 'event'

/** One arrow of the diagram, or a note on a lifeline (`from` and `to` are the same). */
export interface Entry {
  readonly id: number
  /** ISO 8601, by the demo's clock. */
  readonly at: string
  readonly from: Party
  readonly to: Party
  /** What is asked or said, e.g. `POST /ovo/payments`. */
  readonly title: Text
  /** What was answered, e.g. `201`. */
  readonly answer: string
  readonly tone: Tone
  /** It never arrived. */
  readonly isLost?: boolean
  /** It may have arrived, but no answer ever did. */
  readonly isUnanswered?: boolean
  readonly details: readonly Detail[]
}

export type Draft = Omit<Entry, 'id' | 'at'>

/** Details without those that are not there. */
export function detailsOf(values: Readonly<Partial<Record<DetailName, unknown>>>): Detail[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [{ name: name as DetailName, value }],
  )
}

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
