import { StorageError } from '../errors.ts'
import { type Clock, systemClock } from '../primitives/clock.ts'
import type { Json } from '../primitives/json.ts'
import { TimeQueue } from '../primitives/time-queue.ts'
import { type Storage, type Stored, type WriteOptions, written } from './storage.ts'

/** The options of `memoryStorage`. */
export interface MemoryStorageOptions {
  /** Decides whether a record has expired. Default: the machine's clock. */
  readonly clock?: Clock
  /** At this number of records `insert` rejects: a payment is never evicted to make room. Default: 1,000,000. */
  readonly maxRecords?: number
}

interface Entry {
  /** JSON text, so that a value is copied when it is written and again when it is read. */
  readonly text: string
  readonly version: number
  readonly expiresAt: number
}

/** How many expired records each write removes: more than the one that it can add, so that they never pile up. */
const sweptPerCall = 16

/**
 * Keeps records in this process's memory. They die with the process: for development and tests, not for money.
 * @example
 * ```ts
 * import { memoryStorage } from 'express-doku-ovo'
 *
 * const storage = memoryStorage({ maxRecords: 10_000 })
 * ```
 */
export function memoryStorage(options: MemoryStorageOptions = {}): Storage {
  return new MemoryStorage(options)
}

/** Each method does all its work in one synchronous step, which makes it atomic. */
class MemoryStorage implements Storage {
  readonly scope = 'process'
  readonly #clock: Clock
  readonly #maxRecords: number
  readonly #entries = new Map<string, Entry>()
  readonly #expiring = new TimeQueue()
  readonly #due = new TimeQueue()
  /** Counts all writes of all keys, so that a record that is removed and inserted again does not repeat a version. */
  #writes = 0

  constructor({ clock = systemClock, maxRecords = 1_000_000 }: MemoryStorageOptions) {
    this.#clock = clock
    this.#maxRecords = maxRecords
  }

  async read(key: string): Promise<Stored | undefined> {
    return this.#stored(key)
  }

  async insert(key: string, value: Json, options: WriteOptions = {}): Promise<Stored | undefined> {
    this.#sweep()
    if (this.#live(key)) return undefined
    if (this.#entries.size >= this.#maxRecords) {
      throw new StorageError(`memoryStorage is full (maxRecords: ${this.#maxRecords})`)
    }
    return this.#write(key, value, options)
  }

  async update(key: string, value: Json, version: number, options: WriteOptions = {}): Promise<Stored | undefined> {
    this.#sweep()
    return this.#live(key)?.version === version ? this.#write(key, value, options) : undefined
  }

  async remove(key: string): Promise<void> {
    this.#forget(key)
  }

  async lease(now: number, leaseMs: number, limit: number): Promise<Stored[]> {
    const leased: Stored[] = []
    while (leased.length < limit) {
      const key = this.#due.takeDue(now)
      if (key === undefined) break
      const stored = this.#stored(key)
      if (stored) leased.push(stored)
    }
    // After the loop, because a lease of 0 ms would otherwise find the same records again.
    for (const { key } of leased) this.#due.set(key, now + leaseMs)
    return leased
  }

  #write(key: string, value: Json, { expiresAt, dueAt }: WriteOptions): Stored {
    const entry = {
      text: JSON.stringify(value),
      version: ++this.#writes,
      expiresAt: expiresAt ?? Number.POSITIVE_INFINITY,
    }
    this.#entries.set(key, entry)
    this.#expiring.set(key, expiresAt)
    this.#due.set(key, dueAt)
    return written(key, entry.text, entry.version)
  }

  #stored(key: string): Stored | undefined {
    const entry = this.#live(key)
    return entry && toStored(key, entry)
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (!entry || entry.expiresAt > this.#clock()) return entry
    this.#forget(key)
    return undefined
  }

  #sweep(): void {
    const now = this.#clock()
    for (let swept = 0; swept < sweptPerCall; swept++) {
      const key = this.#expiring.takeDue(now)
      if (key === undefined) return
      this.#forget(key)
    }
  }

  #forget(key: string): void {
    this.#entries.delete(key)
    this.#expiring.set(key, undefined)
    this.#due.set(key, undefined)
  }
}

function toStored(key: string, { text, version }: Entry): Stored {
  return { key, value: JSON.parse(text), version }
}
