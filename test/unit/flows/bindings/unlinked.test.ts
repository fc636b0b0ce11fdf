import { expect } from 'chai'
import { type BindingChangedEvent, type DokuOvo, type Json, memoryStorage } from 'express-doku-ovo'
import { refusal } from '../../../support/fake-doku.ts'
import { clientId } from '../../../support/keys.ts'
import { alice, hooksBegun, link, rejection, type Scene, startScene } from '../../../support/scene.ts'

const bindingKey = `${clientId}/binding/alice`
const phone = { phoneNo: '081200000001' }
const oldKey = 'the old key of the merchant'
const newKey = 'the new key of the merchant'

describe('the evidence for "unlinked"', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await startScene()
    await link(scene)
    // The tokens end, so that DOKU is asked for the next one.
    scene.clock.passSeconds(900)
  })
  afterEach(() => scene.close())

  const balance = (ovo: DokuOvo = scene.ovo) => ovo.service.balance(alice)
  const codeOf = async (promise: Promise<unknown>) => (await rejection(promise)).code
  const record = async () => (await scene.storage.read(bindingKey))?.value as Record<string, Json>
  const status = async () => (await record()).status
  const refuse = (times: number, message?: string) =>
    scene.doku.next('customerToken', ...Array.from({ length: times }, () => refusal('4017400', message)))

  it('is not one refusal: the customer is asked to try again', async () => {
    refuse(1)
    expect(await codeOf(balance())).to.equal('DOKU_UNAVAILABLE')
    expect(await status()).to.equal('active')
    expect((await balance()).cash.currency).to.equal('IDR')
    expect(await record()).not.to.have.property('firstRefusal')
  })

  it('is the same refusal again 5 minutes later, whichever process hears it', async () => {
    refuse(3)
    expect(await codeOf(balance())).to.equal('DOKU_UNAVAILABLE')
    scene.clock.passSeconds(299)
    expect(await codeOf(balance())).to.equal('DOKU_UNAVAILABLE')
    scene.clock.passSeconds(1)
    expect(await codeOf(balance(scene.another()))).to.equal('BINDING_REQUIRED')
    await hooksBegun()
    const events = scene.events.filter((event): event is BindingChangedEvent => event.type === 'bindingChanged')
    expect(events.at(-1)).to.deep.include({ previousStatus: 'active', customerId: 'alice' })
    expect(await record()).to.include({ status: 'unlinked' })
    expect(await record()).not.to.have.any.keys('customerToken', 'firstRefusal')
  })

  it('is not a second refusal that follows an accepted token', async () => {
    refuse(1)
    expect(await codeOf(balance())).to.equal('DOKU_UNAVAILABLE')
    await balance()
    scene.clock.passSeconds(900)
    refuse(1)
    expect(await codeOf(balance())).to.equal('DOKU_UNAVAILABLE')
    expect(await status()).to.equal('active')
  })

  it('is one refusal within a minute after DOKU gave this process an access token', async () => {
    await scene.ovo.service.bind({ id: 'bob' }, phone)
    scene.clock.passSeconds(59)
    refuse(1)
    expect(await codeOf(balance())).to.equal('BINDING_REQUIRED')
    expect(await status()).to.equal('unlinked')
  })

  it('is not a refusal more than a minute after the access token, or after that of another process', async () => {
    await scene.ovo.service.bind({ id: 'bob' }, phone)
    refuse(2)
    expect(await codeOf(balance(scene.another()))).to.equal('DOKU_UNAVAILABLE')
    scene.clock.passSeconds(60)
    expect(await codeOf(balance())).to.equal('DOKU_UNAVAILABLE')
    expect(await status()).to.equal('active')
  })

  const others = ['Timestamp', 'Signature', 'Unknown Client', 'Please try again later']
  for (const reason of others) {
    it(`is no refusal for another reason, however often it comes: ${reason}`, async () => {
      await scene.ovo.service.bind({ id: 'bob' }, phone)
      refuse(2, `Unauthorized. ${reason}`)
      expect(await codeOf(balance())).to.equal('DOKU_REFUSED')
      scene.clock.passSeconds(3600)
      expect(await codeOf(balance())).to.equal('DOKU_REFUSED')
      expect(await record()).to.include({ status: 'active' })
      expect(await record()).not.to.have.property('firstRefusal')
    })
  }

  it('unlinks nobody while the token endpoint answers "Timestamp" for a minute', async () => {
    scene.doku.always.customerToken = refusal('4017400', 'Unauthorized. Timestamp')
    scene.doku.always.accessToken = refusal('4017300', 'Unauthorized. Timestamp')
    for (let second = 0; second < 60; second += 10) {
      scene.clock.passSeconds(10)
      await rejection(scene.ovo.service.pay(alice, { orderId: 'order-1' }))
    }
    delete scene.doku.always.customerToken
    delete scene.doku.always.accessToken
    expect(await status()).to.equal('active')
    expect((await scene.ovo.service.pay(alice, { orderId: 'order-1' })).payment.status).to.equal('awaiting-customer')
  })

  it('counts a refused token like a refused authCode', async () => {
    scene.doku.always.balance = refusal('4011102')
    await scene.ovo.service.bind({ id: 'bob' }, phone)
    scene.clock.passSeconds(61)
    expect(await codeOf(balance())).to.equal('DOKU_UNAVAILABLE')
    expect(await status()).to.equal('active')
  })

  it('stops after 5 unlinks in a minute, for ten minutes, with an error in the log', async () => {
    const customers = Array.from({ length: 7 }, (_, number) => ({ id: `customer-${number}` }))
    for (const customer of customers) await link(scene, customer)
    scene.doku.always.customerToken = refusal('4017400')
    scene.clock.passSeconds(900)
    await scene.ovo.service.pay(alice, { orderId: 'order-1' }).catch(() => undefined)
    const ask = (customer = alice) => codeOf(scene.ovo.service.pay(customer, { orderId: 'order-1' }))
    for (const customer of customers.slice(0, 4)) expect(await ask(customer)).to.equal('BINDING_REQUIRED')
    const [sixth, seventh] = customers.slice(4)
    expect(await ask(sixth)).to.equal('DOKU_UNAVAILABLE')
    const errors = scene.logged.filter(({ level }) => level === 'error').map(({ message }) => message)
    expect(errors).to.have.length(1)
    expect(errors[0]).to.include('none is called unlinked for now')
    const linkAgain = () => scene.ovo.service.bind(seventh ?? alice, phone)
    scene.clock.passSeconds(599)
    expect(await codeOf(linkAgain())).to.equal('DOKU_UNAVAILABLE')
    scene.clock.passSeconds(1)
    expect((await linkAgain()).status).to.equal('pending')
  })

  describe('the authCode', () => {
    it('stays, sealed, when the customer unlinked in the OVO app, and the link comes back if it works again', async () => {
      refuse(2)
      await rejection(balance())
      scene.clock.passSeconds(300)
      expect(await codeOf(balance())).to.equal('BINDING_REQUIRED')
      expect(await record()).to.have.property('authCode')
      await balance()
      expect(await status()).to.equal('active')
    })

    it('is tried when she links again at once, and a link that still works is told', async () => {
      expect(await codeOf(scene.ovo.service.bind(alice, phone))).to.equal('ALREADY_BOUND')
      expect(scene.doku.of('binding')).to.deep.equal([])
    })

    it('is refused with its second witness when she links again at once, and linking starts', async () => {
      refuse(2)
      expect((await scene.ovo.service.bind(alice, phone)).status).to.equal('pending')
      expect(scene.doku.arrivals.map(({ operation }) => operation)).to.deep.equal([
        ...['customerToken', 'accessToken', 'customerToken', 'binding'],
      ])
      await hooksBegun()
      const events = scene.events.filter((event): event is BindingChangedEvent => event.type === 'bindingChanged')
      expect(events.map((event) => event.binding.status)).to.deep.equal(['pending', 'active', 'unlinked', 'pending'])
    })

    it('keeps linking from starting when DOKU does not prove that it accepts our keys', async () => {
      refuse(2)
      scene.doku.always.accessToken = refusal('4017300')
      const before = await record()
      expect(await codeOf(scene.ovo.service.bind(alice, phone))).to.equal('DOKU_UNAVAILABLE')
      expect(await record()).to.deep.include({ status: 'active', authCode: before.authCode })
      expect(scene.doku.of('binding')).to.deep.equal([])
    })

    it('of a pending link keeps its place when DOKU does not prove that it accepts our keys', async () => {
      refuse(3)
      await scene.ovo.service.bind(alice, phone)
      const before = await record()
      scene.clock.passSeconds(900)
      scene.doku.always.accessToken = refusal('4017300')
      expect(await codeOf(scene.ovo.service.bind(alice, phone))).to.equal('DOKU_UNAVAILABLE')
      expect(await record()).to.deep.equal(before)
    })

    it('stays beside a new one until the new link works', async () => {
      const before = await record()
      refuse(2)
      await scene.ovo.service.bind(alice, { phoneNo: '081200000002' })
      expect((await record()).earlierLinks).to.deep.equal([
        { authCode: before.authCode, phoneNo: before.phoneNo, maskedPhoneNo: '62*******0001' },
      ])
      await balance()
      expect(await record()).to.include({ status: 'active', maskedPhoneNo: '62*******0002' })
      expect(await record()).not.to.have.property('earlierLinks')
    })

    it('of an earlier link brings it back when OVO refuses another one', async () => {
      const before = await record()
      refuse(2)
      scene.doku.next('binding', refusal('4030715', 'Transaction Not Permitted. Account Already Registered'))
      expect(await codeOf(scene.ovo.service.bind(alice, { phoneNo: '081200000002' }))).to.equal('OVO_REFUSED')
      expect(await status()).to.equal('failed')
      expect(await codeOf(scene.ovo.service.bind(alice, phone))).to.equal('ALREADY_BOUND')
      expect(await record()).to.include({ status: 'active', authCode: before.authCode, maskedPhoneNo: '62*******0001' })
    })

    it('stays when the customer ends a link that DOKU does not call linked, and is not used to pay', async () => {
      await scene.ovo.service.unbind(alice)
      await scene.ovo.service.bind(alice, phone)
      refuse(1)
      expect((await scene.ovo.service.unbind(alice)).status).to.equal('unbound')
      expect(await record()).to.have.property('authCode')
      scene.doku.arrivals.length = 0
      expect(await codeOf(balance())).to.equal('BINDING_REQUIRED')
      expect(scene.doku.arrivals).to.deep.equal([])
      expect(await codeOf(scene.ovo.service.bind(alice, phone))).to.equal('ALREADY_BOUND')
    })

    it('is forgotten when DOKU has confirmed the end', async () => {
      expect((await scene.ovo.service.unbind(alice)).status).to.equal('unbound')
      expect(await record()).not.to.have.any.keys('authCode', 'earlierLinks')
    })
  })
})

describe('a link whose key one process does not have', () => {
  const storage = () => memoryStorage()

  for (const [what, older, newer] of [
    ['encryptionKeys', { encryptionKeys: [oldKey] }, { encryptionKeys: [newKey, oldKey] }],
    ['secretKey', { secretKey: 'SK-old' }, { secretKey: ['SK-new', 'SK-old'] }],
  ] as const) {
    it(`is as it was for everybody else after that process met it: ${what}`, async () => {
      const scene = await startScene({ storage: storage(), ...older })
      const ahead = scene.another(newer)
      await link(scene)
      scene.clock.passSeconds(900)
      await ahead.service.balance(alice)
      for (const ask of ['balance', 'unbind'] as const) {
        expect((await rejection(scene.ovo.service[ask](alice))).code, ask).to.equal('STORAGE_UNAVAILABLE')
      }
      expect((await rejection(scene.ovo.service.pay(alice, { orderId: 'order-1' }))).code).to.equal(
        'STORAGE_UNAVAILABLE',
      )
      expect((await rejection(scene.ovo.service.bind(alice, phone))).code).to.equal('STORAGE_UNAVAILABLE')
      expect(scene.logged.map(({ message }) => message)).to.include('a sealed value does not open')
      expect((await ahead.service.binding(alice)).status).to.equal('active')
      expect((await ahead.service.pay(alice, { orderId: 'order-1' })).payment.status).to.equal('awaiting-customer')
      await scene.close()
    })
  }

  it('is dropped by a member of staff, and can be linked again', async () => {
    const kept = storage()
    const scene = await startScene({ storage: kept, encryptionKeys: [oldKey] })
    await link(scene)
    const later = scene.another({ encryptionKeys: [newKey] })
    expect((await rejection(later.service.bind(alice, phone))).code).to.equal('STORAGE_UNAVAILABLE')
    expect((await rejection(later.service.dropLink('alice', { by: '' }))).code).to.equal('INVALID_FIELD')
    expect((await rejection(later.service.dropLink('bob', { by: 'siti' }))).code).to.equal('BINDING_NOT_FOUND')
    expect((await later.service.dropLink('alice', { by: 'siti' })).status).to.equal('unbound')
    expect((await kept.read(bindingKey))?.value).to.include({ droppedBy: 'siti' })
    expect((await kept.read(bindingKey))?.value).not.to.have.any.keys('authCode', 'customerToken')
    expect(scene.logged.some(({ level, details }) => level === 'warn' && details.by === 'siti')).to.equal(true)
    expect((await later.service.bind(alice, phone)).status).to.equal('pending')
    await later.service.balance(alice)
    expect((await later.service.binding(alice)).status).to.equal('active')
    await scene.close()
  })
})
