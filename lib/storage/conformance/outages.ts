import assert from 'node:assert/strict'
import { withDeadline } from '../../primitives/deadline.ts'
import type { Suite } from './suite.ts'

/** Guarantee 2: an outage is an error in good time, and never "not found", "not inserted" or "nothing is due". */
export function outageTests(test: Suite, deadlineMs = 10_000): void {
  test('rejects a read during an outage', (storage) => assertRejects(storage.read('key'), deadlineMs))
  test('rejects an insert during an outage', (storage) => assertRejects(storage.insert('key', 'value'), deadlineMs))
  test('rejects an insert with a dueAt during an outage', (storage) =>
    assertRejects(storage.insert('key', 'value', { dueAt: 5000 }), deadlineMs))
  test('rejects an update during an outage', (storage) => assertRejects(storage.update('key', 'value', 1), deadlineMs))
  test('rejects a remove during an outage', (storage) => assertRejects(storage.remove('key'), deadlineMs))
  test('rejects a lease during an outage', (storage) => assertRejects(storage.lease(6000, 1000, 10), deadlineMs))
}

/** By `code`, not by class: an adapter may come with its own copy of this package. */
async function assertRejects(operation: Promise<unknown>, deadlineMs: number): Promise<void> {
  const late = () => new Error(`no answer within ${deadlineMs} ms`)
  await assert.rejects(withDeadline(operation, deadlineMs, late), { code: 'STORAGE_UNAVAILABLE' })
}
