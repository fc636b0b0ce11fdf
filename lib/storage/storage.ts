import type { Json } from '../primitives/json.ts'

/** One stored record: its value, and the version that the next `update` must name. */
export interface Stored {
  readonly key: string
  readonly value: Json
  /** Opaque, and different after every write of the key. Pass it to `update`; compare it with nothing else. */
  readonly version: number
}

/** The times of a record. */
export interface WriteOptions {
  /** When the record stops existing, in ms since the epoch. Default: never. A write without it makes the record permanent. */
  readonly expiresAt?: number
  /** From when on `lease` returns the record, in ms since the epoch. Default: never. A write without it clears it. */
  readonly dueAt?: number
}

/**
 * Where the plug-in keeps its records. Five methods and three guarantees:
 *
 * 1. `insert` and `update` are atomic among all processes named by `scope`: exactly one of any number of concurrent calls
 *    for one key and version wins.
 * 2. `undefined` means what its method says and nothing else. An outage, a time-out or unreadable data rejects
 *    with a `StorageError`, within the adapter's deadline.
 * 3. An acknowledged `insert` or `update` is as durable as the store promises.
 *
 * Values are copied: changing an object after writing or reading it changes nothing in the store.
 * Run `storageConformance` from `express-doku-ovo/conformance` against an adapter of your own.
 */
export interface Storage {
  /** The callers among which writes are atomic: those in this process, or those in every process that uses the same store. */
  readonly scope: 'process' | 'cluster'
  /** Resolves to the record, or to `undefined` if there is none (never written, removed, or expired). */
  read(key: string): Promise<Stored | undefined>
  /** Writes a record that must not exist yet. Resolves to `undefined` if it exists; then it is unchanged. */
  insert(key: string, value: Json, options?: WriteOptions): Promise<Stored | undefined>
  /** Compare-and-set. Resolves to `undefined` if the record has another version or is gone; then it is unchanged. */
  update(key: string, value: Json, version: number, options?: WriteOptions): Promise<Stored | undefined>
  /** Removes the record. Succeeds if there is none. */
  remove(key: string): Promise<void>
  /**
   * Resolves to at most `limit` records whose `dueAt` is at or before `now`, earliest first. Each goes to one caller only:
   * the same atomic step moves its `dueAt` to `now + leaseMs`, so that it comes back if the caller does not finish it.
   * `now` is in ms since the epoch. A lease does not change a record's version.
   */
  lease(now: number, leaseMs: number, limit: number): Promise<Stored[]>
  /** Frees the adapter's own resources. A second call succeeds. The host closes a client that it handed in. */
  close?(): Promise<void>
}

/** The record just written as this text. `value` parses the text at each access: most writers never look at it. */
export function written(key: string, text: string, version: number): Stored {
  return {
    key,
    version,
    get value() {
      return JSON.parse(text)
    },
  }
}
