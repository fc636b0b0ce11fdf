import { expect } from 'chai'
import { StorageError } from '../../../lib/errors.ts'
import { storageConformance } from '../../../lib/storage/conformance/conformance.ts'
import { memoryStorage } from '../../../lib/storage/memory.ts'

describe('memoryStorage', () => {
  storageConformance({ describe, it }, () => memoryStorage())

  it('shares its atomicity with this process only', () => {
    expect(memoryStorage().scope).to.equal('process')
  })

  it('lets a record expire when the clock says so, to the millisecond', async () => {
    let now = 1000
    const storage = memoryStorage({ clock: () => now })
    await storage.insert('key', 'value', { expiresAt: 2000 })
    now = 1999
    expect(await storage.read('key')).to.have.property('value', 'value')
    now = 2000
    expect(await storage.read('key')).to.equal(undefined)
  })

  it('makes room as records expire, although nobody reads them', async () => {
    let now = 0
    const storage = memoryStorage({ clock: () => now, maxRecords: 100 })
    for (; now < 10_000; now++) {
      expect(await storage.insert(`key-${now}`, now, { expiresAt: now + 50 })).not.to.equal(undefined)
    }
  })

  it('makes room for all records that a burst can bring after a burst has expired', async () => {
    let now = 0
    const storage = memoryStorage({ clock: () => now, maxRecords: 1000 })
    for (let count = 0; count < 1000; count++) await storage.insert(`old-${count}`, count, { expiresAt: 1 })
    now = 1
    for (let count = 0; count < 1000; count++) await storage.insert(`new-${count}`, count)
    expect(await storage.read('new-999')).to.have.property('value', 999)
  })

  it('rejects an insert when it is full of living records, and still updates and removes', async () => {
    const storage = memoryStorage({ maxRecords: 2 })
    const first = await storage.insert('first', 1)
    await storage.insert('second', 2)
    const error = await storage.insert('third', 3).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(StorageError)
    expect(await storage.insert('second', 3), 'a duplicate is a duplicate, not an outage').to.equal(undefined)
    expect(await storage.update('first', 4, first?.version ?? 0)).to.have.property('value', 4)
    await storage.remove('first')
    expect(await storage.insert('third', 3)).not.to.equal(undefined)
  })

  it('finds the few that are due among 100,000 that are not', async () => {
    const storage = memoryStorage()
    for (let count = 0; count < 100_000; count++) {
      await storage.insert(`key-${count}`, count, { dueAt: 1_000_000 + ((count * 7919) % 100_000) })
    }
    const leased = await storage.lease(1_000_002, 1000, 10)
    expect(leased.map(({ value }) => (Number(value) * 7919) % 100_000)).to.deep.equal([0, 1, 2])
  })

  it('gives a record once per call, even with a lease of no time', async () => {
    const storage = memoryStorage()
    await storage.insert('key', 'value', { dueAt: 1 })
    expect(await storage.lease(1, 0, 10)).to.have.length(1)
    expect(await storage.lease(1, 0, 10)).to.have.length(1)
  })
})
