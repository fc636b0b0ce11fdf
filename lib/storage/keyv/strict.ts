import { StorageError } from '../../errors.ts'
import { withDeadline } from '../../primitives/deadline.ts'

/** The part of Keyv that this package uses, the same in versions 5.5 and 6. Nothing is imported from `keyv` itself. */
export interface KeyvLike {
  /** Keyv 5 rejects if the store does. Keyv 6 emits 'error' and resolves to `undefined`: see `StrictKeyv`. */
  getRaw(key: string): Promise<unknown>
  /** `ttl` in ms; 0 means forever, and `undefined` means the host's own default. */
  set(key: string, value: unknown, ttl?: number): Promise<boolean>
  delete(key: string): Promise<boolean>
  /** The adapter behind it. */
  readonly store: unknown
  readonly namespace?: string | undefined
  /** Keyv 5 only: whether it puts the namespace in front of keys itself. In Keyv 6 the adapter does that. */
  readonly useKeyPrefix?: boolean
}

/** The part of a store that is asked directly. A `Map` answers synchronously, an adapter with a promise. */
interface KeyvStore {
  get(key: string): unknown
  on?(event: 'error', listener: (error: unknown) => void): unknown
  off?(event: 'error', listener: (error: unknown) => void): unknown
}

/** Returns true for a Keyv of version 5.5 or later: a host may pass other things as `storage`. */
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

/** The store answered, but its value for a key was not written there. Another try does not help, unlike in an outage. */
export class UnreadableRecordError extends StorageError {}

/** Stands for "no value" in `StrictKeyv`, confirmed by the store. */
const absent = Symbol('absent')

/**
 * Texts under keys in a Keyv, without Keyv's leniency. Keyv and its adapters report an outage as "not found" or as
 * `true`, and emit an 'error' that may reach nobody. So this class checks each answer:
 *
 * - "Not found" counts only if the store itself, asked directly, has nothing, and reported no error meanwhile.
 * - A write counts only if the text can be read back.
 *
 * It does not reconfigure the host's Keyv, and adds no 'error' listener to it: in Keyv 6, such a listener decides whether
 * errors throw. It listens to the store, where Keyv has a listener already.
 */
export class StrictKeyv {
  readonly #keyv: KeyvLike
  readonly #store: KeyvStore
  readonly #deadlineMs: number
  #storeErrors = 0
  readonly #countError = () => {
    this.#storeErrors++
  }

  /** @throws TypeError unless the Keyv has a store that can be asked directly */
  constructor(keyv: KeyvLike, deadlineMs: number) {
    if (!isKeyvStore(keyv.store)) throw new TypeError('keyvStorage needs a Keyv, version 5.5 or later')
    this.#keyv = keyv
    this.#store = keyv.store
    this.#deadlineMs = deadlineMs
    this.#store.on?.('error', this.#countError)
  }

  /** Returns the text, or `undefined` if there is certainly none. Rejects within the deadline. */
  async read(key: string): Promise<string | undefined> {
    const look = async () => {
      // A write between the two questions makes the answers differ once, so the second look decides.
      const raw = (await this.#look(key)) ?? (await this.#look(key))
      if (raw === undefined) throw new UnreadableRecordError(`Keyv finds nothing at ${key}, but its store does`)
      return raw === absent ? undefined : textOf(raw, key)
    }
    const late = () => new StorageError(`Keyv did not answer for ${key} within ${this.#deadlineMs} ms`)
    return withDeadline(withStorageErrors(key, look), this.#deadlineMs, late)
  }

  /**
   * Writes and reads back. `ttlMs` 0 means forever. This method waits for a write in flight without a deadline, because
   * the write may still succeed: the caller bounds its own wait, and locks the key meanwhile.
   */
  async write(key: string, text: string, ttlMs: number): Promise<void> {
    const done = await withStorageErrors(key, () => this.#keyv.set(key, text, ttlMs))
    if (done === false) throw new StorageError(`Keyv could not write ${key}`)
    if ((await this.read(key)) !== text) throw new StorageError(`Keyv did not keep the text written at ${key}`)
  }

  /** Deletes, and reads to make sure: Keyv's own `false` means "failed" as well as "there was none". */
  async delete(key: string): Promise<void> {
    await withStorageErrors(key, () => this.#keyv.delete(key))
    if ((await this.read(key)) !== undefined) throw new StorageError(`Keyv did not delete ${key}`)
  }

  close(): void {
    this.#store.off?.('error', this.#countError)
  }

  /** Returns Keyv's value, `absent` if the store agrees that there is none, or `undefined` if the store has one. */
  async #look(key: string): Promise<unknown> {
    const errorsBefore = this.#storeErrors
    const found = await this.#keyv.getRaw(key).catch((error: unknown) => this.#explain(key, error))
    if (found !== undefined && found !== null) return found
    const inStore = await this.#isInStore(key)
    if (this.#storeErrors !== errorsBefore)
      throw new StorageError(`Keyv's store reported an error while reading ${key}`)
    return inStore ? undefined : absent
  }

  /** If the store still answers, there is no outage: Keyv cannot decode the store's value. */
  async #explain(key: string, error: unknown): Promise<never> {
    if (await this.#isInStore(key))
      throw new UnreadableRecordError(`Keyv cannot decode the value at ${key}`, { cause: error })
    throw error
  }

  async #isInStore(key: string): Promise<boolean> {
    const raw = await this.#store.get(nativeKey(this.#keyv, key))
    return raw !== undefined && raw !== null
  }
}

/** The key by which Keyv itself asks its store. */
function nativeKey({ namespace, useKeyPrefix }: KeyvLike, key: string): string {
  return useKeyPrefix && namespace ? `${namespace}:${key}` : key
}

/** Keyv wraps each value as `{ value, expires }`. */
function textOf(raw: unknown, key: string): string {
  const value = typeof raw === 'object' && raw !== null && 'value' in raw ? raw.value : undefined
  if (typeof value !== 'string')
    throw new UnreadableRecordError(`Keyv has something at ${key} that was not written here`)
  return value
}

/** Parses a text of ours that came back from a Keyv. It is no stranger's text, so it has no limits. */
export function parseJsonText(text: string, key: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UnreadableRecordError(`Keyv has damaged text at ${key}`, { cause: error })
  }
}

/** Turns each error of Keyv into a `StorageError`. */
async function withStorageErrors<T>(key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StorageError) throw error
    throw new StorageError(`Keyv failed at ${key}`, { cause: error })
  }
}
