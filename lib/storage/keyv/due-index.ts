import { createHash } from 'node:crypto'
import type { KeyMutex } from '../../primitives/key-mutex.ts'
import { parseJsonText, type StrictKeyv, UnreadableRecordError } from './strict.ts'

/** The content of one bucket. Stored as pairs, not as an object, because a key may be `__proto__`. */
type Bucket = Map<string, number>

/** Never change it: records that were noted under another count could not be found again. */
const bucketCount = 16

/**
 * Finds due records in a store that cannot be searched. It keeps lists of keys and times in the Keyv itself, so that they
 * survive a restart, and splits them into buckets, so that a write rewrites a sixteenth of them.
 *
 * A noted time is a lower bound: no record is due earlier than the index says. It is lowered before the record is
 * written and raised after. A crash in between leaves an entry that is too early, which costs `lease` one look; it never
 * leaves a due record without an entry. The caller's mutex makes changes of one key run one at a time.
 */
export class DueIndex {
  readonly #keyv: StrictKeyv
  readonly #mutex: KeyMutex

  constructor(keyv: StrictKeyv, mutex: KeyMutex) {
    this.#keyv = keyv
    this.#mutex = mutex
  }

  /** Call it before the record is written: it may be due as early as `dueAt`. Resolves to the time that is noted now. */
  async lower(key: string, dueAt: number): Promise<number> {
    const bucket = await this.#change(key, (noted) => Math.min(dueAt, noted ?? dueAt))
    return bucket.get(key) ?? dueAt
  }

  /** Call it after the record is written: it is due at `dueAt` and not earlier, or never if that is `undefined`. */
  async settle(key: string, dueAt: number | undefined): Promise<void> {
    await this.#change(key, () => dueAt)
  }

  /** Returns the keys that may be due at `now`, with their noted times. */
  async dueBy(now: number): Promise<Bucket> {
    const names = Array.from({ length: bucketCount }, (_, number) => bucketName(number))
    const buckets = await Promise.all(names.map((name) => this.#read(name)))
    return new Map(buckets.flatMap((bucket) => [...bucket].filter(([, at]) => at <= now)))
  }

  async #change(key: string, change: (noted: number | undefined) => number | undefined): Promise<Bucket> {
    const name = bucketName(createHash('sha256').update(key).digest().readUInt8() % bucketCount)
    return this.#mutex.run(name, async () => {
      const bucket = await this.#read(name)
      const noted = bucket.get(key)
      const at = change(noted)
      if (at === noted) return bucket
      if (at === undefined) bucket.delete(key)
      else bucket.set(key, at)
      await this.#keyv.write(name, JSON.stringify([...bucket]), 0)
      return bucket
    })
  }

  async #read(name: string): Promise<Bucket> {
    const text = await this.#keyv.read(name)
    const pairs = text === undefined ? [] : parseJsonText(text, name)
    if (!isPairs(pairs))
      throw new UnreadableRecordError(`Keyv has no list of due records at ${name} but something else`)
    return new Map(pairs)
  }
}

function bucketName(number: number): string {
  return `doku-ovo.due.${number}`
}

function isPairs(value: unknown): value is [string, number][] {
  const isPair = (pair: unknown) => Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'number'
  return Array.isArray(value) && value.every(isPair)
}
