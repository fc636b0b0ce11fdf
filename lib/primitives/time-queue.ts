interface Entry {
  readonly key: string
  readonly at: number
}

/**
 * Keys ordered by a time: a binary heap that also knows where each key stands, so that moving or removing any key takes
 * O(log n) and nothing stale stays behind. Among equal times the order is unspecified.
 */
export class TimeQueue {
  readonly #heap: Entry[] = []
  readonly #positions = new Map<string, number>()

  get size(): number {
    return this.#heap.length
  }

  /** Puts the key at this time, wherever it was before; `undefined` takes it out. */
  set(key: string, at: number | undefined): void {
    this.#remove(key)
    if (at === undefined) return
    this.#heap.push({ key, at })
    this.#rise(this.#heap.length - 1)
  }

  /** Takes out the earliest key, if it is at or before `now`. */
  takeDue(now: number): string | undefined {
    const [first] = this.#heap
    if (!first || first.at > now) return undefined
    this.#remove(first.key)
    return first.key
  }

  #remove(key: string): void {
    const position = this.#positions.get(key)
    if (position === undefined) return
    this.#positions.delete(key)
    const last = this.#heap.pop()
    if (!last || position === this.#heap.length) return
    this.#place(last, position)
    this.#sink(position)
    this.#rise(position)
  }

  #rise(from: number): void {
    const entry = this.#heap[from]
    if (!entry) return
    let position = from
    while (position > 0) {
      const above = (position - 1) >> 1
      const parent = this.#heap[above]
      if (!parent || parent.at <= entry.at) break
      this.#place(parent, position)
      position = above
    }
    this.#place(entry, position)
  }

  #sink(from: number): void {
    const entry = this.#heap[from]
    if (!entry) return
    let position = from
    for (let below = this.#earlierChild(position); below; below = this.#earlierChild(position)) {
      if (entry.at <= below.at) break
      const next = this.#positions.get(below.key) ?? 0
      this.#place(below, position)
      position = next
    }
    this.#place(entry, position)
  }

  #earlierChild(position: number): Entry | undefined {
    const left = this.#heap[2 * position + 1]
    const right = this.#heap[2 * position + 2]
    return right && left && right.at < left.at ? right : left
  }

  #place(entry: Entry, position: number): void {
    this.#heap[position] = entry
    this.#positions.set(entry.key, position)
  }
}
