import { hash } from 'node:crypto'
import { StorageError } from '../errors.ts'
import type { Json } from '../primitives/json.ts'
import type { Storage, Stored } from '../storage/storage.ts'
import type { Check } from './shape.ts'

/** Base 32 of SHA-256, 20 characters (100 bits): what stands for an order in keys and references. */
export function orderDigest(clientId: string, orderId: string): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
  const bytes = hash('sha256', `${clientId}\n${orderId}`, 'buffer')
  let digest = ''
  for (const byte of bytes.subarray(0, 20)) digest += alphabet[byte & 31]
  return digest
}

/**
 * The kinds of record and their keys. All begin with the merchant's client id, without its slashes,
 * so that it shows whose they are. Each merchant needs a store, prefix or table of its own all the same, for `lease`.
 * None expires but the access token: a forgotten order could be paid again.
 */
export function recordKeys(clientId: string) {
  const merchant = encodeURIComponent(clientId)
  return {
    /** An order with all its attempts: "one live payment" and "paid twice" are each one compare-and-set. */
    order: (digest: string) => `${merchant}/order/${digest}`,
    /** Leads from a partnerReferenceNo that the host chose to its order; ours contain the order's digest. */
    reference: (partnerReferenceNo: string) => `${merchant}/reference/${partnerReferenceNo}`,
    /** A customer's linked OVO account, and its customer token. */
    binding: (customerId: string) => `${merchant}/binding/${customerId}`,
    /** The merchant's access token, shared by all processes; expires with the token. */
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

/** When a record wants attention, in ms since the epoch; `undefined`: never. */
type DueAt<T> = (value: T) => number | undefined

export interface RecordsOptions<T> {
  readonly dueAt?: DueAt<T>
  /** What the records look like. Default: anything. */
  readonly shape?: Check<T>
  /** Under which key a record belongs: one that was copied to another's place is not believed. Default: wherever it is. */
  readonly keyOf?: (value: T) => string
  /** Leaves out what must not be believed although it lies in the store. Default: everything is believed. */
  readonly trusted?: (value: T) => T
}

/** The storage, seen as records of one kind. */
export class Records<T> {
  readonly #storage: Storage
  readonly #options: RecordsOptions<T>

  constructor(storage: Storage, options: RecordsOptions<T> = {}) {
    this.#storage = storage
    this.#options = options
  }

  /** @throws StorageError for what is no such record, or another's */
  async read(key: string): Promise<Versioned<T> | undefined> {
    const stored = await this.#storage.read(key)
    return stored && this.accept(key, stored)
  }

  /**
   * What the storage has handed out, as a record.
   * @throws StorageError for what is no such record, or another's
   */
  accept(key: string, { value, version }: Pick<Stored, 'value' | 'version'>): Versioned<T> {
    const { shape, keyOf } = this.#options
    if (shape && !shape(value)) throw new StorageError(`what the storage has at ${key} is not what was put there`)
    const record = value as T
    if (keyOf && keyOf(record) !== key) throw new StorageError(`what the storage has at ${key} belongs elsewhere`)
    return { value: this.#options.trusted?.(record) ?? record, version }
  }

  /** `undefined`: somebody else wrote it first, and it is unchanged. Without a version the record must not exist yet. */
  async write(key: string, value: T, version?: number, expiresAt?: number): Promise<Versioned<T> | undefined> {
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

/** The earlier of times of which some may be missing. */
export function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
