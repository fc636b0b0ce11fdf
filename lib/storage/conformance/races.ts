import assert from 'node:assert/strict'
import { withDeadline } from '../../primitives/deadline.ts'
import type { Storage, Stored } from '../storage.ts'
import { assertHolds, insertNew, type Suite } from './suite.ts'

const racers = 40

/** Guarantee 1: exactly one of any number of concurrent calls wins. */
export function raceTests(test: Suite): void {
  test(`lets one of ${racers} concurrent inserts win`, async (storage) => {
    const winners = await race((racer) => storage.insert('key', { racer }))
    await assertOneWinner(storage, winners)
  })

  test(`lets one of ${racers} concurrent updates of one version win`, async (storage) => {
    const { version } = await insertNew(storage, 'key', 'start')
    const winners = await race((racer) => storage.update('key', { racer }, version))
    await assertOneWinner(storage, winners)
  })

  test(`loses none of ${racers} concurrent increments that retry when they lose`, async (storage) => {
    await insertNew(storage, 'counter', 0)
    await Promise.all(Array.from({ length: racers }, () => increment(storage, 'counter')))
    await assertHolds(storage, 'counter', racers)
  })

  test('does not let concurrent writes of different keys disturb each other', async (storage) => {
    await race((racer) => storage.insert(`key-${racer}`, { racer }))
    for (let racer = 0; racer < racers; racer++) await assertHolds(storage, `key-${racer}`, { racer })
  })

  test('gives a due record to one of many concurrent callers', async (storage) => {
    await insertNew(storage, 'due', 'value', { dueAt: 5000 })
    const winners = await race(async () => (await storage.lease(6000, 1000, 10))[0])
    assert.equal(winners.length, 1)
  })

  test('shares many due records out among concurrent callers, each to one', async (storage) => {
    await race((racer) => storage.insert(`due-${racer}`, racer, { dueAt: 5000 + racer }))
    const shares = await Promise.all(Array.from({ length: 8 }, () => storage.lease(6000, 1000, 10)))
    const keys = shares.flat().map(({ key }) => key)
    assert.equal(new Set(keys).size, keys.length, 'a record was given to two callers')
    assert.ok(shares.every(({ length }) => length <= 10))
    const rest = await storage.lease(6000, 1000, racers)
    assert.equal(keys.length + rest.length, racers)
  })
}

/** Lets `racers` callers do the same at once. Resolves to the outcomes of the callers that won. */
async function race(act: (racer: number) => Promise<Stored | undefined>): Promise<Stored[]> {
  const outcomes = await Promise.all(Array.from({ length: racers }, (_, racer) => act(racer)))
  return outcomes.filter((outcome) => outcome !== undefined)
}

async function assertOneWinner(storage: Storage, winners: Stored[]): Promise<void> {
  assert.equal(winners.length, 1)
  assert.deepEqual(await storage.read('key'), winners[0])
}

async function increment(storage: Storage, key: string): Promise<void> {
  for (;;) {
    const stored = await storage.read(key)
    assert.ok(stored)
    if (await storage.update(key, Number(stored.value) + 1, stored.version)) return
  }
}

/** Guarantee 2: an outage rejects in time, and is never "not found", "not inserted" or "nothing is due". */
export function outageTests(test: Suite, deadlineMs = 10_000): void {
  test('rejects a read during an outage', (storage) => assertRejects(storage.read('key'), deadlineMs))
  test('rejects an insert during an outage', (storage) => assertRejects(storage.insert('key', 'value'), deadlineMs))
  test('rejects an insert with a dueAt during an outage', (storage) =>
    assertRejects(storage.insert('key', 'value', { dueAt: 5000 }), deadlineMs))
  test('rejects an update during an outage', (storage) => assertRejects(storage.update('key', 'value', 1), deadlineMs))
  test('rejects a remove during an outage', (storage) => assertRejects(storage.remove('key'), deadlineMs))
  test('rejects a lease during an outage', (storage) => assertRejects(storage.lease(6000, 1000, 10), deadlineMs))
}

/** Compares the `code`, not the class: an adapter may use its own copy of this package. */
async function assertRejects(operation: Promise<unknown>, deadlineMs: number): Promise<void> {
  const late = () => new Error(`no answer within ${deadlineMs} ms`)
  await assert.rejects(withDeadline(operation, deadlineMs, late), { code: 'STORAGE_UNAVAILABLE' })
}
