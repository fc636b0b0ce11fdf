import { expect } from 'chai'
import type { Json } from '../../../../lib/primitives/json.ts'
import { storageConformance } from '../../../../lib/storage/conformance/conformance.ts'
import { memoryStorage } from '../../../../lib/storage/memory.ts'
import type { Storage, Stored } from '../../../../lib/storage/storage.ts'
import { decorate } from '../../../support/decorate.ts'

/** The titles of the tests that a storage does not pass. */
async function failuresOf(makeStorage: () => Storage, brokenStorage?: () => Storage): Promise<string[]> {
  const tests: { title: string; body: () => Promise<void> }[] = []
  const runner = {
    describe: (_title: string, body: () => void) => body(),
    it: (title: string, body: () => Promise<void>) => tests.push({ title, body }),
  }
  storageConformance(runner, makeStorage, brokenStorage ? { brokenStorage, deadlineMs: 10 } : {})
  const failures: string[] = []
  for (const { title, body } of tests) await body().catch(() => failures.push(title))
  return failures
}

/** A memory storage with some methods replaced. */
function sabotaged(sabotage: (honest: Storage) => Partial<Storage>): () => Storage {
  return () => {
    const honest = memoryStorage()
    return { ...decorate(honest), ...sabotage(honest) }
  }
}

const tick = () => new Promise((resolve) => setImmediate(resolve))

const sabotages: [what: string, sabotage: (honest: Storage) => Partial<Storage>, caughtBy: string][] = [
  [
    'looks before it inserts, instead of both in one step',
    (honest) => ({
      async insert(key, value, options) {
        if (await honest.read(key)) return undefined
        await tick()
        await honest.remove(key)
        return honest.insert(key, value, options)
      },
    }),
    'concurrent inserts',
  ],
  [
    'ignores the version of an update',
    (honest) => ({
      update: async (key, value, _version, options) =>
        honest.update(key, value, (await honest.read(key))?.version ?? 0, options),
    }),
    'older version',
  ],
  [
    'compares versions before it writes, instead of both in one step',
    (honest) => ({
      async update(key, value, version, options) {
        if ((await honest.read(key))?.version !== version) return undefined
        await tick()
        return honest.update(key, value, (await honest.read(key))?.version ?? 0, options)
      },
    }),
    'concurrent updates',
  ],
  ['does not remove', () => ({ remove: async () => {} }), 'removes a record'],
  [
    'keeps what has expired',
    (honest) => ({ insert: (key, value, { dueAt } = {}) => honest.insert(key, value, dueAt ? { dueAt } : {}) }),
    'expired record',
  ],
  ['leases nothing', () => ({ lease: async () => [] }), 'from the moment that it is due'],
  [
    'does not move dueAt on',
    (honest) => ({ lease: (now, _leaseMs, limit) => honest.lease(now, 0, limit) }),
    'when the lease is over',
  ],
  ['ignores the limit', (honest) => ({ lease: (now, leaseMs) => honest.lease(now, leaseMs, 1000) }), 'no more than'],
  [
    'gives the latest first',
    (honest) => ({ lease: async (now, leaseMs, limit) => (await honest.lease(now, leaseMs, limit)).reverse() }),
    'earliest first',
  ],
  [
    'goes by its clock instead of the argument',
    (honest) => ({ lease: (_now, leaseMs, limit) => honest.lease(Date.now(), leaseMs, limit) }),
    'and not before',
  ],
  [
    'does not tell keys apart by case',
    (honest) => ({
      insert: (key, value, options) => honest.insert(key.toLowerCase(), value, options),
      read: (key) => honest.read(key.toLowerCase()),
    }),
    'odd characters',
  ],
  [
    'cuts long keys off',
    (honest) => ({ insert: (key, value, options) => honest.insert(key.slice(0, 255), value, options) }),
    'odd characters',
  ],
  ['shares its values', sharedValues, 'copies'],
]

describe('storageConformance', () => {
  it('is passed by a storage that keeps its promises', async () => {
    expect(await failuresOf(() => memoryStorage())).to.deep.equal([])
  })

  for (const [what, sabotage, caughtBy] of sabotages) {
    it(`is failed by a storage that ${what}`, async () => {
      expect((await failuresOf(sabotaged(sabotage))).join('\n')).to.contain(caughtBy)
    })
  }

  it('is failed by a storage that hides outages, in each method', async () => {
    const failures = await failuresOf(
      () => memoryStorage(),
      () => memoryStorage(),
    )
    expect(failures.filter((title) => title.includes('outage'))).to.have.length(6)
  })

  it('is failed by a storage that hangs in an outage, and does not hang with it', async () => {
    const never = () => new Promise<never>(() => {})
    const hanging = sabotaged(() => ({ read: never, insert: never, update: never, remove: never, lease: never }))
    expect(await failuresOf(() => memoryStorage(), hanging)).to.have.length(6)
  })
})

/** Keeps the object itself, and hands it out. */
function sharedValues(honest: Storage): Partial<Storage> {
  const values = new Map<string, Json>()
  const share = (stored: Stored | undefined) => stored && { ...stored, value: values.get(stored.key) ?? stored.value }
  return {
    read: async (key) => share(await honest.read(key)),
    async insert(key, value, options) {
      if (!(await honest.read(key))) values.set(key, value)
      return share(await honest.insert(key, value, options))
    },
  }
}
