import { StorageError } from '../../errors.ts'
import { withDeadline } from '../../primitives/deadline.ts'
import type { RedisScript } from './scripts.ts'

/** Runs one script, and gives its answer: text, a number, or a list of those with `null` for nil. */
export type RunScript = (script: RedisScript, keys: readonly string[], args: readonly string[]) => Promise<unknown>

/** Scripts on the host's client, with a deadline, and with one kind of error for whatever goes wrong. */
export class RedisCommands {
  readonly #client: RedisLike
  readonly #deadlineMs: number

  constructor(client: RedisLike, deadlineMs: number) {
    this.#client = client
    this.#deadlineMs = deadlineMs
  }

  /**
   * Works with scripts, all under one deadline. When it has passed, what still waits in the client's queue is taken out,
   * so that an outage does not end with a burst of writes that everybody has given up on. What was sent may still run.
   */
  within<T>(work: (run: RunScript) => Promise<T>): Promise<T> {
    const waiting = new Set<AbortController>()
    let timeout: StorageError | undefined
    const run: RunScript = async (script, keys, args) => {
      if (timeout) throw timeout
      // One for each command: Node warns of a leak when many listen to one signal.
      const controller = new AbortController()
      waiting.add(controller)
      const scripting = this.#client.withCommandOptions({ abortSignal: controller.signal })
      return runScript(scripting, script, [...keys], [...args]).finally(() => waiting.delete(controller))
    }
    return withDeadline(
      named(() => work(run)),
      this.#deadlineMs,
      () => {
        timeout = new StorageError(`Redis did not answer within ${this.#deadlineMs} ms`)
        for (const controller of waiting) controller.abort()
        return timeout
      },
    )
  }
}

/** A script goes over the wire by its hash; in full only when the server does not know it: new, restarted or flushed. */
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

async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StorageError) throw error
    throw new StorageError('Redis failed', { cause: error })
  }
}
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
interface RedisScripting {
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
