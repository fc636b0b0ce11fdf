import { createHash } from 'node:crypto'
import type { Stored } from '../storage.ts'
import { UnreadableRecordError } from './strict.ts'

/** What the Keyv adapter keeps for one record: as JSON text, so that no serializer of the host changes or shares it. */
export interface KeyvRecord extends Stored {
  readonly expiresAt?: number | undefined
  readonly dueAt?: number | undefined
}

/** Throws when the text is not a record, or is the record of another key. */
export function parseRecord(text: string, key: string): KeyvRecord {
  const record = parseJsonText(text, key)
  if (!isRecord(record)) throw new UnreadableRecordError(`Keyv has no record at ${key} but something else`)
  if (record.key !== key) throw new UnreadableRecordError(`Keyv gave the record of ${record.key} for ${key}`)
  return record
}

/** Text of ours that comes back from a Keyv. Not a stranger's: no limits on it. */
export function parseJsonText(text: string, key: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UnreadableRecordError(`Keyv has damaged text at ${key}`, { cause: error })
  }
}

function isRecord(value: unknown): value is KeyvRecord {
  if (typeof value !== 'object' || value === null) return false
  const record = value as Record<string, unknown>
  const isTime = (time: unknown) => time === undefined || typeof time === 'number'
  return (
    typeof record.key === 'string' &&
    record.value !== undefined &&
    typeof record.version === 'number' &&
    isTime(record.expiresAt) &&
    isTime(record.dueAt)
  )
}

/** Short enough for every store's limit (250 bytes in Memcached), and nothing that Keyv 6's `sanitize` would strip. */
const plainKey = /^(?!.*--)[\w.:-]{1,150}$/

/**
 * Where the record lives in the host's Keyv. Other keys go by their hash. The prefix tells our keys from the host's, and
 * keeps Keyv 5 from mistaking a key that starts with the namespace for one that has been prefixed already.
 */
export function keyInKeyv(key: string): string {
  if (plainKey.test(key)) return `doku-ovo.record.${key}`
  return `doku-ovo.hashed.${createHash('sha256').update(key, 'utf16le').digest('hex')}`
}

export function toStored({ key, value, version }: KeyvRecord): Stored {
  return { key, value, version }
}
