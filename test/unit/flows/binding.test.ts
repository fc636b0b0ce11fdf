import { expect } from 'chai'
import { type BindingChangedEvent, memoryStorage, StorageError } from 'express-doku-ovo'
import fc from 'fast-check'
import { normalisePhoneNo } from '../../../lib/model/input.ts'
import { deferred } from '../../support/deferred.ts'
import { answer, faults, refusal } from '../../support/fake-doku.ts'
import { alice, rejection, type Scene, spied, startScene } from '../../support/scene.ts'
import { alicesPhone, bind, blockedPhone, bobsPhone, type Shop, startShop } from '../../support/shop.ts'

const phone = { phoneNo: alicesPhone }

for (const api of ['ovo-v1.0', 'core-v1'] as const) {
  for (const sendsBindingNotification of [true, false]) {
    const told = sendsBindingNotification ? 'with' : 'without'

    describe(`linking an OVO account, ${api}, ${told} DOKU’s notification`, () => {
      let shop: Shop
      let naps: number[]
      beforeEach(async () => {
        naps = []
        const sleep = async (ms: number) => void naps.push(ms)
        shop = await startShop({ options: { api, sleep }, simulator: { sendsBindingNotification } })
      })
      afterEach(() => shop.close())

      const start = async (phoneNo = alicesPhone) =>
        (await shop.request('alice', 'POST', '/bindings', { phoneNo })).body
      const status = async () => (await shop.request('alice', 'GET', '/bindings')).body.status
      /** The browser goes where OVO's page sends it. */
      const comeBack = async (returnUrl = '') => {
        await shop.simulator.settled()
        await shop.request('', 'GET', returnUrl.slice(shop.url.length))
      }
      const statuses = () =>
        shop.events
          .filter((event): event is BindingChangedEvent => event.type === 'bindingChanged')
          .map((event) => [event.previousStatus, event.binding.status])

      it('is active once the customer has agreed and come back', async () => {
        const { redirectUrl } = await start()
        const { returnUrl } = shop.simulator.approveBinding(redirectUrl)
        await comeBack(returnUrl)
        expect(await status()).to.equal('active')
        expect(statuses()).to.deep.equal([
          [undefined, 'pending'],
          ['pending', 'active'],
        ])
      })

      it('has failed once the customer has declined and come back', async () => {
        const { redirectUrl } = await start()
        await comeBack(shop.simulator.declineBinding(redirectUrl).returnUrl)
        expect(await status()).to.equal('failed')
        expect(await shop.ovo.service.binding(alice)).not.to.have.property('redirectUrl')
      })

      it('stays pending when the browser says success and the customer did not agree', async () => {
        await start()
        const [call] = shop.simulator.calls.filter(({ operation }) => operation === 'binding')
        const { successRegistrationUrl } = JSON.parse(call?.body ?? '{}').additionalInfo
        await comeBack(successRegistrationUrl)
        expect(await status()).to.equal('pending')
        expect(naps).to.deep.equal([500, 1500])
      })

      it('is active in the end when the success comes after a failure', async () => {
        const { redirectUrl } = await start()
        const [call] = shop.simulator.calls.filter(({ operation }) => operation === 'binding')
        await comeBack(JSON.parse(call?.body ?? '{}').additionalInfo.failedRegistrationUrl)
        expect(await status()).to.equal('failed')
        await comeBack(shop.simulator.approveBinding(redirectUrl).returnUrl)
        expect(await status()).to.equal('active')
      })

      it('is not lost when the customer agrees, never comes back and starts again', async () => {
        const { redirectUrl } = await start()
        shop.simulator.approveBinding(redirectUrl)
        await shop.simulator.settled()
        const again = await shop.request('alice', 'POST', '/bindings', { phoneNo: alicesPhone })
        expect([again.status, again.body.code]).to.deep.equal([409, 'ALREADY_BOUND'])
        expect(await status()).to.equal('active')
      })

      it('is ended at DOKU too when the customer agreed without our having heard, so that it can be linked anew', async () => {
        const { redirectUrl } = await start()
        shop.simulator.approveBinding(redirectUrl)
        await shop.simulator.settled()
        expect((await shop.request('alice', 'DELETE', '/bindings')).body.status).to.equal('unbound')
        expect((await start()).status).to.equal('pending')
      })

      it('is ended by a request, and ending it again succeeds', async () => {
        const { redirectUrl } = await start()
        await comeBack(shop.simulator.approveBinding(redirectUrl).returnUrl)
        for (let times = 0; times < 3; times++) {
          expect((await shop.request('alice', 'DELETE', '/bindings')).body.status).to.equal('unbound')
        }
        const unbindings = shop.simulator.calls.filter(({ operation }) => operation === 'unbinding')
        expect(unbindings.map(({ verdict }) => verdict)).to.deep.equal(['accepted'])
        expect((await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })).body.code).to.equal(
          'BINDING_REQUIRED',
        )
        expect((await start()).status).to.equal('pending')
      })

      it('is found unlinked when it was ended in the OVO app, and can be linked anew', async () => {
        const { redirectUrl } = await start()
        await comeBack(shop.simulator.approveBinding(redirectUrl).returnUrl)
        shop.simulator.unlink('alice')
        expect((await shop.request('alice', 'DELETE', '/bindings')).body.status).to.equal('unlinked')
        expect(statuses().at(-1)).to.deep.equal(['active', 'unlinked'])
        expect((await shop.request('alice', 'DELETE', '/bindings')).body.status).to.equal('unbound')
        expect((await start()).status).to.equal('pending')
      })
    })
  }
}

describe('what OVO refuses to link', () => {
  let shop: Shop
  beforeEach(async () => {
    shop = await startShop()
  })
  afterEach(() => shop.close())

  const refusals: [string, string, string][] = [
    ['a blocked account', blockedPhone, 'OVO account blocked temporary (4030715)'],
    ['a number without an account', '6289999999999', 'OVO account not available please register to ovo (4030715)'],
    ['another customer’s account', bobsPhone, 'OVO account already registered by another customer (4030715)'],
  ]
  for (const [what, phoneNo, detail] of refusals) {
    it(`is told to the customer in OVO’s words: ${what}`, async () => {
      await bind(shop, 'bob', bobsPhone)
      const { status, body } = await shop.request('alice', 'POST', '/bindings', { phoneNo })
      expect([status, body.code, body.detail]).to.deep.equal([422, 'OVO_REFUSED', detail])
      expect((await shop.request('alice', 'GET', '/bindings')).body.status).to.equal('failed')
    })
  }

  it('is a second account while one is linked', async () => {
    await bind(shop, 'alice', alicesPhone)
    const { status, body } = await shop.request('alice', 'POST', '/bindings', { phoneNo: bobsPhone })
    expect([status, body.code]).to.deep.equal([409, 'ALREADY_BOUND'])
    expect((await shop.request('alice', 'GET', '/bindings')).body).to.include({
      status: 'active',
      phoneNo: '62*******0001',
    })
  })
})

describe('linking while things go wrong', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await startScene()
  })
  afterEach(() => scene.close())

  const start = (phoneNo = alicesPhone, ovo = scene.ovo) => ovo.service.bind(alice, { phoneNo })
  const find = () => scene.ovo.service.binding(alice)

  for (const fault of ['DOKU answers 500', 'the connection is cut', 'DOKU answers 200 with HTML']) {
    it(`has failed when ${fault}, and can be started again`, async () => {
      scene.doku.next('binding', faults[fault] ?? refusal('5000700'))
      expect((await rejection(start())).code).to.equal('DOKU_UNAVAILABLE')
      expect((await find()).status).to.equal('failed')
      expect((await start()).status).to.equal('pending')
    })
  }

  it('has failed when DOKU sends nobody anywhere', async () => {
    scene.doku.next('binding', { status: 200, body: { responseCode: '2000700', redirectUrl: 'https://x.example' } })
    expect((await rejection(start())).code).to.equal('DOKU_UNAVAILABLE')
    expect((await rejection(scene.ovo.service.balance(alice))).code).to.equal('BINDING_REQUIRED')
    expect(scene.doku.of('customerToken')).to.deep.equal([])
  })

  it('asks DOKU once for two clicks at once', async () => {
    const [one, two] = await Promise.all([start(), start()])
    expect(one).to.deep.equal(two)
    expect(scene.doku.of('binding')).to.have.length(1)
  })

  it('goes on in the window that started last, in whichever process', async () => {
    const held = deferred<void>()
    scene.doku.next('binding', async (response) => {
      await held.promise
      answer(response, scene.doku.success('binding'))
    })
    const first = rejection(start())
    while (scene.doku.of('binding').length < 1) await new Promise((resolve) => setImmediate(resolve))
    const second = await start('081200000002', scene.another())
    held.resolve()
    expect((await first).code).to.equal('BINDING_REPLACED')
    expect(await find()).to.deep.equal(second)
  })

  it('leaves the one that is pending alone when DOKU cannot say whether the customer has agreed to it', async () => {
    const before = await start()
    scene.doku.next('customerToken', refusal('5007400'))
    expect((await rejection(start())).code).to.equal('DOKU_UNAVAILABLE')
    expect(await find()).to.deep.equal(before)
  })

  it('replaces the one that is pending when the customer has not agreed to it', async () => {
    const before = await start()
    scene.doku.next('customerToken', refusal('4017400'))
    const after = await start('081200000002')
    expect(after.redirectUrl).not.to.equal(before.redirectUrl)
    expect(await find()).to.deep.equal(after)
  })

  it('is as it was when DOKU cannot be told of its end', async () => {
    await start()
    await scene.ovo.service.balance(alice)
    scene.doku.next('unbinding', refusal('5000900'))
    expect((await rejection(scene.ovo.service.unbind(alice))).code).to.equal('DOKU_UNAVAILABLE')
    expect((await find()).status).to.equal('active')
    expect((await scene.ovo.service.unbind(alice)).status).to.equal('unbound')
  })

  it('tells DOKU of the end even when the customer agreed at the very moment of ending', async () => {
    const storage = spied(memoryStorage())
    const other = await startScene({ storage })
    await other.ovo.service.bind(alice, phone)
    other.doku.next('customerToken', refusal('4017400'))
    // Between the answer that there is nothing to end and our writing it down, it becomes active.
    storage.before = async (method) => {
      if (method !== 'update') return
      storage.before = () => undefined
      await other.another().service.balance(alice)
    }
    expect((await other.ovo.service.unbind(alice)).status).to.equal('unbound')
    expect(other.doku.of('unbinding')).to.have.length(1)
    await other.close()
  })

  it('does not replace a link that became active at the moment of starting again', async () => {
    const storage = spied(memoryStorage())
    const other = await startScene({ storage })
    await other.ovo.service.bind(alice, phone)
    other.doku.next('customerToken', refusal('4017400'))
    storage.before = async (method) => {
      if (method !== 'update') return
      storage.before = () => undefined
      await other.another().service.balance(alice)
    }
    expect((await rejection(other.ovo.service.bind(alice, phone))).code).to.equal('BINDING_REPLACED')
    expect((await other.ovo.service.binding(alice)).status).to.equal('active')
    await other.close()
  })

  it('asks DOKU again before it forgets an authCode whose binding has moved since', async () => {
    const inner = memoryStorage()
    const storage = spied(inner)
    const other = await startScene({ storage })
    await other.ovo.service.bind(alice, phone)
    other.doku.next('customerToken', refusal('4017400'))
    storage.before = async (method, key) => {
      if (method !== 'update') return
      storage.before = () => undefined
      const stored = await inner.read(key)
      await inner.update(key, { ...(stored?.value as object), status: 'unlinked' }, stored?.version ?? 0)
    }
    expect((await other.ovo.service.unbind(alice)).status).to.equal('unbound')
    expect(other.doku.of('unbinding')).to.have.length(1)
    await other.close()
  })

  it('keeps no wish to end it once DOKU has refused to', async () => {
    const storage = spied(memoryStorage())
    const other = await startScene({ storage })
    await other.ovo.service.bind(alice, phone)
    await other.ovo.service.balance(alice)
    other.doku.next('unbinding', refusal('4000900'))
    expect((await rejection(other.ovo.service.unbind(alice))).code).to.equal('DOKU_REFUSED')
    const wishes = storage.written.map(({ value }) => JSON.parse(value).endingSince !== undefined)
    expect(wishes.slice(-2)).to.deep.equal([true, false])
    expect((await other.ovo.service.binding(alice)).status).to.equal('active')
    await other.close()
  })

  it('sends nothing when it cannot be written down', async () => {
    const storage = spied(memoryStorage())
    const other = await startScene({ storage })
    storage.before = (method) => {
      if (method === 'insert') throw new StorageError('down')
    }
    expect(await rejection(other.ovo.service.bind(alice, phone))).to.be.instanceOf(StorageError)
    expect(other.doku.arrivals).to.deep.equal([])
    await other.close()
  })

  it('reports the first error when its failure cannot be written down either', async () => {
    const storage = spied(memoryStorage())
    const other = await startScene({ storage })
    other.doku.next('binding', refusal('5000700'))
    storage.before = (method, key) => {
      if (method === 'update' && key.includes('/binding/')) throw new StorageError('down')
    }
    expect((await rejection(other.ovo.service.bind(alice, phone))).code).to.equal('DOKU_UNAVAILABLE')
    expect(other.logged.map(({ message }) => message)).to.include('a failed binding could not be recorded')
    await other.close()
  })

  it('is nothing at all for a customer who never started', async () => {
    expect((await rejection(find())).code).to.equal('BINDING_NOT_FOUND')
    expect((await rejection(scene.ovo.service.unbind(alice))).code).to.equal('BINDING_NOT_FOUND')
    expect((await rejection(scene.ovo.service.balance(alice))).code).to.equal('BINDING_REQUIRED')
  })

  it('tells DOKU what the customer told us, and nothing else', async () => {
    const profile = { customerName: 'Siti', email: 'siti@shop.example', dateOfBirth: '19990131' }
    await scene.ovo.service.bind(alice, { phoneNo: '0812-0000 0001', ...profile })
    const [sent] = scene.doku.of('binding')
    const { successRegistrationUrl, failedRegistrationUrl, ...rest } = sent?.body.additionalInfo ?? {}
    expect(rest).to.deep.equal({ custIdMerchant: 'alice', ...profile })
    expect(sent?.body.phoneNo).to.equal('6281200000001')
    expect(successRegistrationUrl).to.match(/^https:\/\/shop\.example\/ovo\/return\/binding\/[\w.-]+\/success$/)
    expect(failedRegistrationUrl).to.match(/\/failed$/)
  })

  const wrong: [string, object][] = [
    ['phoneNo', { phoneNo: '12345' }],
    ['phoneNo', {}],
    ['email', { ...phone, email: 'siti' }],
    ['dateOfBirth', { ...phone, dateOfBirth: '1999-01-31' }],
    ['customerName', { ...phone, customerName: 'a\nb' }],
    ['role', { ...phone, role: 'admin' }],
  ]
  for (const [field, input] of wrong) {
    it(`stores and sends nothing for ${JSON.stringify(input)}`, async () => {
      const error = await rejection(scene.ovo.service.bind(alice, input as typeof phone))
      expect(error).to.include({ code: 'INVALID_FIELD', field })
      expect(scene.doku.arrivals).to.deep.equal([])
      expect((await rejection(find())).code).to.equal('BINDING_NOT_FOUND')
    })
  }
})

describe('a phone number', () => {
  it('is one however people type it', () => {
    const typed = [
      '081234567890',
      '+6281234567890',
      '6281234567890',
      '0812 3456-7890',
      '0812.(3456) 7890',
      '+62 812 3456 7890',
    ]
    for (const text of typed) expect(normalisePhoneNo(text), text).to.equal('6281234567890')
  })

  it('is refused when it is none', () => {
    for (const text of [
      '',
      '0',
      '62',
      '812345678',
      '+1 212 555 0100',
      '08123',
      '0812345678901234567',
      '08１23456789',
      '081234567890x',
    ]) {
      expect(normalisePhoneNo(text), text).to.equal(undefined)
    }
  })

  it('has 9 to 16 digits and begins with 62, and reads the same again', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^(\+62|62|0)[1-9]\d{5,15}$/), (text) => {
        const phoneNo = normalisePhoneNo(text)
        if (phoneNo === undefined) return
        expect(phoneNo).to.match(/^62[1-9]\d{6,13}$/)
        expect(normalisePhoneNo(phoneNo)).to.equal(phoneNo)
        expect(normalisePhoneNo(`0${phoneNo.slice(2)}`)).to.equal(phoneNo)
      }),
    )
  })
})
