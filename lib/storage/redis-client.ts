/**
 * The part of a node-redis client that we use, version 5 or 6: of `createClient`, `createCluster`, `createClientPool` or
 * `createSentinel`, for Redis 6.2 or later and Valkey. Nothing is imported from `redis` itself.
 */
export interface RedisLike {
  /** A view of the client with options for its commands; the client itself keeps its own. */
  withCommandOptions(options: RedisCommandOptions): RedisScripting
}

interface RedisCommandOptions {
  /** Takes a command that has not been sent yet out of the client's queue. One that was sent runs its course. */
  readonly abortSignal: AbortSignal
}

/** Scripts go to masters, and past client-side caching: a read is never answered from a copy that lags behind. */
export interface RedisScripting {
  evalSha(sha1: string, options: RedisScriptOptions): Promise<unknown>
  eval(script: string, options: RedisScriptOptions): Promise<unknown>
}

interface RedisScriptOptions {
  /** All of one slot. */
  keys: string[]
  arguments: string[]
}

/** Whether it is a client of node-redis 5 or later. */
export function isRedis(value: unknown): value is RedisLike {
  if (typeof value !== 'object' || value === null) return false
  const names = ['withCommandOptions', 'evalSha', 'eval']
  return names.every((name) => typeof Reflect.get(value, name) === 'function')
}
