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
export interface KeyvStore {
  get(key: string): unknown
  on?(event: 'error', listener: (error: unknown) => void): unknown
  off?(event: 'error', listener: (error: unknown) => void): unknown
}

/** Whether it is a Keyv, 5.5 or later: for telling apart what a host may pass as `storage`. */
export function isKeyv(value: unknown): value is KeyvLike {
  return hasMethods(value, ['getRaw', 'set', 'delete', 'on']) && 'store' in value && isKeyvStore(value.store)
}

export function isKeyvStore(value: unknown): value is KeyvStore {
  return hasMethods(value, ['get', 'set', 'delete'])
}

function hasMethods(value: unknown, names: readonly string[]): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof Reflect.get(value, name) === 'function')
}
