import type { Json } from '../../../lib/primitives/json.ts'
import { memoryStorage } from '../../../lib/storage/memory.ts'
import type { Storage, Stored, WriteOptions } from '../../../lib/storage/storage.ts'
import type { Stage } from '../engine/stage.ts'

export interface Written {
  readonly key: string
  readonly value: Json
  readonly dueAt: number | undefined
}

export type Watch = (before: Written | undefined, after: Written) => void

/** What all processes share and no crash takes away: the real memory storage, and a view of what it holds. */
export class Disk implements Storage {
  readonly scope = 'process'
  readonly contents = new Map<string, Written>()
  readonly #storage: Storage
  readonly #watches: Watch[] = []

  constructor({ scheduler }: { readonly scheduler: Pick<Stage['scheduler'], 'clock'> }) {
    this.#storage = memoryStorage({ clock: scheduler.clock })
  }

  watch(watch: Watch): void {
    this.#watches.push(watch)
  }

  /** When the first record wants attention. */
  earliestDueAt(): number {
    let earliest = Number.POSITIVE_INFINITY
    for (const { dueAt } of this.contents.values()) if (dueAt !== undefined && dueAt < earliest) earliest = dueAt
    return earliest
  }

  read(key: string): Promise<Stored | undefined> {
    return this.#storage.read(key)
  }

  async insert(key: string, value: Json, options?: WriteOptions): Promise<Stored | undefined> {
    const stored = await this.#storage.insert(key, value, options)
    if (stored) this.#written({ key, value, dueAt: options?.dueAt })
    return stored
  }

  async update(key: string, value: Json, version: number, options?: WriteOptions): Promise<Stored | undefined> {
    const stored = await this.#storage.update(key, value, version, options)
    if (stored) this.#written({ key, value, dueAt: options?.dueAt })
    return stored
  }

  async remove(key: string): Promise<void> {
    this.contents.delete(key)
    await this.#storage.remove(key)
  }

  async lease(now: number, leaseMs: number, limit: number): Promise<Stored[]> {
    const leased = await this.#storage.lease(now, leaseMs, limit)
    for (const { key } of leased) {
      const written = this.contents.get(key)
      if (written) this.contents.set(key, { ...written, dueAt: now + leaseMs })
    }
    return leased
  }

  #written(after: Written): void {
    const before = this.contents.get(after.key)
    this.contents.set(after.key, after)
    for (const watch of this.#watches) watch(before, after)
  }
}
