import { expect } from 'chai'
import Keyv5 from 'keyv'
import { Keyv as Keyv6 } from 'keyv6'
import { StorageError } from '../../../../lib/errors.ts'
import { outageTests } from '../../../../lib/storage/conformance/races.ts'
import { createSuite } from '../../../../lib/storage/conformance/suite.ts'
import { type KeyvLike, keyvStorage } from '../../../../lib/storage/keyv/keyv.ts'
import type { Storage } from '../../../../lib/storage/storage.ts'
import { deferred } from '../../../support/deferred.ts'
import { FaultyStore, failing, hanging, swallowing } from '../../../support/faulty-store.ts'

/** As the host may have set it up. A listener on Keyv 6 turns its rejections into "not found". */
const hosts: [string, (store: FaultyStore) => KeyvLike][] = [
  ['Keyv 5', (store) => new Keyv5({ store })],
  ['Keyv 5 that throws on errors', (store) => new Keyv5({ store, throwOnErrors: true })],
  ['Keyv 5 that emits no errors', (store) => new Keyv5({ store, emitErrors: false })],
  ['Keyv 5 that puts no prefix before keys', (store) => new Keyv5({ store, useKeyPrefix: false })],
  ['Keyv 6', (store) => new Keyv6({ store })],
  ['Keyv 6 with a namespace', (store) => new Keyv6({ store, namespace: 'shop' })],
  ['Keyv 6 with a listener for errors', (store) => new Keyv6({ store }).on('error', () => {}) as Keyv6],
]

const deadlineMs = 25

for (const [host, makeKeyv] of hosts) {
  describe(`keyvStorage on ${host}, when the store misbehaves`, () => {
    let store: FaultyStore
    let storage: Storage
    beforeEach(() => {
      store = new FaultyStore()
      storage = keyvStorage(makeKeyv(store), { deadlineMs: 15_000 })
    })

    for (const [trouble, makeFault] of [
      ['fails', () => failing],
      ['hangs', () => hanging],
      ['emits its errors and answers nothing', swallowing],
    ] as const) {
      describe(`because it ${trouble}`, () => {
        const makeBroken = () => {
          const broken = new FaultyStore()
          return keyvStorage(makeKeyv(broken.breakWith(makeFault(broken))), { deadlineMs })
        }
        outageTests(createSuite({ describe, it }, makeBroken))
      })
    }

    it('does not believe a store that finds nothing now, and something a moment later', async () => {
      await storage.insert('key', 'paid')
      let asked = 0
      store.faults.get = (honestly) => (++asked === 1 ? undefined : honestly())
      expect(await storage.read('key')).to.have.property('value', 'paid')
    })

    it('acknowledges a record that is written, even when the list of due records cannot be tidied up', async () => {
      const { version = 0 } = (await storage.insert('key', 'first', { dueAt: 1 })) ?? {}
      store.faults.set = (honestly, key) => (key.includes('due') ? failing(honestly, key) : honestly())
      expect(await storage.update('key', 'done', version)).to.have.property('value', 'done')
      expect(await storage.read('key')).to.have.property('value', 'done')
    })

    it('rejects a due record that cannot be put on the list, and does not write it', async () => {
      store.faults.set = (honestly, key) => (key.includes('due') ? failing(honestly, key) : honestly())
      await rejects(storage.insert('key', 'value', { dueAt: 1 }))
      expect(await storage.read('key')).to.equal(undefined)
    })

    it('rejects a write that the store drops', async () => {
      store.faults.set = () => true
      await rejects(storage.insert('key', 'value'), 'did not keep')
    })

    it('rejects an update that the store drops', async () => {
      const inserted = await storage.insert('key', 'first')
      store.faults.set = () => true
      await rejects(storage.update('key', 'second', inserted?.version ?? 0), 'did not keep')
    })

    it('rejects a write that the store says it did not do', async () => {
      store.faults.set = () => false
      await rejects(storage.insert('key', 'value'))
    })

    it('rejects a write that the store does and then fails', async () => {
      store.faults.set = async (honestly) => {
        honestly()
        throw new Error('lost the answer')
      }
      await rejects(storage.insert('key', 'value'))
      store.repair()
      expect(await storage.read('key')).to.have.property('value', 'value')
    })

    it('rejects a remove that the store does not do', async () => {
      await storage.insert('key', 'value')
      store.faults.delete = () => true
      await rejects(storage.remove('key'), 'did not delete')
    })

    it('rejects when the store has an outage just after it was asked what is there', async () => {
      await storage.insert('key', 'paid')
      store.faults.get = failing
      await rejects(storage.insert('key', 'charge again'))
      await rejects(storage.read('key'))
      store.repair()
      expect(await storage.read('key')).to.have.property('value', 'paid')
    })

    for (const [garbage, value] of [
      ['text that is no JSON', '{"value":'],
      ['JSON of another shape', '{"other":1}'],
      ['an empty text', ''],
      ['a number', 42],
      ['false', false],
      ['a record without its envelope', { value: { paid: false } }],
      ['an envelope around garbage', '{"value":"garbage"}'],
      ['an envelope around null', '{"value":null}'],
      ['an envelope around JSON that is no record', '{"value":"{\\"key\\":\\"key\\"}"}'],
    ] as const) {
      it(`rejects ${garbage} instead of finding nothing`, async () => {
        await storage.insert('key', 'value')
        store.data.set(store.nativeKey('record.key'), value)
        await rejects(storage.read('key'))
        await rejects(storage.insert('key', 'value'))
        await storage.remove('key')
        expect(await storage.insert('key', 'value'), 'removing it is the way out').not.to.equal(undefined)
      })
    }

    it('rejects the record of another key', async () => {
      await storage.insert('alice', 'token of Alice')
      await storage.insert('bob', 'token of Bob')
      store.data.set(store.nativeKey('record.bob'), store.data.get(store.nativeKey('record.alice')))
      await rejects(storage.read('bob'))
    })

    it('rejects when the list of due records is garbage, and does not take it for empty', async () => {
      await storage.insert('key', 'value', { dueAt: 1 })
      store.data.set(store.nativeKey('doku-ovo.due'), '{"value":"{}"}')
      await rejects(storage.lease(2, 1000, 10))
    })

    it('does not let one unreadable record keep the others from being leased', async () => {
      await storage.insert('bad', 'value', { dueAt: 1 })
      await storage.insert('good', 'value', { dueAt: 2 })
      store.data.set(store.nativeKey('record.bad'), 'garbage')
      expect(await storage.lease(3, 1000, 10)).to.have.length(1)
      await rejects(storage.lease(3, 1000, 10))
    })

    it('gives out what it has leased when an outage interrupts it', async () => {
      for (const key of ['first', 'second']) await storage.insert(key, 'value', { dueAt: 1 })
      let writes = 0
      store.faults.set = (honestly, key) =>
        key.includes('record') && ++writes > 1 ? failing(honestly, key) : honestly()
      expect(await storage.lease(2, 1000, 10)).to.have.length(1)
      store.repair()
      expect(await storage.lease(2, 1000, 10)).to.have.length(1)
    })

    it('works again when the outage is over', async () => {
      store.breakWith(failing)
      await rejects(storage.insert('key', 'value', { dueAt: 1 }))
      store.repair()
      expect(await storage.insert('key', 'value', { dueAt: 1 })).not.to.equal(undefined)
      expect(await storage.lease(2, 1000, 10)).to.have.length(1)
    })

    describe('and a write hangs', () => {
      let hung: ReturnType<typeof deferred<void>>
      /** Two storages of one Keyv: one gives up soon, one does not, however slow the machine. */
      let hasty: Storage
      let patient: Storage
      beforeEach(() => {
        const keyv = makeKeyv(store)
        hasty = keyvStorage(keyv, { deadlineMs })
        patient = keyvStorage(keyv, { deadlineMs: 15_000 })
        hung = deferred<void>()
      })

      it('does not let it land on top of a later write', async () => {
        const { version = 0 } = (await patient.insert('key', 'first')) ?? {}
        store.faults.set = (honestly) => hung.promise.then(honestly)
        await rejects(hasty.update('key', 'slow', version))
        store.repair()
        await rejects(hasty.update('key', 'impatient', version))
        const later = patient.update('key', 'later', version)
        hung.resolve()
        expect(await later, 'the slow one has won').to.equal(undefined)
        expect(await patient.read('key')).to.have.property('value', 'slow')
      })

      it('does not write on behalf of a call that it has given up', async () => {
        store.faults.set = () => hung.promise
        await Promise.all([rejects(hasty.insert('key', 'slow')), rejects(hasty.insert('key', 'queued'))])
        store.repair()
        const later = patient.insert('key', 'later')
        hung.resolve()
        expect(await later).to.have.property('value', 'later')
      })

      it('does not hold up other records', async () => {
        const reached = deferred<void>()
        store.faults.set = () => {
          reached.resolve()
          return hung.promise
        }
        const slow = patient.insert('slow', 'value')
        await reached.promise
        store.repair()
        expect(await patient.insert('other', 'value')).not.to.equal(undefined)
        hung.resolve()
        await rejects(slow, 'did not keep')
      })

      it('does not keep other due records from being leased, and gives its own when it is through', async () => {
        const { version = 0 } = (await patient.insert('slow', 'first', { dueAt: 1 })) ?? {}
        await patient.insert('other', 'value', { dueAt: 2 })
        store.faults.set = (honestly) => hung.promise.then(honestly)
        await rejects(hasty.update('slow', 'second', version, { dueAt: 1 }))
        store.repair()
        expect((await patient.lease(3, 1000, 10)).map(({ key }) => key)).to.deep.equal(['other'])
        const settled = patient.update('slow', 'never', version)
        hung.resolve()
        await settled
        expect(await patient.lease(3, 1000, 10)).to.have.nested.property('[0].value', 'second')
      })

      it('survives that it fails late', async () => {
        store.faults.set = () => hung.promise
        await rejects(hasty.insert('key', 'value'))
        store.repair()
        hung.reject(new Error('at long last'))
        expect(await patient.insert('key', 'value')).not.to.equal(undefined)
      })
    })
  })
}

async function rejects(operation: Promise<unknown>, message = ''): Promise<void> {
  const outcome = await operation.then(
    (value) => `resolved to ${JSON.stringify(value)}`,
    (error: unknown) => error,
  )
  expect(outcome).to.be.instanceOf(StorageError)
  expect((outcome as Error).message).to.contain(message)
}
