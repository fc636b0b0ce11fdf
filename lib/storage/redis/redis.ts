import { randomInt } from 'node:crypto'
import { type Clock, systemClock } from '../../primitives/clock.ts'
import type { Json } from '../../primitives/json.ts'
import { type Storage, type Stored, type WriteOptions, written } from '../storage.ts'
import { isRedis, listIn, RedisCommands, type RedisLike, toStored } from './commands.ts'
import { RedisKeys } from './keys.ts'
import { leaseDue } from './lease.ts'
import { readScript, removeScript, writeScript } from './scripts.ts'

export type { RedisLike } from './commands.ts'

/** The options of `redisStorage`. */
export interface RedisStorageOptions {
  /** In front of every key, without braces. One prefix is one storage. Default: `express-doku-ovo:`. */
  readonly prefix?: string
  /** After how many ms without an answer a call rejects. This includes the wait for a connection. Default: 900. */
  readonly deadlineMs?: number
  /** Decides whether a record has expired. Default: the machine's clock. */
  readonly clock?: Clock
}

/**
 * Keeps records in Redis 6.2 or later, or Valkey, through the host's connected node-redis client, version 5 or 6: a single
 * client, a pool, a Sentinel client or a cluster client. For many processes: each write is one script and one round trip.
 *
 * - **The server decides about durability.** With `appendonly yes` and `appendfsync always`, acknowledged writes survive a
 *   crash. Redis's defaults can lose minutes. A failover to a replica loses the writes that it had not received yet.
 * - **Redis must not evict**: `maxmemory-policy noeviction`. An evicted payment looks as if it never happened.
 * - **After a `StorageError` from a write, the outcome is unknown**: a sent command may still run when the server comes
 *   back. A late insert or update does no harm, because it is a compare-and-set. A late remove removes any record that
 *   has the key by then.
 *
 * The host connects the client, listens to its 'error' events, and closes it after the plug-in.
 * @throws TypeError if it is not such a client, or if the prefix has a brace
 * @example
 * ```ts
 * import { redisStorage } from 'express-doku-ovo/redis'
 * import { createClient } from 'redis'
 *
 * const client = createClient({ url: 'redis://127.0.0.1:6379' })
 * client.on('error', (error) => console.error(error))
 * await client.connect()
 * const storage = redisStorage(client, { prefix: 'shop:ovo:' })
 * ```
 */
export function redisStorage(client: RedisLike, options: RedisStorageOptions = {}): Storage {
  if (!isRedis(client)) throw new TypeError('redisStorage needs a client of node-redis, version 5 or later')
  const { prefix = 'express-doku-ovo:', deadlineMs = 900, clock = systemClock } = options
  return new RedisStorage(new RedisCommands(client, deadlineMs), new RedisKeys(prefix), deadlineMs, clock)
}

/** How much longer Redis keeps a record than it exists, in ms. The clock decides about expiry; Redis only cleans up. */
const graceMs = 60_000

/** The longest life in ms that Redis gets, some 140,000 years: more would overflow when Redis adds the time of day. */
const longestLifeMs = 2 ** 52

class RedisStorage implements Storage {
  readonly scope = 'cluster'
  readonly #commands: RedisCommands
  readonly #keys: RedisKeys
  readonly #clock: Clock
  readonly #askDeadlineMs: number

  constructor(commands: RedisCommands, keys: RedisKeys, deadlineMs: number, clock: Clock) {
    this.#commands = commands
    this.#askDeadlineMs = deadlineMs / 2
    this.#keys = keys
    this.#clock = clock
  }

  read(key: string): Promise<Stored | undefined> {
    return this.#commands.within(async (run) => {
      const [value, version, expiresAt] = listIn(await run(readScript, [this.#keys.of(key).record], []))
      const isThere = version !== null && (!expiresAt || Number(expiresAt) > this.#clock())
      return isThere ? toStored(key, value, version) : undefined
    })
  }

  async insert(key: string, value: Json, options: WriteOptions = {}): Promise<Stored | undefined> {
    return this.#write(key, value, '', options)
  }

  async update(key: string, value: Json, version: number, options: WriteOptions = {}): Promise<Stored | undefined> {
    return this.#write(key, value, String(version), options)
  }

  async remove(key: string): Promise<void> {
    const { member, record, due } = this.#keys.of(key)
    await this.#commands.within((run) => run(removeScript, [record, due], [member]))
  }

  async lease(now: number, leaseMs: number, limit: number): Promise<Stored[]> {
    const leased: Stored[] = []
    const terms = { now, leaseMs, limit, clockTime: this.#clock(), askDeadlineMs: this.#askDeadlineMs }
    try {
      await this.#commands.within((run) => leaseDue(run, this.#keys, terms, leased))
    } catch (error) {
      // The caller gets the records leased so far. The error is thrown only if there are none.
      if (leased.length === 0) throw error
    }
    return [...leased]
  }

  /**
   * Replaces the record of that version; '' means that there must be no record. The new version is random: a counter
   * would repeat itself after the record is removed and inserted again, or after a failover loses the last counts.
   */
  async #write(
    key: string,
    value: Json,
    expectedVersion: string,
    { expiresAt, dueAt }: WriteOptions,
  ): Promise<Stored | undefined> {
    const { member, record, due } = this.#keys.of(key)
    const now = this.#clock()
    const [text, version] = [JSON.stringify(value), randomInt(2 ** 48 - 1)]
    const times = [timeText(expiresAt), lifeText(expiresAt, now), timeText(dueAt)]
    const args = [member, String(now), expectedVersion, text, String(version), ...times]
    const answer = await this.#commands.within((run) => run(writeScript, [record, due], args))
    return Number(answer) === 1 ? written(key, text, version) : undefined
  }
}

/** '' for never. */
function timeText(time: number | undefined): string {
  return time === undefined || !Number.isFinite(time) ? '' : String(time)
}

/** For how many ms from now Redis must keep the record. An end time would need Redis's clock to agree with ours. */
function lifeText(expiresAt: number | undefined, now: number): string {
  if (expiresAt === undefined || !Number.isFinite(expiresAt)) return ''
  return String(Math.min(Math.ceil(Math.max(0, expiresAt - now)) + graceMs, longestLifeMs))
}
