import type { Json } from '../primitives/json.ts'

/** One stored record: what was written, and the version that the next `update` must name. */
export interface Stored {
  readonly key: string
  readonly value: Json
  /** Opaque, and different after every write of the key: hand it back to `update`, compare it with nothing else. */
  readonly version: number
}

export interface WriteOptions {
  /** When the record stops existing, in ms since the epoch. Default: never. A write without it makes the record permanent. */
  readonly expiresAt?: number
  /** When the record next wants attention from `lease`, in ms since the epoch. Default: never. A write without it clears it. */
  readonly dueAt?: number
}

/**
 * Where the plug-in keeps its records. Five methods and three guarantees:
 *
 * 1. `insert` and `update` are atomic among all processes named by `scope`: of any number of concurrent
 *    calls for one key and version, exactly one wins.
 * 2. `undefined` means what its method says and nothing else. An outage, a time-out or unreadable data rejects
 *    with a `StorageError`, within the adapter's deadline.
 * 3. What `insert` and `update` have acknowledged is as durable as the store promises to be.
 *
 * Values are copied: changing an object after writing or reading it changes nothing in the store.
 * Run `storageConformance` from `express-doku-ovo/conformance` against an adapter of your own.
 */
export interface Storage {
  /** Who shares the atomicity: callers in this process only, or every process that uses the same store. */
  readonly scope: 'process' | 'cluster'
  /** The record, or `undefined` when there is none (never written, removed, or expired). */
  read(key: string): Promise<Stored | undefined>
  /** Writes a record that must not exist yet. `undefined`: it was there already, and is unchanged. */
  insert(key: string, value: Json, options?: WriteOptions): Promise<Stored | undefined>
  /** Compare-and-set. `undefined`: the record is not at `version` any more (or is gone), and is unchanged. */
  update(key: string, value: Json, version: number, options?: WriteOptions): Promise<Stored | undefined>
  /** Removes the record. Removing what is not there succeeds. */
  remove(key: string): Promise<void>
  /**
   * Up to `limit` records whose `dueAt` is at or before `now`, earliest first, each given to one caller only: in the same
   * atomic step its `dueAt` moves on to `now + leaseMs`, so that it comes back when the caller does not finish it.
   * Leasing does not change a record's version.
   */
  lease(now: number, leaseMs: number, limit: number): Promise<Stored[]>
  /** Frees what the adapter itself opened. Closing twice succeeds. A client handed in by the host stays the host's. */
  close?(): Promise<void>
}

/** What was just written as this text. Whoever writes knows the value, so it is only parsed when somebody looks; each time anew. */
export function written(key: string, text: string, version: number): Stored {
  return {
    key,
    version,
    get value() {
      return JSON.parse(text)
    },
  }
}
