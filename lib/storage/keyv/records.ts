import { StorageError } from '../../errors.ts'
import type { Clock } from '../../primitives/clock.ts'
import { withDeadline } from '../../primitives/deadline.ts'
import { KeyMutex } from '../../primitives/key-mutex.ts'
import { DueIndex } from './due-index.ts'
import { type KeyvRecord, keyInKeyv, parseRecord } from './record.ts'
import { type KeyvLike, StrictKeyv } from './strict.ts'

/** What all storages of one Keyv share. */
interface Shared {
  readonly records: KeyMutex
  readonly buckets: KeyMutex
  /** Keys of records that a late call still holds. */
  readonly stuck: Set<string>
}

/** Goes with the host's Keyv objects: two plug-ins that were given the same one must not both win an insert. */
const sharedOf = new WeakMap<KeyvLike, Shared>()

function sharedBy(keyv: KeyvLike): Shared {
  const shared = sharedOf.get(keyv) ?? { records: new KeyMutex(), buckets: new KeyMutex(), stuck: new Set() }
  sharedOf.set(keyv, shared)
  return shared
}

/** Throws when the call that is being worked on has been answered with a time-out: it must not write any more. */
export type EnsureInTime = () => void

/** How much longer Keyv keeps a record than it exists, in ms: what has expired is decided here, Keyv only cleans up. */
const graceMs = 60_000

/** Records in a Keyv, together with the index of those that are due. */
export class KeyvRecords {
  readonly index: DueIndex
  readonly #keyv: StrictKeyv
  readonly #shared: Shared
  readonly #deadlineMs: number
  readonly #clock: Clock

  constructor(keyv: KeyvLike, deadlineMs: number, clock: Clock) {
    this.#shared = sharedBy(keyv)
    this.#keyv = new StrictKeyv(keyv, deadlineMs)
    this.index = new DueIndex(this.#keyv, this.#shared.buckets)
    this.#deadlineMs = deadlineMs
    this.#clock = clock
  }

  /** The record, or `undefined` when there is none or it has expired. */
  async find(key: string): Promise<KeyvRecord | undefined> {
    const text = await this.#keyv.read(keyInKeyv(key))
    const record = text === undefined ? undefined : parseRecord(text, key)
    return record?.expiresAt !== undefined && record.expiresAt <= this.#clock() ? undefined : record
  }

  /** The index is lowered, then the record written, then the index settled: see `DueIndex`. */
  async write(record: KeyvRecord, previous: KeyvRecord | undefined, ensureInTime: EnsureInTime): Promise<void> {
    const { key, dueAt } = record
    const noted = dueAt === undefined ? previous?.dueAt : await this.index.lower(key, dueAt)
    ensureInTime()
    await this.#keyv.write(keyInKeyv(key), JSON.stringify(record), this.#ttlMs(record))
    // The record is safe now, and an entry that is too early costs `lease` one look: failing here would only mislead.
    if (noted !== dueAt) await this.index.settle(key, dueAt).catch(() => {})
  }

  async delete(key: string): Promise<void> {
    await this.#keyv.delete(keyInKeyv(key))
    await this.index.settle(key, undefined)
  }

  /**
   * Works on a record while nobody else in this process does, and answers within the deadline. When it is late, the
   * record stays locked until the write in flight has settled, because it may still land on top of a newer one; calls
   * for that record reject until then.
   */
  exclusively<T>(key: string, work: (ensureInTime: EnsureInTime) => Promise<T>): Promise<T> {
    const { records, stuck } = this.#shared
    let timeout: StorageError | undefined
    const ensureInTime = () => {
      if (timeout) throw timeout
    }
    const outcome = records.run(key, async () => {
      ensureInTime()
      return work(ensureInTime)
    })
    return withDeadline(outcome, this.#deadlineMs, () => {
      stuck.add(key)
      outcome.catch(() => {}).finally(() => stuck.delete(key))
      timeout = new StorageError(`Keyv did not finish with ${key} within ${this.#deadlineMs} ms`)
      return timeout
    })
  }

  /** Whether a call that is late still holds the record: working on it would only be late as well. */
  isStuck(key: string): boolean {
    return this.#shared.stuck.has(key)
  }

  close(): void {
    this.#keyv.close()
  }

  /** 0 is for ever: leaving the argument out would apply the host's own default, and lose payments. */
  #ttlMs({ expiresAt }: KeyvRecord): number {
    return expiresAt === undefined ? 0 : Math.ceil(Math.max(0, expiresAt - this.#clock())) + graceMs
  }
}
