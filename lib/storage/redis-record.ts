import { StorageError } from '../errors.ts'
import type { Json } from '../primitives/json.ts'
import type { Stored } from './storage.ts'

/** What a script answers in a list: text, or `null` for nil. */
export type Field = string | null

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
