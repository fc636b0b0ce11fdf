import { StorageError } from '../../errors.ts'
import { withDeadline } from '../../primitives/deadline.ts'

/** What the store gave for a key is not what was written there. Asking again will not help, unlike in an outage. */
export class UnreadableRecordError extends StorageError {}

/**
 * Texts under keys in a Keyv, without Keyv's leniency. Keyv and its adapters report an outage as "not found" or as
 * `true`, and emit an 'error' that may or may not reach anyone. So here nothing is believed without a second witness:
 *
 * - "Not found" holds only if the store itself, asked directly, has nothing, and reported no error meanwhile.
 * - A write holds only if the text can be read back.
 *
 * The host's Keyv is not reconfigured, and gets no 'error' listener: in Keyv 6, having one decides whether errors throw.
 * We listen to the store instead, where Keyv has a listener already.
 */
export class StrictKeyv {
  readonly #keyv: KeyvLike
  readonly #store: KeyvStore
  readonly #deadlineMs: number
  #storeErrors = 0
  readonly #countError = () => {
    this.#storeErrors++
  }

  constructor(keyv: KeyvLike, deadlineMs: number) {
    if (!isKeyvStore(keyv.store)) throw new TypeError('keyvStorage needs a Keyv, version 5.5 or later')
    this.#keyv = keyv
    this.#store = keyv.store
    this.#deadlineMs = deadlineMs
    this.#store.on?.('error', this.#countError)
  }

  /** The text, or `undefined` when there is certainly none. Rejects within the deadline. */
  async read(key: string): Promise<string | undefined> {
    return this.#inTime(key, async () => {
      // Twice, because a writer may come between the two witnesses; that it does so twice is not to be expected.
      const raw = (await this.#look(key)) ?? (await this.#look(key))
      if (raw === undefined) throw new UnreadableRecordError(`Keyv finds nothing at ${key}, but its store does`)
      return raw === absent ? undefined : textOf(raw, key)
    })
  }

  /**
   * Writes and reads back. A write in flight is awaited for as long as it takes, because it may still land: the caller
   * bounds its own waiting, and keeps others from the key meanwhile.
   */
  async write(key: string, text: string, ttlMs: number): Promise<void> {
    const done = await named(key, () => this.#keyv.set(key, text, ttlMs))
    if (done === false) throw new StorageError(`Keyv could not write ${key}`)
    if ((await this.read(key)) !== text) throw new StorageError(`Keyv did not keep what was written at ${key}`)
  }

  /** Deletes and makes sure. Keyv's own answer says nothing: `false` means "failed" as well as "there was none". */
  async delete(key: string): Promise<void> {
    await named(key, () => this.#keyv.delete(key))
    if ((await this.read(key)) !== undefined) throw new StorageError(`Keyv did not delete ${key}`)
  }

  close(): void {
    this.#store.off?.('error', this.#countError)
  }

  /** What Keyv has; `absent` when its store agrees that there is nothing; `undefined` when it does not agree. */
  async #look(key: string): Promise<unknown> {
    const errorsBefore = this.#storeErrors
    const found = await this.#keyv.getRaw(key).catch((error: unknown) => this.#explain(key, error))
    if (found !== undefined && found !== null) return found
    const inStore = await this.#isInStore(key)
    if (this.#storeErrors !== errorsBefore)
      throw new StorageError(`Keyv's store reported an error while reading ${key}`)
    return inStore ? undefined : absent
  }

  /** A store that answers is not out: then it is what it holds that Keyv cannot decode. */
  async #explain(key: string, error: unknown): Promise<never> {
    if (await this.#isInStore(key))
      throw new UnreadableRecordError(`Keyv cannot decode what is at ${key}`, { cause: error })
    throw error
  }

  async #isInStore(key: string): Promise<boolean> {
    const raw = await this.#store.get(nativeKey(this.#keyv, key))
    return raw !== undefined && raw !== null
  }

  #inTime<T>(key: string, work: () => Promise<T>): Promise<T> {
    const late = () => new StorageError(`Keyv did not answer for ${key} within ${this.#deadlineMs} ms`)
    return withDeadline(named(key, work), this.#deadlineMs, late)
  }
}

const absent = Symbol('absent')

/** The key by which Keyv itself asks its store. */
function nativeKey({ namespace, useKeyPrefix }: KeyvLike, key: string): string {
  return useKeyPrefix && namespace ? `${namespace}:${key}` : key
}

/** Keyv wraps what it keeps as `{ value, expires }`. */
function textOf(raw: unknown, key: string): string {
  const value = typeof raw === 'object' && raw !== null && 'value' in raw ? raw.value : undefined
  if (typeof value !== 'string')
    throw new UnreadableRecordError(`Keyv has something at ${key} that was not written here`)
  return value
}

/** Whatever goes wrong inside Keyv becomes a `StorageError`. */
async function named<T>(key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StorageError) throw error
    throw new StorageError(`Keyv failed at ${key}`, { cause: error })
  }
}
/** The part of Keyv that we use, as versions 5.5 and 6 both have it: nothing is imported from `keyv` itself. */
export interface KeyvLike {
  /** Keyv 5 rejects when the store does. Keyv 6 emits 'error' and resolves to `undefined`: see `StrictKeyv`. */
  getRaw(key: string): Promise<unknown>
  /** `ttl` in ms; 0 means for ever, whereas `undefined` means the host's own default. */
  set(key: string, value: unknown, ttl?: number): Promise<boolean>
  delete(key: string): Promise<boolean>
  /** The adapter behind it. */
  readonly store: unknown
  readonly namespace?: string | undefined
  /** Keyv 5 only: whether it puts the namespace in front of keys itself. In Keyv 6 the adapter does that. */
  readonly useKeyPrefix?: boolean
}

/** The part of a store that we ask directly. A `Map`'s answers come at once, an adapter's later. */
interface KeyvStore {
  get(key: string): unknown
  on?(event: 'error', listener: (error: unknown) => void): unknown
  off?(event: 'error', listener: (error: unknown) => void): unknown
}

/** Whether it is a Keyv, 5.5 or later: for telling apart what a host may pass as `storage`. */
export function isKeyv(value: unknown): value is KeyvLike {
  return hasMethods(value, ['getRaw', 'set', 'delete', 'on']) && 'store' in value && isKeyvStore(value.store)
}

function isKeyvStore(value: unknown): value is KeyvStore {
  return hasMethods(value, ['get', 'set', 'delete'])
}

function hasMethods(value: unknown, names: readonly string[]): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof Reflect.get(value, name) === 'function')
}
