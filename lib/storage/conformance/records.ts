import assert from 'node:assert/strict'
import { assertHolds, inAnHour, insertNew, longAgo, type Suite, updateCurrent } from './suite.ts'

/** How read, insert, update and remove work without concurrent calls. */
export function recordTests(test: Suite): void {
  test('reads undefined for a key that was never written', async (storage) => {
    assert.equal(await storage.read('absent'), undefined)
  })

  test('reads back what was inserted, with the version that insert returned', async (storage) => {
    const inserted = await insertNew(storage, 'key', { a: 1 })
    assert.deepEqual(inserted, { key: 'key', value: { a: 1 }, version: inserted.version })
    assert.deepEqual(await storage.read('key'), inserted)
  })

  test('does not insert over an existing record, and leaves it as it was', async (storage) => {
    const inserted = await insertNew(storage, 'key', 'first')
    assert.equal(await storage.insert('key', 'second'), undefined)
    assert.deepEqual(await storage.read('key'), inserted)
  })

  test('updates the current version, and gives the record a new one', async (storage) => {
    const inserted = await insertNew(storage, 'key', 'first')
    const updated = await updateCurrent(storage, inserted, 'second')
    assert.notEqual(updated.version, inserted.version)
    assert.deepEqual(await storage.read('key'), { key: 'key', value: 'second', version: updated.version })
  })

  test('gives a new version even when the value stays the same', async (storage) => {
    const inserted = await insertNew(storage, 'key', 'same')
    const updated = await updateCurrent(storage, inserted, 'same')
    assert.notEqual(updated.version, inserted.version)
  })

  test('refuses the update of an older version: nothing is lost', async (storage) => {
    const inserted = await insertNew(storage, 'key', 'first')
    await updateCurrent(storage, inserted, 'second')
    assert.equal(await storage.update('key', 'third', inserted.version), undefined)
    await assertHolds(storage, 'key', 'second')
  })

  test('does not update what does not exist', async (storage) => {
    assert.equal(await storage.update('absent', 'value', 1), undefined)
    assert.equal(await storage.read('absent'), undefined)
  })

  test('removes a record, after which it can be inserted again', async (storage) => {
    await insertNew(storage, 'key', 'first')
    await storage.remove('key')
    assert.equal(await storage.read('key'), undefined)
    await insertNew(storage, 'key', 'second')
    await assertHolds(storage, 'key', 'second')
  })

  test('refuses a version from before the record was removed and inserted again', async (storage) => {
    const first = await insertNew(storage, 'key', 'first')
    await storage.remove('key')
    await insertNew(storage, 'key', 'second')
    assert.equal(await storage.update('key', 'third', first.version), undefined)
    await assertHolds(storage, 'key', 'second')
  })

  test('removes what is not there without complaint', async (storage) => {
    await storage.remove('absent')
    await storage.remove('absent')
  })

  test('treats an expired record as absent: it is not read, not updated, and can be inserted again', async (storage) => {
    const expired = await insertNew(storage, 'key', 'old', { expiresAt: longAgo })
    assert.equal(await storage.read('key'), undefined)
    assert.equal(await storage.update('key', 'revived', expired.version), undefined)
    await insertNew(storage, 'key', 'new')
    await assertHolds(storage, 'key', 'new')
  })

  test('keeps a record whose time has not come', async (storage) => {
    await insertNew(storage, 'key', 'value', { expiresAt: inAnHour() })
    await assertHolds(storage, 'key', 'value')
    assert.equal(await storage.insert('key', 'other'), undefined)
  })

  test('lets an update change when the record expires', async (storage) => {
    const shortened = await insertNew(storage, 'shortened', 'value', { expiresAt: inAnHour() })
    await updateCurrent(storage, shortened, 'value', { expiresAt: longAgo })
    assert.equal(await storage.read('shortened'), undefined)
    const permanent = await insertNew(storage, 'permanent', 'first', { expiresAt: inAnHour() })
    await updateCurrent(storage, permanent, 'second')
    await assertHolds(storage, 'permanent', 'second')
  })

  test('closes twice without complaint', async (storage) => {
    await insertNew(storage, 'key', 'value')
    await storage.close?.()
    await storage.close?.()
  })
}
