import { expect } from 'chai'
import fc from 'fast-check'
import Keyv5 from 'keyv'
import { Keyv as Keyv6 } from 'keyv6'
import { type KeyvLike, keyvStorage } from '../../../../lib/storage/keyv/keyv.ts'
import type { Storage } from '../../../../lib/storage/storage.ts'
import { FaultyStore } from '../../../support/faulty-store.ts'

const keys = ['a', 'b', 'c']
const key = fc.constantFrom(...keys)
const dueAt = fc.option(fc.integer({ min: 1, max: 10 }), { nil: undefined })
const action = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key, dueAt }),
  fc.record({ kind: fc.constant('remove' as const), key }),
  fc.record({ kind: fc.constant('lease' as const), now: fc.integer({ min: 1, max: 10 }) }),
)
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never

/** The value says when the record is due, so that a read tells what a lease has to find. */
async function put(storage: Storage, name: string, at: number | undefined): Promise<void> {
  const options = at === undefined ? {} : { dueAt: at }
  const current = await storage.read(name)
  if (current) await storage.update(name, at ?? null, current.version, options)
  else await storage.insert(name, at ?? null, options)
}

async function act(storage: Storage, next: Action): Promise<void> {
  if (next.kind === 'put') await put(storage, next.key, next.dueAt)
  else if (next.kind === 'remove') await storage.remove(next.key)
  else for (const { key: leased } of await storage.lease(next.now, 3, 2)) await put(storage, leased, next.now + 3)
}

/** Lets the process die at one of the store's writes: that one may or may not be done, those after it are not. */
function dieAt(store: FaultyStore, writes: number, isDone: boolean): void {
  let left = writes
  const fault = (honestly: () => unknown) => {
    if (left-- > 0) return honestly()
    if (left === -1 && isDone) honestly()
    throw new Error('the process died')
  }
  store.faults.set = fault
  store.faults.delete = fault
}

const versions: [string, (store: FaultyStore) => KeyvLike][] = [
  ['Keyv 5', (store) => new Keyv5({ store })],
  ['Keyv 6', (store) => new Keyv6({ store })],
]

for (const [version, makeKeyv] of versions) {
  describe(`keyvStorage on ${version}, after a restart`, () => {
    it('finds the records that are due', async () => {
      const store = new FaultyStore()
      await keyvStorage(makeKeyv(store)).insert('key', 'value', { dueAt: 1 })
      expect(await keyvStorage(makeKeyv(store)).lease(2, 1000, 10)).to.have.length(1)
    })

    it('refuses versions from before, unless they are current', async () => {
      const store = new FaultyStore()
      const first = await keyvStorage(makeKeyv(store)).insert('key', 'first')
      const restarted = keyvStorage(makeKeyv(store))
      await restarted.remove('key')
      await restarted.insert('key', 'second')
      expect(await restarted.update('key', 'third', first?.version ?? 0)).to.equal(undefined)
    })

    it('has lost no due record, at whichever write the process died', async () => {
      const crash = fc.record({
        actions: fc.array(action, { maxLength: 12 }),
        writes: fc.nat(30),
        isDone: fc.boolean(),
      })
      await fc.assert(
        fc.asyncProperty(crash, async ({ actions, writes, isDone }) => {
          const store = new FaultyStore()
          dieAt(store, writes, isDone)
          const dying = keyvStorage(makeKeyv(store))
          for (const next of actions) await act(dying, next).catch(() => {})
          store.repair()
          await assertFindsAllDue(keyvStorage(makeKeyv(store)))
        }),
      )
    })
  })
}

/** A lease interrupted by the crash may have moved a record on by 3 at most: hence every time up to 10 + 3 + 3. */
async function assertFindsAllDue(storage: Storage): Promise<void> {
  const due: string[] = []
  for (const name of keys) if (typeof (await storage.read(name))?.value === 'number') due.push(name)
  const leased = await storage.lease(16, 1000, 10)
  expect(leased.map(({ key: name }) => name).sort()).to.deep.equal(due)
}
