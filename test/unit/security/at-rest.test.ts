import { expect } from 'chai'
import { type DokuOvo, type Json, memoryStorage, type Storage } from 'express-doku-ovo'
import { decodeProtectedHeader } from 'jose'
import { recordKeys } from '../../../lib/records/records.ts'
import { idr } from '../../support/fake-doku.ts'
import { clientId } from '../../support/keys.ts'
import { alice, bob, link, rejection, type Scene, startScene } from '../../support/scene.ts'

const oldKey = 'the old key, 16+ characters'
const newKey = 'the new key, 16+ characters'
const keys = recordKeys(clientId)
const sealedFields = ['phoneNo', 'authCode', 'customerToken'] as const

async function stored(storage: Storage, key: string): Promise<Record<string, Json>> {
  return ((await storage.read(key))?.value ?? {}) as Record<string, Json>
}

/** Whoever can write to the store writes this. */
async function put(storage: Storage, key: string, value: Json): Promise<void> {
  await storage.remove(key)
  await storage.insert(key, value, { dueAt: 0 })
}

const keyIdsOf = (record: Record<string, Json>) =>
  new Set(
    sealedFields.filter((field) => record[field]).map((field) => decodeProtectedHeader(String(record[field])).kid),
  )

describe('a record that was sealed with an older key', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await startScene({ encryptionKeys: [oldKey] })
    await link(scene)
  })
  afterEach(() => scene.close())

  it('is sealed with the newest key as soon as it is written again, so that the older key can go', async () => {
    const before = await stored(scene.storage, keys.binding('alice'))
    const during = scene.another({ encryptionKeys: [newKey, oldKey] })
    await during.service.balance(alice)
    expect(await stored(scene.storage, keys.binding('alice'))).to.deep.equal(before)
    scene.clock.passSeconds(3600)
    await during.service.balance(alice)
    const after = await stored(scene.storage, keys.binding('alice'))
    expect(keyIdsOf(before).size).to.equal(1)
    expect(keyIdsOf(after).size).to.equal(1)
    expect(keyIdsOf(after)).not.to.deep.equal(keyIdsOf(before))
    scene.clock.passSeconds(3600)
    const alone = scene.another({ encryptionKeys: [newKey] })
    expect((await alone.service.balance(alice)).cash).to.deep.equal(idr('5.00'))
    expect(scene.doku.arrivals.filter(({ operation }) => operation === 'binding')).to.have.length(0)
  })

  it('is a 503 when that key is gone, until a member of staff drops the link', async () => {
    const alone = scene.another({ encryptionKeys: [newKey] })
    expect(await rejection(alone.service.balance(alice))).to.have.property('code', 'STORAGE_UNAVAILABLE')
    expect(await scene.ovo.service.binding(alice)).to.have.property('status', 'active')
    await alone.service.dropLink('alice', { by: 'siti' })
    await alone.service.bind(alice, { phoneNo: '081200000001' })
    expect((await alone.service.balance(alice)).cash).to.deep.equal(idr('5.00'))
  })
})

describe('a sealed value that was tampered with', () => {
  const tampered: [string, (sealed: string) => Json][] = [
    ['a letter changed', (sealed) => sealed.slice(0, -9) + (sealed.at(-9) === 'A' ? 'B' : 'A') + sealed.slice(-8)],
    ['cut off', (sealed) => sealed.slice(0, 40)],
    ['emptied', () => ''],
    ['replaced by plain text', () => 'a code in plain text'],
    ['replaced by an unencrypted token', () => 'eyJhbGciOiJub25lIn0.eyJhIjoxfQ.'],
  ]
  for (const [name, tamper] of tampered) {
    it(`and ${name} is a 503, and changes nothing`, async () => {
      const scene = await startScene()
      await link(scene)
      const record = await stored(scene.storage, keys.binding('alice'))
      const authCode = tamper(String(record.authCode))
      await put(scene.storage, keys.binding('alice'), { ...record, authCode, customerToken: authCode })
      const before = await stored(scene.storage, keys.binding('alice'))
      expect(await rejection(scene.another().service.balance(alice))).to.have.property('code', 'STORAGE_UNAVAILABLE')
      expect(await stored(scene.storage, keys.binding('alice'))).to.deep.equal(before)
      expect(scene.doku.of('balance')).to.have.length(0)
      await scene.close()
    })
  }

  it('of another customer does not open, alone or with its whole record', async () => {
    const scene = await startScene()
    await link(scene, alice)
    await link(scene, bob)
    const [ofAlice, ofBob] = [
      await stored(scene.storage, keys.binding('alice')),
      await stored(scene.storage, keys.binding('bob')),
    ]
    const { authCode = null, customerToken = null } = ofAlice
    await put(scene.storage, keys.binding('bob'), { ...ofBob, authCode, customerToken })
    expect(await rejection(scene.another().service.balance(bob))).to.have.property('code', 'STORAGE_UNAVAILABLE')
    await put(scene.storage, keys.binding('bob'), { ...ofAlice, customerId: 'bob' })
    expect(await rejection(scene.another().service.balance(bob))).to.have.property('code', 'STORAGE_UNAVAILABLE')
    await put(scene.storage, keys.binding('bob'), ofAlice)
    expect(await rejection(scene.another().service.balance(bob))).to.have.property('code', 'STORAGE_UNAVAILABLE')
    expect(scene.doku.of('balance')).to.have.length(0)
    await scene.close()
  })
})

/** What can be in a store instead of a record. */
const garbage: readonly Json[] = [
  ...[
    null,
    true,
    0,
    -1,
    1e308,
    '',
    'text',
    [],
    {},
    [[]],
    [null],
    { __proto__: null },
    { attempts: null },
    { attempts: [null] },
  ],
  ...[{ orderId: 'order-1', attempts: {} }, { events: [null] }, { digest: 7 }, { token: 7, expiresAt: 'x' }],
  {
    customerId: 'alice',
    status: 'constructor',
    phoneNo: '',
    maskedPhoneNo: '',
    externalId: '',
    createdAt: 0,
    updatedAt: 0,
  },
  { giant: 'x'.repeat(100_000) },
  Array.from({ length: 2_000 }, () => ({})),
]

/** What one field of a genuine record can become. */
const wrong: readonly Json[] = [null, 7, 'constructor', [], {}, [null], true, 1e308, '', 'x'.repeat(50_000)]

function* damaged(value: Json, at: Json = value): Generator<Json> {
  if (typeof at !== 'object' || at === null) return
  const target = at as Record<string, Json>
  for (const name of Object.keys(target)) {
    const original = target[name] as Json
    for (const other of wrong) {
      target[name] = other
      yield structuredClone(value)
    }
    delete target[name]
    yield structuredClone(value)
    target[name] = original
    yield* damaged(value, original)
  }
}

const calls: readonly [string, (ovo: DokuOvo, reference: string) => Promise<unknown>][] = [
  ['binding', ({ service }) => service.binding(alice)],
  ['balance', ({ service }) => service.balance(alice)],
  ['pay', ({ service }) => service.pay(alice, { orderId: 'order-1' })],
  ['payment', ({ service }, reference) => service.payment(alice, reference)],
  ['unbind', ({ service }) => service.unbind(alice)],
  ['bind', ({ service }) => service.bind(alice, { phoneNo: '081200000001' })],
  ['parkedEvents', ({ service }) => service.parkedEvents()],
]

const codes = /^(STORAGE_UNAVAILABLE|BINDING_REQUIRED|BINDING_NOT_FOUND|ALREADY_BOUND|PAYMENT_NOT_FOUND|ORDER_BUSY)$/

describe('a store that was written to by somebody else', () => {
  let scene: Scene
  let reference = ''
  let records: [key: string, value: Json][]
  beforeEach(async () => {
    const open = memoryStorage({ clock: () => scene.clock.now })
    scene = await startScene({ storage: open, reconcileEveryMs: false })
    await link(scene)
    reference = (await scene.ovo.service.pay(alice, { orderId: 'order-1' })).payment.partnerReferenceNo
    const orderKey = keys.order(reference.slice(0, 20))
    const all = [orderKey, keys.binding('alice'), keys.accessToken]
    records = await Promise.all(all.map(async (key) => [key, await stored(open, key)] as [string, Json]))
    records.push([keys.parkedEvents, { events: [{ id: '1', type: 'paymentChanged', occurredAt: 'then' }] }])
  })
  afterEach(() => scene.close())

  /** Every call answers, or rejects with what the router can answer; the order is never charged again. */
  async function survives(key: string, value: Json, turn: number): Promise<void> {
    // The calls take turns, or this would take a minute at every run of the tests.
    for (const [name, call] of calls.filter((_call, index) => index % 3 === turn % 3)) {
      for (const [other, genuine] of records) await put(scene.storage, other, genuine)
      await put(scene.storage, key, value)
      scene.doku.arrivals.length = 0
      const ovo = scene.another()
      const error = await call(ovo, reference).then(
        () => undefined,
        (reason) => reason as Error & { code?: string },
      )
      const shown = `${name} with ${key} = ${JSON.stringify(value).slice(0, 300)}`
      if (error) expect(String(error.code), `${shown}: ${error.stack}`).to.match(codes)
      expect(scene.doku.of('payment'), shown).to.have.length(0)
      await ovo.service.reconcile()
      await ovo.close()
    }
  }

  for (const [index, name] of ['order', 'binding', 'access token', 'parked events'].entries()) {
    it(`with anything in place of the ${name} makes no call crash and no order be charged again`, async () => {
      const [key] = records[index] as [string, Json]
      for (const [turn, value] of garbage.entries()) await survives(key, value, turn + index)
    })

    it(`with any field of the ${name} damaged neither`, async () => {
      const [key, genuine] = records[index] as [string, Json]
      const all = [...damaged(structuredClone(genuine))]
      for (const [turn, value] of all.entries()) if (turn % 4 === index) await survives(key, value, turn >> 2)
    })
  }
})
