import assert from 'node:assert/strict'
import type { Storage, Stored } from '../storage.ts'
import { insertNew, longAgo, type Suite, updateCurrent } from './suite.ts'

/** Record times and `now` are small numbers of our own: `lease` must use its argument, not the clock. */
const now = 100_000
const leaseMs = 1000

/** `lease` is the whole scheduler. A forgotten record stays undone; a record given twice is processed twice. */
export function leaseTests(test: Suite): void {
  test('leases nothing from an empty storage, and nothing without a dueAt', async (storage) => {
    assert.deepEqual(await storage.lease(now, leaseMs, 10), [])
    await insertNew(storage, 'never due', 'value')
    assert.deepEqual(await storage.lease(now, leaseMs, 10), [])
  })

  test('leases a record from the moment that it is due, and not before', async (storage) => {
    await insertNew(storage, 'key', 'value', { dueAt: now })
    assert.deepEqual(await leaseKeys(storage, now - 1), [])
    assert.deepEqual(await leaseKeys(storage, now), ['key'])
  })

  test('gives the whole record, and does not change its version', async (storage) => {
    const inserted = await insertNew(storage, 'key', { a: 1 }, { dueAt: now })
    assert.deepEqual(await storage.lease(now, leaseMs, 10), [inserted])
    assert.deepEqual(await storage.read('key'), inserted)
    await updateCurrent(storage, inserted, 'done')
  })

  test('gives a leased record again only when the lease is over', async (storage) => {
    await insertNew(storage, 'key', 'value', { dueAt: now })
    assert.deepEqual(await leaseKeys(storage, now), ['key'])
    assert.deepEqual(await leaseKeys(storage, now), [])
    assert.deepEqual(await leaseKeys(storage, now + leaseMs - 1), [])
    assert.deepEqual(await leaseKeys(storage, now + leaseMs), ['key'])
    assert.deepEqual(await leaseKeys(storage, now + leaseMs), [])
    assert.deepEqual(await leaseKeys(storage, now + 2 * leaseMs), ['key'])
  })

  test('gives the earliest first, and no more than the limit', async (storage) => {
    for (const offset of [5, 1, 4, 2, 3]) await insertNew(storage, `due ${offset}`, offset, { dueAt: now + offset })
    assert.deepEqual(await leaseKeys(storage, now + 10, 2), ['due 1', 'due 2'])
    assert.deepEqual(await leaseKeys(storage, now + 10, 2), ['due 3', 'due 4'])
    assert.deepEqual(await leaseKeys(storage, now + 10, 2), ['due 5'])
  })

  test('goes by the latest dueAt, whether it moved later or earlier', async (storage) => {
    const later = await insertNew(storage, 'moved later', 'value', { dueAt: now })
    const earlier = await insertNew(storage, 'moved earlier', 'value', { dueAt: now + 500 })
    await updateCurrent(storage, later, 'value', { dueAt: now + 300 })
    await updateCurrent(storage, earlier, 'value', { dueAt: now + 100 })
    assert.deepEqual(await leaseKeys(storage, now + 50), [])
    assert.deepEqual(await leaseKeys(storage, now + 400, 1), ['moved earlier'])
    assert.deepEqual(await leaseKeys(storage, now + 400, 1), ['moved later'])
  })

  test('does not give what an update without dueAt has finished, leased or not', async (storage) => {
    const waiting = await insertNew(storage, 'waiting', 'value', { dueAt: now })
    await updateCurrent(storage, waiting, 'done')
    const leased = await insertNew(storage, 'leased', 'value', { dueAt: now })
    assert.deepEqual(await leaseKeys(storage, now), ['leased'])
    await updateCurrent(storage, leased, 'done')
    assert.deepEqual(await leaseKeys(storage, now + 10 * leaseMs), [])
  })

  test('gives what an update made due', async (storage) => {
    const inserted = await insertNew(storage, 'key', 'value')
    await updateCurrent(storage, inserted, 'value', { dueAt: now })
    assert.deepEqual(await leaseKeys(storage, now), ['key'])
  })

  test('lets a refused update change nothing about when the record is due', async (storage) => {
    const first = await insertNew(storage, 'key', 'value', { dueAt: now })
    await updateCurrent(storage, first, 'value', { dueAt: now })
    assert.equal(await storage.update('key', 'stale', first.version), undefined)
    assert.equal(await storage.insert('key', 'again', { dueAt: now + 5000 }), undefined)
    assert.deepEqual(await leaseKeys(storage, now), ['key'])
  })

  test('does not give what was removed or has expired', async (storage) => {
    await insertNew(storage, 'removed', 'value', { dueAt: now })
    await storage.remove('removed')
    await insertNew(storage, 'expired', 'value', { dueAt: now, expiresAt: longAgo })
    assert.deepEqual(await leaseKeys(storage, now), [])
  })

  test('forgets the dueAt of a record that was removed and inserted again without one', async (storage) => {
    await insertNew(storage, 'key', 'value', { dueAt: now })
    await storage.remove('key')
    await insertNew(storage, 'key', 'value')
    assert.deepEqual(await leaseKeys(storage, now), [])
  })
}

async function leaseKeys(storage: Storage, at: number, limit = 10): Promise<string[]> {
  const leased: Stored[] = await storage.lease(at, leaseMs, limit)
  return leased.map(({ key }) => key)
}
