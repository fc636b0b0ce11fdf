/** The sender or receiver of a message. */
type Party = 'browser' | 'shop' | 'plugin' | 'doku' | 'ovo'

/** `pending`: no answer yet. `odd`: neither good nor bad, but unusual. */
export type Tone = 'pending' | 'good' | 'bad' | 'odd'

/** A text as it is, or the name of a text in the pages' words, with the values to fill in. */
export type Text = string | { readonly words: string; readonly values?: Readonly<Record<string, string>> }

/** One detail of an entry: text, names with values, or JSON. */
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
  /** The message, for example `POST /ovo/payments`. */
  readonly title: Text
  /** The answer, for example `201`. */
  readonly answer: string
  readonly tone: Tone
  /** True if the message never arrived. */
  readonly isLost?: boolean
  /** True if no answer arrived. The message itself may have arrived. */
  readonly isUnanswered?: boolean
  readonly details: readonly Detail[]
}

export type Draft = Omit<Entry, 'id' | 'at'>

/** Makes the list of details, without empty ones. */
export function detailsOf(values: Readonly<Partial<Record<DetailName, unknown>>>): Detail[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [{ name: name as DetailName, value }],
  )
}

/** Older entries are removed. */
const maxEntries = 200

type Listener = (entry: Entry) => void

/** All entries, newest last. Passes each entry to the listeners, and again when its answer comes. */
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

  /** Adds an entry and returns its number. */
  add(draft: Draft): number {
    this.#count += 1
    const at = new Date(this.#clock()).toISOString()
    this.#publish({ ...draft, id: this.#count, at })
    for (const id of this.#entries.keys()) if (id <= this.#count - maxEntries) this.#entries.delete(id)
    return this.#count
  }

  /** Adds the answer to an entry. Does nothing if the entry was removed. */
  complete(id: number, change: Partial<Draft>): void {
    const entry = this.#entries.get(id)
    if (entry) this.#publish({ ...entry, ...change })
  }

  clear(): void {
    this.#entries.clear()
  }

  /** Returns a function that removes the listener. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #publish(entry: Entry): void {
    this.#entries.set(entry.id, entry)
    for (const listener of this.#listeners) listener(entry)
  }
}
