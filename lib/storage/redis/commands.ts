import { StorageError } from '../../errors.ts'
import { withDeadline } from '../../primitives/deadline.ts'
import type { Json } from '../../primitives/json.ts'
import type { Stored } from '../storage.ts'
import type { RedisScript } from './scripts.ts'

/**
 * The part of a node-redis client that this package uses, version 5 or 6: of `createClient`, `createCluster`,
 * `createClientPool` or `createSentinel`, for Redis 6.2 or later and Valkey. Nothing is imported from `redis` itself.
 */
export interface RedisLike {
  /** A view of the client with options for its commands; the client itself keeps its own. */
  withCommandOptions(options: RedisCommandOptions): RedisScripting
}

interface RedisCommandOptions {
  /** Takes a command that was not sent yet out of the client's queue. A sent command runs to its end. */
  readonly abortSignal: AbortSignal
}

/** Scripts go to masters, and past client-side caching: a read never gets its answer from a copy that lags behind. */
interface RedisScripting {
  evalSha(sha1: string, options: RedisScriptOptions): Promise<unknown>
  eval(script: string, options: RedisScriptOptions): Promise<unknown>
}

interface RedisScriptOptions {
  /** All of one slot. */
  keys: string[]
  arguments: string[]
}

/** Returns true for a client of node-redis 5 or later. */
export function isRedis(value: unknown): value is RedisLike {
  if (typeof value !== 'object' || value === null) return false
  const names = ['withCommandOptions', 'evalSha', 'eval']
  return names.every((name) => typeof Reflect.get(value, name) === 'function')
}

/** Runs one script. Resolves to its answer: a text, a number, or a list of those with `null` for nil. */
export type RunScript = (script: RedisScript, keys: readonly string[], args: readonly string[]) => Promise<unknown>

/** Runs scripts on the host's client, with a deadline. Each failure becomes a `StorageError`. */
export class RedisCommands {
  readonly #client: RedisLike
  readonly #deadlineMs: number

  constructor(client: RedisLike, deadlineMs: number) {
    this.#client = client
    this.#deadlineMs = deadlineMs
  }

  /**
   * Runs several scripts under one deadline. At the deadline, commands that still wait in the client's queue are taken
   * out, so that an outage does not end with a burst of writes that no caller waits for. A sent command may still run.
   */
  within<T>(work: (run: RunScript) => Promise<T>): Promise<T> {
    const waiting = new Set<AbortController>()
    let timeout: StorageError | undefined
    const run: RunScript = async (script, keys, args) => {
      if (timeout) throw timeout
      // One controller for each command: Node warns of a leak if many commands listen to one signal.
      const controller = new AbortController()
      waiting.add(controller)
      const scripting = this.#client.withCommandOptions({ abortSignal: controller.signal })
      return runScript(scripting, script, [...keys], [...args]).finally(() => waiting.delete(controller))
    }
    return withDeadline(withStorageErrors(work, run), this.#deadlineMs, () => {
      timeout = new StorageError(`Redis did not answer within ${this.#deadlineMs} ms`)
      for (const controller of waiting) controller.abort()
      return timeout
    })
  }
}

/** Sends a script's hash. Sends the whole script only if the server does not know it: it is new, restarted or flushed. */
async function runScript(
  scripting: RedisScripting,
  { source, sha1 }: RedisScript,
  keys: string[],
  args: string[],
): Promise<unknown> {
  try {
    return await scripting.evalSha(sha1, { keys, arguments: args })
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return scripting.eval(source, { keys, arguments: args })
  }
}

async function withStorageErrors<T>(work: (run: RunScript) => Promise<T>, run: RunScript): Promise<T> {
  try {
    return await work(run)
  } catch (error) {
    if (error instanceof StorageError) throw error
    throw new StorageError('Redis failed', { cause: error })
  }
}

/** An item of a script's answer: a text, or `null` for nil. */
type Field = string | null

/** The items of a list that a script answered. */
export function listIn(answer: unknown): Field[] {
  if (!Array.isArray(answer)) throw new StorageError('Redis answered something that is not a list')
  return answer.map((item: unknown) => (item === null || item === undefined ? null : String(item)))
}

/** The items in groups of `size`, because scripts answer flat lists. */
export function groupsOf<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, group) => items.slice(group * size, (group + 1) * size))
}

/** @throws StorageError if this package did not write the fields */
export function toStored(key: string, value: Field = null, version: Field = null): Stored {
  const isOurs = value !== null && version !== null && Number.isSafeInteger(Number(version))
  if (!isOurs) throw new StorageError(`Redis has something at ${key} that was not written here`)
  return { key, value: parse(value, key), version: Number(version) }
}

function parse(text: string, key: string): Json {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new StorageError(`Redis has damaged text at ${key}`, { cause: error })
  }
}
