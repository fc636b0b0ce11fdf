/** Knows its place in the heap, so that no move has to search for it. */
interface Entry {
  readonly key: string
  at: number
  position: number
}

/**
 * Keys ordered by a time: a binary heap in which any key can be found, so that moving or removing one takes O(log n) and
 * leaves no stale entry. Equal times have no defined order.
 */
export class TimeQueue {
  readonly #heap: Entry[] = []
  readonly #entries = new Map<string, Entry>()

  get size(): number {
    return this.#heap.length
  }

  /** Puts the key at this time, in place of any earlier time of it; `undefined` removes the key. */
  set(key: string, at: number | undefined): void {
    const known = this.#entries.get(key)
    if (known && at !== undefined) {
      known.at = at
      this.#settle(known)
    } else if (known) this.#remove(known)
    else if (at !== undefined) this.#add(key, at)
  }

  /** Removes and returns the earliest key. @returns undefined if no key is at or before `now` */
  takeDue(now: number): string | undefined {
    const [first] = this.#heap
    if (!first || first.at > now) return undefined
    this.#remove(first)
    return first.key
  }

  #add(key: string, at: number): void {
    const entry = { key, at, position: this.#heap.length }
    this.#entries.set(key, entry)
    this.#heap.push(entry)
    this.#rise(entry)
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.key)
    const last = this.#heap.pop()
    if (!last || last === entry) return
    this.#place(last, entry.position)
    this.#settle(last)
  }

  /** Moves the entry to the place for its time: at most one of the two steps moves it. */
  #settle(entry: Entry): void {
    this.#rise(entry)
    this.#sink(entry)
  }

  #rise(entry: Entry): void {
    for (let parent = this.#parent(entry); parent && entry.at < parent.at; parent = this.#parent(entry)) {
      this.#swap(entry, parent)
    }
  }

  #sink(entry: Entry): void {
    for (let child = this.#earlierChild(entry); child && child.at < entry.at; child = this.#earlierChild(entry)) {
      this.#swap(entry, child)
    }
  }

  #parent({ position }: Entry): Entry | undefined {
    return position === 0 ? undefined : this.#heap[(position - 1) >> 1]
  }

  #earlierChild({ position }: Entry): Entry | undefined {
    const left = this.#heap[2 * position + 1]
    const right = this.#heap[2 * position + 2]
    return right && left && right.at < left.at ? right : left
  }

  #swap(one: Entry, other: Entry): void {
    const { position } = one
    this.#place(one, other.position)
    this.#place(other, position)
  }

  #place(entry: Entry, position: number): void {
    this.#heap[position] = entry
    entry.position = position
  }
}
