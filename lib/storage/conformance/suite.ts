import assert from 'node:assert/strict'
import { systemClock } from '../../primitives/clock.ts'
import type { Json } from '../../primitives/json.ts'
import type { Storage, Stored, WriteOptions } from '../storage.ts'

/** The part of a test runner that the suite uses. */
export interface TestRunner {
  describe(title: string, body: () => void): unknown
  it(title: string, body: () => Promise<void>): unknown
}

/** Makes an empty storage that shares nothing with the ones made before. */
export type MakeStorage = () => Storage | Promise<Storage>

/** The options of `storageConformance`. */
export interface ConformanceOptions {
  /** Makes a storage whose store cannot be reached or hangs. Without it, outages are not tested. */
  readonly brokenStorage?: MakeStorage
  /** Within how many ms each method of the broken storage must reject. Default: 10,000. */
  readonly deadlineMs?: number
}

/** Declares one test, which gets a storage of its own. */
export type Suite = (title: string, body: (storage: Storage) => Promise<void>) => void

export function createSuite(runner: TestRunner, makeStorage: MakeStorage): Suite {
  return (title, body) => {
    runner.it(title, async () => {
      const storage = await makeStorage()
      try {
        await body(storage)
      } finally {
        await storage.close?.()
      }
    })
  }
}

/** A time that has passed and one that will not come while the test runs, for any clock of the adapter. In ms since the epoch. */
export const longAgo = 1000
export const inAnHour = (): number => systemClock() + 3_600_000

/** Inserts a record that must be new. */
export async function insertNew(storage: Storage, key: string, value: Json, options?: WriteOptions): Promise<Stored> {
  return present(await storage.insert(key, value, options), `insert of the new key ${JSON.stringify(key)}`)
}

/** Updates a record that must be at that version. */
export async function updateCurrent(
  storage: Storage,
  { key, version }: Stored,
  value: Json,
  options?: WriteOptions,
): Promise<Stored> {
  return present(await storage.update(key, value, version, options), `update of the current version of ${key}`)
}

export async function assertHolds(storage: Storage, key: string, value: Json): Promise<void> {
  const stored = present(await storage.read(key), `read of ${JSON.stringify(key)}`)
  assert.equal(stored.key, key)
  assert.deepEqual(stored.value, value)
}

function present(stored: Stored | undefined, what: string): Stored {
  assert.ok(stored, `${what} gave undefined`)
  return stored
}
