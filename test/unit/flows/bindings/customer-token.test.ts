import { expect } from 'chai'
import { type BindingChangedEvent, type Json, memoryStorage } from 'express-doku-ovo'
import fc from 'fast-check'
import { deferred } from '../../../support/deferred.ts'
import { answer, refusal } from '../../../support/fake-doku.ts'
import { clientId } from '../../../support/keys.ts'
import { alice, bob, link, rejection, type Scene, spied, startScene } from '../../../support/scene.ts'

const bindingKey = `${clientId}/binding/alice`
const phone = { phoneNo: '081200000001' }

describe('the customer token', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await startScene()
  })
  afterEach(() => scene.close())

  const balance = (customer = alice) => scene.ovo.service.balance(customer)
  const status = async () => (await scene.ovo.service.binding(alice)).status
  const bindingEvents = () =>
    scene.events.filter((event): event is BindingChangedEvent => event.type === 'bindingChanged')
  async function tamper(change: Record<string, Json>): Promise<void> {
    const stored = await scene.storage.read(bindingKey)
    if (!stored) throw new Error('there is no binding')
    await scene.storage.update(bindingKey, { ...(stored.value as object), ...change }, stored.version)
  }

  it('is exchanged once, and used by every request until it ends', async () => {
    await link(scene)
    await balance()
    await scene.another().service.balance(alice)
    expect(scene.doku.of('customerToken')).to.deep.equal([])
    scene.clock.passSeconds(890)
    await balance()
    expect(scene.doku.of('customerToken')).to.have.length(1)
  })

  it('is exchanged once for 50 requests at once', async () => {
    await scene.ovo.service.bind(alice, phone)
    await Promise.all(Array.from({ length: 50 }, () => balance()))
    expect(scene.doku.of('customerToken')).to.have.length(1)
    expect(bindingEvents().map((event) => event.binding.status)).to.deep.equal(['pending', 'active'])
  })

  const expiries: [string, Json, number][] = [
    ['seconds as text', '60', 60],
    ['seconds', 60, 60],
    ['a time with an offset', '2026-03-01T12:01:00+07:00', 60],
    ['a UTC time', '2026-03-01T05:01:00Z', 60],
    ['a UTC time with milliseconds', '2026-03-01T05:01:00.000Z', 60],
    ['nothing', null, 900],
    ['nonsense', 'soon', 900],
  ]
  for (const [form, accessTokenExpiryTime, seconds] of expiries) {
    it(`is exchanged anew ten seconds before it ends, when its end is said as ${form}`, async () => {
      scene.doku.next('customerToken', {
        status: 200,
        body: {
          responseCode: '2007400',
          accessToken: 'short-lived',
          ...(accessTokenExpiryTime !== null && { accessTokenExpiryTime }),
        },
      })
      await link(scene)
      scene.clock.passSeconds(seconds - 11)
      await balance()
      expect(scene.doku.of('customerToken')).to.deep.equal([])
      scene.clock.passSeconds(1)
      await balance()
      expect(scene.doku.of('customerToken')).to.have.length(1)
    })
  }

  it('is in no byte of the storage, nor is the authCode, the phone number or OVO’s page', async () => {
    const storage = spied(memoryStorage())
    const other = await startScene({ storage })
    const { redirectUrl = '' } = await other.ovo.service.bind(alice, { ...phone, customerName: 'Siti' })
    await other.ovo.service.balance(alice)
    await other.ovo.service.pay(alice, { orderId: 'order-1' })
    const dump = JSON.stringify(storage.written)
    for (const secret of [/-secret-\d/, /81200000001/, /Siti/, new RegExp(redirectUrl)]) {
      expect(dump).not.to.match(secret)
    }
    expect(redirectUrl).to.include('auth-code-secret')
    expect((await other.storage.read(bindingKey))?.value).to.include({ maskedPhoneNo: '62*******0001' })
    await other.close()
  })

  it('is exchanged anew when DOKU does not take it, and the customer does not notice', async () => {
    await link(scene)
    scene.doku.next('balance', refusal('4011102'))
    await balance()
    expect(scene.doku.of('customerToken')).to.have.length(1)
    expect(await status()).to.equal('active')
  })

  it('that was refused is not exchanged again when another request has done so already', async () => {
    await link(scene)
    const held = deferred<void>()
    scene.doku.next('balance', refusal('4011102'), async (response) => {
      await held.promise
      answer(response, refusal('4011102'))
    })
    // Both go with the first token. One is refused at once, the other after the first has a new token.
    const [late, early] = [balance(), balance()]
    while (scene.doku.of('balance').length < 3) await new Promise((resolve) => setImmediate(resolve))
    held.resolve()
    await Promise.all([late, early])
    expect(scene.doku.of('customerToken')).to.have.length(1)
  })

  it('that a newer one has voided does not unlink the customer', async () => {
    await link(scene)
    const held = deferred<void>()
    scene.doku.next('balance', refusal('4011102'), async (response) => {
      await held.promise
      answer(response, refusal('4011102'))
    })
    const late = balance()
    while (scene.doku.of('balance').length < 2) await new Promise((resolve) => setImmediate(resolve))
    scene.clock.passSeconds(900)
    await scene.another().service.balance(alice)
    held.resolve()
    expect((await late).cash.currency).to.equal('IDR')
    expect(await status()).to.equal('active')
  })

  it('that was refused does not unlink the customer when another process has stored a newer one', async () => {
    await link(scene)
    const held = deferred<void>()
    scene.doku.next('balance', refusal('4011102'), refusal('4011102'), async (response) => {
      await held.promise
      answer(response, refusal('4011102'))
    })
    const refused = rejection(balance())
    while (scene.doku.of('balance').length < 3) await new Promise((resolve) => setImmediate(resolve))
    scene.clock.passSeconds(900)
    await scene.another().service.balance(alice)
    held.resolve()
    expect((await refused).code).to.equal('BINDING_REQUIRED')
    expect(await status()).to.equal('active')
  })

  it('that DOKU did not give yet does not unlink the customer who has agreed meanwhile', async () => {
    await scene.ovo.service.bind(alice, phone)
    const held = deferred<void>()
    scene.doku.next('customerToken', async (response) => {
      await held.promise
      answer(response, refusal('4017400'))
    })
    const refused = rejection(balance())
    while (scene.doku.of('customerToken').length < 1) await new Promise((resolve) => setImmediate(resolve))
    await scene.another().service.balance(alice)
    held.resolve()
    expect((await refused).code).to.equal('BINDING_REQUIRED')
    expect(await status()).to.equal('active')
  })

  describe('when DOKU refuses the authCode of an active binding (4017400)', () => {
    beforeEach(async () => {
      await link(scene)
      scene.clock.passSeconds(900)
    })

    for (const message of [
      'Unauthorized. Signature',
      'Unauthorized. Unknown Client',
      'Unauthorized. Invalid Signature',
    ]) {
      it(`nothing is unlinked when it speaks of the merchant: “${message}”`, async () => {
        scene.doku.next('customerToken', refusal('4017400', message))
        expect((await rejection(balance())).code).to.equal('DOKU_REFUSED')
        expect(await status()).to.equal('active')
        await balance()
      })
    }

    it('nothing is unlinked when DOKU is down', async () => {
      scene.doku.next('customerToken', refusal('5007400'))
      expect((await rejection(balance())).code).to.equal('DOKU_UNAVAILABLE')
      expect(await status()).to.equal('active')
    })

    it('unlinks once, whoever else writes the record at that moment', async () => {
      scene.doku.next('customerToken', refusal('4017400'))
      expect((await rejection(balance())).code).to.equal('DOKU_UNAVAILABLE')
      scene.clock.passSeconds(300)
      scene.doku.arrivals.length = 0
      const held = deferred<void>()
      scene.doku.next('customerToken', async (response) => {
        await held.promise
        answer(response, refusal('4017400'))
      })
      const refused = rejection(balance())
      while (scene.doku.of('customerToken').length < 1) await new Promise((resolve) => setImmediate(resolve))
      await tamper({ updatedAt: scene.clock.now })
      held.resolve()
      expect((await refused).code).to.equal('BINDING_REQUIRED')
      expect(await status()).to.equal('unlinked')
    })

    it('does not unlink the account that the customer has linked meanwhile', async () => {
      const held = deferred<void>()
      scene.doku.next('customerToken', async (response) => {
        await held.promise
        answer(response, refusal('4017400'))
      })
      const refused = rejection(balance())
      while (scene.doku.of('customerToken').length < 1) await new Promise((resolve) => setImmediate(resolve))
      const elsewhere = scene.another()
      await elsewhere.service.unbind(alice)
      await elsewhere.service.bind(alice, phone)
      await elsewhere.service.balance(alice)
      held.resolve()
      expect((await refused).code).to.equal('BINDING_REQUIRED')
      expect(await status()).to.equal('active')
    })
  })

  it('of an account that was replaced meanwhile is not used for the new one', async () => {
    await scene.ovo.service.bind(alice, phone)
    const held = deferred<void>()
    scene.doku.next(
      'customerToken',
      async (response) => {
        await held.promise
        answer(response, { status: 200, body: { responseCode: '2007400', accessToken: 'of-the-old-account' } })
      },
      refusal('4017400'),
      refusal('4017400'),
    )
    const asking = balance()
    while (scene.doku.of('customerToken').length < 1) await new Promise((resolve) => setImmediate(resolve))
    await scene.another().service.bind(alice, { phoneNo: '081200000002' })
    held.resolve()
    await asking
    const used = scene.doku.of('balance').map(({ headers }) => headers['authorization-customer'])
    expect(used).to.have.length(1)
    expect(used[0]).to.match(/customerToken-secret/)
  })

  describe('whose record was tampered with', () => {
    beforeEach(() => link(scene))

    for (const damaged of [{ customerToken: 'tampered' }, { customerToken: 'tampered', authCode: 42 }]) {
      it(`changes nothing and asks DOKU nothing when ${Object.keys(damaged).join(' and ')} do not open`, async () => {
        await tamper(damaged)
        const before = await scene.storage.read(bindingKey)
        expect((await rejection(balance())).code).to.equal('STORAGE_UNAVAILABLE')
        expect(await scene.storage.read(bindingKey)).to.deep.equal(before)
        expect(scene.doku.arrivals).to.deep.equal([])
        expect(scene.logged).to.deep.include.members([
          { ...scene.logged.at(-1), level: 'error', message: 'a sealed value does not open' },
        ])
      })
    }

    it('does not open with another customer’s sealed values', async () => {
      await link(scene, bob)
      const bobs = (await scene.storage.read(`${clientId}/binding/bob`))?.value as Record<string, Json>
      await tamper({ customerToken: bobs.customerToken ?? '', authCode: bobs.authCode ?? '' })
      expect((await rejection(balance())).code).to.equal('STORAGE_UNAVAILABLE')
      expect(scene.doku.of('balance')).to.deep.equal([])
    })
  })
})

describe('two customers at once', () => {
  const operations = ['bind', 'balance', 'pay', 'unbind', 'expire', 'refuse'] as const
  const steps = fc.array(fc.tuple(fc.constantFrom('alice', 'bob'), fc.constantFrom(...operations)), {
    minLength: 4,
    maxLength: 14,
  })

  it('never have their tokens or authCodes mixed up, however their steps interleave', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), steps, async (scheduler, todo) => {
        const storage = spied(memoryStorage())
        storage.before = () => scheduler.schedule(Promise.resolve())
        const scene = await startScene({ storage })
        try {
          await scheduler.waitFor(run(scene, todo))
          expectNobodyElsesSecrets(scene)
        } finally {
          storage.before = () => Promise.resolve()
          await scheduler.waitAll()
          await scene.close()
        }
      }),
      { numRuns: 40 },
    )
  })

  async function run(scene: Scene, todo: [string, (typeof operations)[number]][]): Promise<void> {
    const owners = new Map<string, string>()
    const names = new Map<string, string>()
    for (const operation of ['binding', 'customerToken'] as const) {
      scene.doku.always[operation] = (response, { body }) => {
        const owner = operation === 'binding' ? body.additionalInfo.custIdMerchant : owners.get(body.authCode)
        const secret = `${owner}-${operation}-${names.size}`
        owners.set(secret, owner)
        names.set(secret, owner)
        const reply =
          operation === 'binding'
            ? { redirectUrl: `${scene.doku.url}/b`, additionalInfo: { authCode: secret } }
            : { accessToken: secret, accessTokenExpiryTime: '900' }
        answer(response, { status: 200, body: { responseCode: '2000000', ...reply } })
      }
    }
    let orders = 0
    const work = todo.map(([id, operation]) => {
      const customer = { id, deviceId: id }
      if (operation === 'bind') return scene.ovo.service.bind(customer, phone)
      if (operation === 'balance') return scene.ovo.service.balance(customer)
      if (operation === 'unbind') return scene.ovo.service.unbind(customer)
      if (operation === 'expire') return void scene.clock.passSeconds(900)
      if (operation === 'refuse') return scene.doku.next('balance', refusal('4011102'))
      scene.orders.set(`${++orders}`, { amount: '1.00' })
      return scene.ovo.service.pay(customer, { orderId: `${orders}` })
    })
    await Promise.allSettled([scene.ovo.service.bind({ id: 'alice' }, phone), ...work])
    for (const id of ['alice', 'bob']) await scene.ovo.service.balance({ id, deviceId: id }).catch(() => undefined)
  }

  function expectNobodyElsesSecrets({ doku }: Scene): void {
    for (const { operation, headers, body } of doku.arrivals) {
      const device = headers['x-device-id']
      const secrets = [headers['authorization-customer'], body.tokenId, body.authCode].filter(Boolean).join(' ')
      if (device !== 'alice' && device !== 'bob') continue
      if (secrets) expect(secrets, `${operation} of ${device}`).to.include(`${device}-`)
      expect(secrets).not.to.include(device === 'alice' ? 'bob-' : 'alice-')
    }
  }
})
