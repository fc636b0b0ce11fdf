import { expect } from 'chai'
import Keyv5 from 'keyv'
import { Keyv as Keyv6 } from 'keyv6'
import { StorageError } from '../../../../lib/errors.ts'
import { storageConformance } from '../../../../lib/storage/conformance/conformance.ts'
import { isKeyv, type KeyvLike, keyvStorage } from '../../../../lib/storage/keyv/keyv.ts'
import { memoryStorage } from '../../../../lib/storage/memory.ts'
import { FaultyStore, failing } from '../../../support/faulty-store.ts'

interface KeyvOptions {
  readonly store?: Map<string, unknown> | FaultyStore
  readonly namespace?: string
  readonly ttl?: number
}

const versions: [string, (options?: KeyvOptions) => KeyvLike][] = [
  ['Keyv 5', (options) => new Keyv5({ ...options })],
  ['Keyv 6', (options) => new Keyv6({ ...options })],
]

for (const [version, makeKeyv] of versions) {
  describe(`keyvStorage on ${version}`, () => {
    describe('with its own Map', () => {
      storageConformance({ describe, it }, () => keyvStorage(makeKeyv()))
    })

    describe('with an adapter and a namespace', () => {
      const make = (store: FaultyStore) => keyvStorage(makeKeyv({ store, namespace: 'shop' }), { deadlineMs: 5000 })
      storageConformance({ describe, it }, () => make(new FaultyStore()), {
        brokenStorage: () => make(new FaultyStore().breakWith(failing)),
      })
    })

    it('keeps two namespaces of one store apart', async () => {
      const store = new Map()
      const one = keyvStorage(makeKeyv({ store, namespace: 'one' }))
      const two = keyvStorage(makeKeyv({ store, namespace: 'two' }))
      await one.insert('key', 1)
      expect(await two.read('key')).to.equal(undefined)
      await two.insert('key', 2)
      expect(await one.read('key')).to.have.property('value', 1)
    })

    it('does not mistake a key that starts with the namespace for another key', async () => {
      const storage = keyvStorage(makeKeyv({ namespace: 'shop' }))
      await storage.insert('key', 'plain')
      expect(await storage.insert('shop:key', 'with the namespace')).not.to.equal(undefined)
      expect(await storage.read('key')).to.have.property('value', 'plain')
    })

    it('does not touch what the host keeps in the same Keyv', async () => {
      const keyv = makeKeyv()
      await keyv.set('key', 'of the host')
      const storage = keyvStorage(keyv)
      await storage.insert('key', 'ours')
      await storage.remove('key')
      expect(await keyv.getRaw('key')).to.have.property('value', 'of the host')
    })

    it('keeps permanent records for ever, whatever time to live the host has given its Keyv', async () => {
      const store = new Map<string, unknown>()
      await keyvStorage(makeKeyv({ store, ttl: 60_000 })).insert('key', 'value', { dueAt: 5000 })
      expect(store.size).to.equal(2)
      for (const raw of store.values()) expect(JSON.stringify(raw)).not.to.match(/expires[\\"]+:\d/)
    })

    it('lets a record expire when the clock says so, to the millisecond', async () => {
      let now = 1000
      const storage = keyvStorage(makeKeyv(), { clock: () => now })
      await storage.insert('key', 'value', { expiresAt: 2000 })
      now = 1999
      expect(await storage.read('key')).to.have.property('value', 'value')
      now = 2000
      expect(await storage.read('key')).to.equal(undefined)
    })

    it('lets Keyv keep a record for longer than it exists: its clock is not to decide', async () => {
      const store = new Map<string, unknown>()
      const storage = keyvStorage(makeKeyv({ store }), { clock: () => 1000 })
      await storage.insert('key', 'value', { expiresAt: 1001 })
      const [, expires] = /expires[\\"]+:(\d+)/.exec(JSON.stringify([...store.values()])) ?? []
      expect(Number(expires)).to.be.greaterThan(Date.now() + 30_000)
    })

    it('takes a record off the list of due records as soon as it is done or removed', async () => {
      const store = new FaultyStore()
      const storage = keyvStorage(makeKeyv({ store }))
      const { version = 0 } = (await storage.insert('done', 'value', { dueAt: 1 })) ?? {}
      await storage.update('done', 'value', version)
      await storage.insert('removed', 'value', { dueAt: 1 })
      await storage.remove('removed')
      expect(dueLists(store)).to.deep.equal(new Set(['[]']))
    })

    it('takes an expired record off the list when its time comes', async () => {
      const store = new FaultyStore()
      const storage = keyvStorage(makeKeyv({ store }))
      await storage.insert('expired', 'value', { dueAt: 1, expiresAt: 1 })
      expect(dueLists(store)).to.deep.equal(new Set(['[["expired",1]]']))
      await storage.lease(2, 1000, 10)
      expect(dueLists(store)).to.deep.equal(new Set(['[]']))
    })

    it('is as atomic between two storages of one Keyv as within one', async () => {
      const keyv = makeKeyv()
      const storages = [keyvStorage(keyv), keyvStorage(keyv)]
      const inserts = Array.from({ length: 20 }, (_, racer) => storages.map((storage) => storage.insert('key', racer)))
      const winners = (await Promise.all(inserts.flat())).filter((outcome) => outcome !== undefined)
      expect(winners).to.have.length(1)
    })

    it('lets the host have its errors as before: it adds no listener to the Keyv', () => {
      const keyv = makeKeyv() as KeyvLike & { listeners(event: string): unknown[] }
      keyvStorage(keyv)
      expect(keyv.listeners('error')).to.deep.equal([])
    })

    it('takes its listener off the store when it is closed, and leaves the rest to the host', async () => {
      const store = new FaultyStore()
      const keyv = makeKeyv({ store })
      const before = listenerCount(keyv)
      const storage = keyvStorage(keyv)
      expect(listenerCount(keyv)).to.equal(before + 1)
      await storage.close?.()
      await storage.close?.()
      expect(listenerCount(keyv)).to.equal(before)
      expect(await keyv.set('key', 'still usable')).to.equal(true)
    })

    it('is recognised by isKeyv', () => {
      expect(isKeyv(makeKeyv())).to.equal(true)
      expect(isKeyv(makeKeyv({ store: new FaultyStore() }))).to.equal(true)
    })
  })
}

describe('keyvStorage', () => {
  it('works without serialization in Keyv 6, and still copies', async () => {
    const storage = keyvStorage(new Keyv6({ serialization: false }))
    const inserted = await storage.insert('key', { list: [1] })
    expect(await storage.read('key')).to.deep.equal(inserted)
    expect((await storage.read('key'))?.value).not.to.equal((await storage.read('key'))?.value)
  })

  it('works with encryption, compression and sanitizing in Keyv 6', async () => {
    const reverse = (text: string) => [...text].reverse().join('')
    const store = new Map()
    const keyv = new Keyv6({
      store,
      encryption: { encrypt: reverse, decrypt: reverse },
      sanitize: { keys: true, namespace: true },
    })
    const storage = keyvStorage(keyv)
    for (const key of ['a;--b', 'ab', '../a', '$a']) await storage.insert(key, { key })
    for (const key of ['a;--b', 'ab', '../a', '$a']) expect((await storage.read(key))?.value).to.deep.equal({ key })
    expect(await storage.read('a--b')).to.equal(undefined)
  })

  it('works when Keyv 5 puts no prefix before keys', async () => {
    const storage = keyvStorage(new Keyv5({ store: new Map(), useKeyPrefix: false }))
    expect(await storage.read('key')).to.equal(undefined)
    await storage.insert('key', 'value')
    expect(await storage.read('key')).to.have.property('value', 'value')
  })

  it('refuses what is not a Keyv', () => {
    const keyv4 = { get() {}, set() {}, delete() {}, clear() {}, on() {} } as unknown as KeyvLike
    expect(() => keyvStorage(keyv4)).to.throw(TypeError, '5.5')
  })

  it('reports its errors as StorageError, with the cause', async () => {
    const store = new FaultyStore().breakWith(() => Promise.reject(new Error('connection refused')))
    const error = await keyvStorage(new Keyv5({ store }))
      .read('key')
      .catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(StorageError)
    expect(error).to.have.nested.property('cause.message', 'connection refused')
  })
})

describe('isKeyv', () => {
  for (const [name, value] of Object.entries({
    'a Map': new Map(),
    'a storage of ours': memoryStorage(),
    'a store without a Keyv around it': new FaultyStore(),
    nothing: undefined,
    null: null,
    text: 'redis://localhost',
    'a function': () => {},
  })) {
    it(`is false for ${name}`, () => {
      expect(isKeyv(value)).to.equal(false)
    })
  }
})

function listenerCount({ store }: KeyvLike): number {
  return (store as { listeners(event: string): unknown[] }).listeners('error').length
}

function dueLists({ data }: FaultyStore): Set<unknown> {
  const lists = [...data].filter(([key]) => key.includes('doku-ovo.due'))
  return new Set(lists.map(([, list]) => JSON.parse(String(list)).value))
}
