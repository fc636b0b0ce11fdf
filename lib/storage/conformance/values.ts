import assert from 'node:assert/strict'
import type { Json, JsonObject } from '../../primitives/json.ts'
import { assertHolds, insertNew, type Suite } from './suite.ts'

const oddKeys = [
  'colon:colon::colon',
  'slash/slash/../slash',
  'star*?[a]',
  'with spaces  and\ttab',
  'ünïcödé 🛵 ꦱ',
  '__proto__',
  'constructor',
  'quote\'"`;--',
  '{"json":true}',
  '%2F%00',
  'UPPER',
  'upper',
  'a'.repeat(500),
  `${'a'.repeat(499)}b`,
]

const oddValues: Record<string, Json> = {
  null: null,
  false: false,
  zero: 0,
  fraction: 0.1,
  'the largest safe integer': Number.MAX_SAFE_INTEGER,
  'a very large number': 1e300,
  'an empty string': '',
  'an empty array': [],
  'an empty object': {},
  'a nested value': { a: [{ b: [[], {}, null, { c: { d: ['e'] } }] }] },
  unicode: { 'ключ 🛵': 'ꦱꦫ\u0000\u2028\ufeff' },
  'strings that look like something else': ['null', '1', '{}', ':colon', ':base64:AAAA', ':bigint:1', '\\', '"'],
  'a member called __proto__': JSON.parse('{"__proto__":{"a":1},"constructor":2}'),
  'a string of 200,000 characters': 'é'.repeat(200_000),
}

/** Keys and values are data: no character in them has a meaning for the store. */
export function valueTests(test: Suite): void {
  test('keeps keys with odd characters apart', async (storage) => {
    for (const key of oddKeys) await insertNew(storage, key, { key })
    for (const key of oddKeys) await assertHolds(storage, key, { key })
    await storage.remove(oddKeys[0] ?? '')
    for (const key of oddKeys.slice(1)) await assertHolds(storage, key, { key })
  })

  test('leases records whatever their keys', async (storage) => {
    for (const key of oddKeys) await insertNew(storage, key, null, { dueAt: 5000 })
    const leased = await storage.lease(6000, 1000, 100)
    assert.deepEqual(new Set(leased.map(({ key }) => key)), new Set(oddKeys))
  })

  for (const [name, value] of Object.entries(oddValues)) {
    test(`gives back ${name} as it was`, async (storage) => {
      const inserted = await insertNew(storage, 'key', value, { dueAt: 5000 })
      assert.deepEqual(inserted.value, value)
      await assertHolds(storage, 'key', value)
      assert.deepEqual((await storage.lease(6000, 1000, 1))[0]?.value, value)
    })
  }

  test('writes the value as it is at the time of the call', async (storage) => {
    const value: JsonObject = { state: 'as called' }
    const inserting = storage.insert('key', value)
    value.state = 'changed while writing'
    assert.deepEqual((await inserting)?.value, { state: 'as called' })
    await assertHolds(storage, 'key', { state: 'as called' })
  })

  test('copies: changing what was written, returned or read changes nothing in the store', async (storage) => {
    const written: JsonObject = { list: [1] }
    const inserted = await insertNew(storage, 'key', written)
    written.list = 'changed by the writer'
    spoil(inserted.value)
    spoil((await storage.read('key'))?.value)
    await assertHolds(storage, 'key', { list: [1] })
  })
}

function spoil(value: Json | undefined): void {
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value))
  if (Array.isArray(value.list)) value.list.push(2)
  value.list = 'changed by the reader'
}
