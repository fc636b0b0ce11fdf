import { leaseTests } from './leases.ts'
import { outageTests, raceTests } from './races.ts'
import { recordTests } from './records.ts'
import { type ConformanceOptions, createSuite, type MakeStorage, type TestRunner } from './suite.ts'
import { valueTests } from './values.ts'

export type { ConformanceOptions, MakeStorage, TestRunner } from './suite.ts'

/**
 * Declares the tests that every adapter must pass, with the runner's own `describe` and `it` (mocha, vitest, node:test).
 *
 * Each test makes a storage, which must be empty, and closes it. No test sleeps: an expired record was written with an
 * `expiresAt` in the past, and the `now` of `lease` decides which records are due.
 * @example
 * ```ts
 * import { describe, it } from 'node:test'
 * import { memoryStorage } from 'express-doku-ovo'
 * import { storageConformance } from 'express-doku-ovo/conformance'
 *
 * storageConformance({ describe, it }, () => memoryStorage())
 * ```
 */
export function storageConformance(
  runner: TestRunner,
  makeStorage: MakeStorage,
  options: ConformanceOptions = {},
): void {
  runner.describe('storage conformance', () => {
    const suite = createSuite(runner, makeStorage)
    recordTests(suite)
    raceTests(suite)
    leaseTests(suite)
    valueTests(suite)
    if (options.brokenStorage) outageTests(createSuite(runner, options.brokenStorage), options.deadlineMs)
  })
}
