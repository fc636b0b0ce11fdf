import { createHash } from 'node:crypto'
import { StorageError } from '../../errors.ts'
import type { Clock } from '../../primitives/clock.ts'
import { withDeadline } from '../../primitives/deadline.ts'
import { KeyMutex } from '../../primitives/key-mutex.ts'
import type { Stored } from '../storage.ts'
import { DueIndex } from './due-index.ts'
import { type KeyvLike, parseJsonText, StrictKeyv, UnreadableRecordError } from './strict.ts'

/** One record in a Keyv. It is stored as JSON text, so that no serializer of the host changes or shares it. */
export interface KeyvRecord extends Stored {
  readonly expiresAt?: number | undefined
  readonly dueAt?: number | undefined
}

/** The state that all storages of one Keyv share. */
interface Shared {
  readonly records: KeyMutex
  readonly buckets: KeyMutex
  /** Keys of records that a late call still holds. */
  readonly stuck: Set<string>
}

/**
 * Module state, because two plug-ins that were given the same Keyv object must not both win an insert, and a Keyv object
 * is all that they share. Weak: an entry ends with its Keyv.
 */
const sharedOf = new WeakMap<KeyvLike, Shared>()

function sharedBy(keyv: KeyvLike): Shared {
  const shared = sharedOf.get(keyv) ?? { records: new KeyMutex(), buckets: new KeyMutex(), stuck: new Set() }
  sharedOf.set(keyv, shared)
  return shared
}

/** Throws if the call being worked on has been answered with a time-out: then it must not write. */
export type EnsureInTime = () => void

/** How much longer Keyv keeps a record than it exists, in ms. The clock decides about expiry; Keyv only cleans up. */
const graceMs = 60_000

/** Records in a Keyv, together with the index of the due ones. */
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

  /** Returns the record, or `undefined` if there is none or it has expired. */
  async find(key: string): Promise<KeyvRecord | undefined> {
    const text = await this.#keyv.read(keyInKeyv(key))
    const record = text === undefined ? undefined : parseRecord(text, key)
    return record?.expiresAt !== undefined && record.expiresAt <= this.#clock() ? undefined : record
  }

  /** Lowers the index, writes the record, then settles the index: see `DueIndex`. */
  async write(record: KeyvRecord, previous: KeyvRecord | undefined, ensureInTime: EnsureInTime): Promise<void> {
    const { key, dueAt, expiresAt } = record
    const noted = dueAt === undefined ? previous?.dueAt : await this.index.lower(key, dueAt)
    ensureInTime()
    // 0 means forever. Without the argument Keyv would apply the host's own default, and lose payments.
    const ttlMs = expiresAt === undefined ? 0 : Math.ceil(Math.max(0, expiresAt - this.#clock())) + graceMs
    await this.#keyv.write(keyInKeyv(key), JSON.stringify(record), ttlMs)
    // The record is safe now, and an entry that is too early costs `lease` one look: an error here would only mislead.
    if (noted !== dueAt) await this.index.settle(key, dueAt).catch(() => {})
  }

  async delete(key: string): Promise<void> {
    await this.#keyv.delete(keyInKeyv(key))
    await this.index.settle(key, undefined)
  }

  /**
   * Works on a record while no other call in this process does, and answers within the deadline. After a time-out, the
   * record stays locked until the write in flight has settled, because that write may still land on top of a newer one.
   * Calls for the record reject until then.
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

  /** Returns true if a late call still holds the record: more work on it would only be late as well. */
  isStuck(key: string): boolean {
    return this.#shared.stuck.has(key)
  }

  close(): void {
    this.#keyv.close()
  }
}

/** Short enough for every store's limit (250 bytes in Memcached), and without anything that Keyv 6's `sanitize` strips. */
const plainKey = /^(?!.*--)[\w.:-]{1,150}$/

/**
 * The record's key in the host's Keyv; a key that is not plain is hashed. The prefix tells our keys from the host's, and
 * keeps Keyv 5 from treating a key that starts with the namespace as one that has its prefix already.
 */
function keyInKeyv(key: string): string {
  if (plainKey.test(key)) return `doku-ovo.record.${key}`
  return `doku-ovo.hashed.${createHash('sha256').update(key, 'utf16le').digest('hex')}`
}

/** @throws UnreadableRecordError if the text is not a record, or is the record of another key */
function parseRecord(text: string, key: string): KeyvRecord {
  const record = parseJsonText(text, key)
  if (!isRecord(record)) throw new UnreadableRecordError(`Keyv has no record at ${key} but something else`)
  if (record.key !== key) throw new UnreadableRecordError(`Keyv gave the record of ${record.key} for ${key}`)
  return record
}

function isRecord(value: unknown): value is KeyvRecord {
  if (typeof value !== 'object' || value === null) return false
  const record = value as Record<string, unknown>
  const isTime = (time: unknown) => time === undefined || typeof time === 'number'
  return (
    typeof record.key === 'string' &&
    record.value !== undefined &&
    typeof record.version === 'number' &&
    isTime(record.expiresAt) &&
    isTime(record.dueAt)
  )
}
