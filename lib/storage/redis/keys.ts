import { hash } from 'node:crypto'

/**
 * Never change it: records that were written under another count could not be found again. Sixteen shards spread over
 * the masters of a small cluster, and are few enough for `lease` to ask them all at once.
 */
const shardCount = 16

/** The names for a script call: a record, and the index of its shard. */
export interface RecordKeys {
  /** Stands for the record in the index. */
  readonly member: string
  readonly record: string
  readonly due: string
}

/**
 * All names in Redis. A record and the index of due times carry the same hash tag, `{shard}`, so that they are in one
 * slot and change in one script. Records that are not related spread over the shards.
 */
export class RedisKeys {
  /** The index of each shard. */
  readonly dueIndexes: readonly string[]
  readonly #prefix: string

  /** @throws TypeError if `prefix` has a brace: it would move the hash tag */
  constructor(prefix: string) {
    if (/[{}]/.test(prefix)) throw new TypeError('redisStorage: the prefix must not contain { or }')
    this.#prefix = prefix
    this.dueIndexes = Array.from({ length: shardCount }, (_, shard) => `${prefix}{${shard}}:due`)
  }

  of(key: string): RecordKeys {
    const member = toMember(key)
    const shard = hash('sha256', member, 'buffer').readUInt8() % shardCount
    const [record, due] = ['record', 'due'].map((kind) => `${this.#prefix}{${shard}}:${kind}`)
    return { member, record: `${record}:${member}`, due: `${due}` }
  }
}

/** Writes the key as inside JSON quotes: in UTF-8, two keys that differ only in lone surrogates would become one. */
function toMember(key: string): string {
  return JSON.stringify(key).slice(1, -1)
}

export function keyOf(member: string): string {
  return JSON.parse(`"${member}"`)
}
