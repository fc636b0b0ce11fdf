import { hash } from 'node:crypto'
import { StorageError } from '../../errors.ts'
import type { Json } from '../../primitives/json.ts'
import type { Stored } from '../storage.ts'

/**
 * Never to be changed: records that were written under another count would not be found any more. Sixteen spread over
 * the masters of a small cluster, and are few enough for `lease` to ask them all at once.
 */
const shardCount = 16

/** What each script call names: a record, and the index of its shard. */
export interface RecordKeys {
  /** Stands for the record in the index. */
  readonly member: string
  readonly record: string
  readonly due: string
}

/**
 * The names of everything in Redis. A record and the index that says when it is due carry the same hash tag, `{shard}`,
 * so that they are in one slot and change in one script. Records with nothing in common are spread over the shards.
 */
export class RedisKeys {
  /** The index of each shard. */
  readonly dueIndexes: readonly string[]
  readonly #prefix: string

  /** Throws `TypeError` when `prefix` has a brace: it would move the hash tag. */
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

/** As inside JSON quotes: UTF-8 has no lone surrogates, and would make one key of two that differ in them. */
function toMember(key: string): string {
  return JSON.stringify(key).slice(1, -1)
}

export function keyOf(member: string): string {
  return JSON.parse(`"${member}"`)
}

/** What a script answers in a list: text, or `null` for nil. */
type Field = string | null

/** The list that a script answered. */
export function listIn(answer: unknown): Field[] {
  if (!Array.isArray(answer)) throw new StorageError('Redis answered something that is not a list')
  return answer.map((item: unknown) => (item === null || item === undefined ? null : String(item)))
}

/** The items in groups of `size`, because scripts answer flat lists. */
export function groupsOf<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, group) => items.slice(group * size, (group + 1) * size))
}

/** Throws when what is there was not written here. */
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
