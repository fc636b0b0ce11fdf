import { randomInt } from 'node:crypto'
import { type Clock, systemClock } from '../../primitives/clock.ts'
import { copyOf, type Json } from '../../primitives/json.ts'
import { TimeQueue } from '../../primitives/time-queue.ts'
import type { Storage, Stored, WriteOptions } from '../storage.ts'
import { type KeyvRecord, KeyvRecords } from './records.ts'
import { type KeyvLike, UnreadableRecordError } from './strict.ts'

export { isKeyv, type KeyvLike } from './strict.ts'

/** The options of `keyvStorage`. */
export interface KeyvStorageOptions {
  /** After how many ms without an answer a call rejects. This includes the wait for earlier calls of the key. Default: 900. */
  readonly deadlineMs?: number
  /** Decides whether a record has expired. Default: the machine's clock. */
  readonly clock?: Clock
}

/**
 * Keeps records in the host's Keyv, version 5.5 or 6, with any of its stores. For one process at a time: Keyv has no
 * set-if-absent, so a mutex in this process makes writes atomic. All storages of one Keyv object share the mutex.
 *
 * The store must not evict (Redis: `maxmemory-policy noeviction`): an evicted payment looks as if it never happened.
 * @throws TypeError if `keyv` is not a Keyv of these versions
 * @example
 * ```ts
 * import { keyvStorage } from 'express-doku-ovo'
 * import { Keyv } from 'keyv'
 *
 * const storage = keyvStorage(new Keyv(), { deadlineMs: 2_000 })
 * ```
 */
export function keyvStorage(keyv: KeyvLike, options: KeyvStorageOptions = {}): Storage {
  const { deadlineMs = 900, clock = systemClock } = options
  return new KeyvStorage(new KeyvRecords(keyv, deadlineMs, clock))
}

class KeyvStorage implements Storage {
  readonly scope = 'process'
  readonly #records: KeyvRecords

  constructor(records: KeyvRecords) {
    this.#records = records
  }

  async read(key: string): Promise<Stored | undefined> {
    const record = await this.#records.find(key)
    return record && toStored(record)
  }

  async insert(key: string, value: Json, options: WriteOptions = {}): Promise<Stored | undefined> {
    const record = newRecord(key, value, options)
    return this.#records.exclusively(key, async (ensureInTime) => {
      if (await this.#records.find(key)) return undefined
      await this.#records.write(record, undefined, ensureInTime)
      return toStored(record)
    })
  }

  async update(key: string, value: Json, version: number, options: WriteOptions = {}): Promise<Stored | undefined> {
    const record = newRecord(key, value, options)
    return this.#records.exclusively(key, async (ensureInTime) => {
      const current = await this.#records.find(key)
      if (current?.version !== version) return undefined
      await this.#records.write(record, current, ensureInTime)
      return toStored(record)
    })
  }

  remove(key: string): Promise<void> {
    return this.#records.exclusively(key, () => this.#records.delete(key))
  }

  lease(now: number, leaseMs: number, limit: number): Promise<Stored[]> {
    return leaseDue(this.#records, now, leaseMs, limit)
  }

  async close(): Promise<void> {
    this.#records.close()
  }
}

/**
 * Copies the value as it is at the time of the call. The version is random: a counter would need to outlive restarts and
 * the removal of the record.
 */
function newRecord(key: string, value: Json, { expiresAt, dueAt }: WriteOptions): KeyvRecord {
  return { key, value: copyOf(value), version: randomInt(2 ** 48 - 1), expiresAt, dueAt }
}

function toStored({ key, value, version }: KeyvRecord): Stored {
  return { key, value, version }
}

/**
 * `Storage.lease` for a Keyv: the index says which records may be due, and each record says whether it is.
 *
 * The search skips a record that cannot be read, or that a hanging write still holds; an outage ends the search. The
 * caller gets the records leased by then. The error is thrown only if no record was leased.
 */
async function leaseDue(records: KeyvRecords, now: number, leaseMs: number, limit: number): Promise<Stored[]> {
  const noted = await records.index.dueBy(now)
  const candidates = new TimeQueue()
  for (const [key, at] of noted) candidates.set(key, at)
  const leased: Stored[] = []
  let failure: unknown
  while (leased.length < limit) {
    const key = candidates.takeDue(now)
    if (key === undefined) break
    if (records.isStuck(key)) continue
    try {
      const outcome = await leaseOne(records, key, noted.get(key) ?? now, now + leaseMs)
      if (typeof outcome === 'object') leased.push(outcome)
      else if (outcome !== undefined) {
        // The record is due later than noted: records that are due earlier come first.
        noted.set(key, outcome)
        candidates.set(key, outcome)
      }
    } catch (error) {
      failure = error
      if (!(error instanceof UnreadableRecordError)) break
    }
  }
  if (failure !== undefined && leased.length === 0) throw failure
  return leased
}

/**
 * Leases one record until `leasedUntil`.
 * @returns the record; or its due time if that is later than `notedAt`; or undefined if it is never due
 */
function leaseOne(
  records: KeyvRecords,
  key: string,
  notedAt: number,
  leasedUntil: number,
): Promise<Stored | number | undefined> {
  return records.exclusively(key, async (ensureInTime) => {
    const record = await records.find(key)
    if (record?.dueAt === undefined || record.dueAt > notedAt) {
      await records.index.settle(key, record?.dueAt)
      return record?.dueAt
    }
    await records.write({ ...record, dueAt: leasedUntil }, record, ensureInTime)
    return toStored(record)
  })
}
