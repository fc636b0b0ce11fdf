import { hash } from 'node:crypto'
import { StorageError } from '../errors.ts'
import { toBase32 } from '../primitives/ids.ts'
import type { Json } from '../primitives/json.ts'
import type { Storage, Stored } from '../storage/storage.ts'
import type { Check } from './shape.ts'

/** Stands for an order in keys and references: SHA-256 in base 32, cut to 20 characters (100 bits). */
export function orderDigest(clientId: string, orderId: string): string {
  return toBase32(hash('sha256', `${clientId}\n${orderId}`, 'buffer').subarray(0, 20))
}

/**
 * The kinds of record and their keys. Each key begins with the merchant's client id, percent-encoded, so that it shows its
 * merchant. Each merchant still needs a store, prefix or table of its own, because `lease` returns records of any key.
 * Only the access token expires: a forgotten order could be paid again.
 */
export function recordKeys(clientId: string) {
  const merchant = encodeURIComponent(clientId)
  return {
    /** An order with all its attempts, so that "one live payment" and "paid twice" are each one compare-and-set. */
    order: (digest: string) => `${merchant}/order/${digest}`,
    /** Leads from a partnerReferenceNo that the host chose to its order. Our own ones contain the order's digest. */
    reference: (partnerReferenceNo: string) => `${merchant}/reference/${partnerReferenceNo}`,
    /** A customer's linked OVO account, and its customer token. */
    binding: (customerId: string) => `${merchant}/binding/${customerId}`,
    /** The merchant's access token, which all processes share. The record expires with the token. */
    accessToken: `${merchant}/access-token`,
    /** The latest orders that were paid twice. */
    paidTwice: `${merchant}/paid-twice`,
    /** Makes the references of payments; lives as long as the storage. */
    referenceKey: `${merchant}/reference-key`,
    /** One of the paid notifications that no record and no order's digest matches; the slots bound how many are kept. */
    unmatched: (slot: string) => `${merchant}/unmatched/${slot}`,
    /** The events whose hooks have failed too often. */
    parkedEvents: `${merchant}/parked-events`,
  }
}

export type RecordKeys = ReturnType<typeof recordKeys>

export interface Versioned<T> {
  readonly value: T
  readonly version: number
}

export interface RecordsOptions<T> {
  /** From when on `lease` returns a record, in ms since the epoch. @returns undefined for never */
  readonly dueAt?: (value: T) => number | undefined
  /** When the storage forgets a record, in ms since the epoch. Default: never. */
  readonly expiresAt?: (value: T) => number
  /** Checks each record that is read. Default: no check. */
  readonly shape?: Check<T>
  /** The key of a record: a record that was copied to another key is refused. Without it, every key is accepted. */
  readonly keyOf?: (value: T) => string
  /** Leaves out what must not be believed although it lies in the store. Default: everything is believed. */
  readonly trusted?: (value: T) => T
}

/** Reads and writes records of one kind in the storage. */
export class Records<T> {
  readonly #storage: Storage
  readonly #options: RecordsOptions<T>

  constructor(storage: Storage, options: RecordsOptions<T> = {}) {
    this.#storage = storage
    this.#options = options
  }

  /** @throws StorageError if the value is no such record, or belongs to another key */
  async read(key: string): Promise<Versioned<T> | undefined> {
    const stored = await this.#storage.read(key)
    return stored && this.accept(key, stored)
  }

  /**
   * Checks a value that the storage returned, and gives it the record's type.
   * @throws StorageError if the value is no such record, or belongs to another key
   */
  accept(key: string, { value, version }: Pick<Stored, 'value' | 'version'>): Versioned<T> {
    const { shape, keyOf } = this.#options
    if (shape && !shape(value))
      throw new StorageError(`the storage has a value at ${key} that is no record of this kind`)
    const record = value as T
    if (keyOf && keyOf(record) !== key)
      throw new StorageError(`the storage has a record at ${key} that belongs to another key`)
    return { value: this.#options.trusted?.(record) ?? record, version }
  }

  /**
   * Writes the record over that version; without a version the record must not exist yet. `expiresAt` in ms since the epoch.
   * @returns undefined if another write came first; then the record is unchanged
   */
  async write(
    key: string,
    value: T,
    version?: number,
    expiresAt = this.#options.expiresAt?.(value),
  ): Promise<Versioned<T> | undefined> {
    const json = value as Json
    const dueAt = this.#options.dueAt?.(value)
    const options = { ...(dueAt !== undefined && { dueAt }), ...(expiresAt !== undefined && { expiresAt }) }
    const stored =
      version === undefined
        ? await this.#storage.insert(key, json, options)
        : await this.#storage.update(key, json, version, options)
    return stored && { value, version: stored.version }
  }
}

/** The earliest of the known times. @returns undefined if none is known */
export function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
