import { expect } from 'chai'
import { memoryStorage, type Storage, StorageError } from 'express-doku-ovo'
import type { Ports } from '../../../../lib/flows/ports.ts'
import { AccessTokens } from '../../../../lib/flows/session/access-token.ts'
import { deferred } from '../../../support/deferred.ts'
import { answer, FakeDoku, refusal } from '../../../support/fake-doku.ts'
import { clientId } from '../../../support/keys.ts'
import {
  alice,
  type LogLine,
  link,
  logTo,
  portsFor,
  rejection,
  type Scene,
  spied,
  startScene,
} from '../../../support/scene.ts'
import { TestClock } from '../../../support/test-clock.ts'

const key = `${clientId}/access-token`

describe('the access token', () => {
  let doku: FakeDoku
  let clock: TestClock
  let storage: Storage
  let opened: (Ports & { close(): Promise<void> })[]
  let logged: LogLine[]

  beforeEach(async () => {
    doku = await FakeDoku.start()
    clock = new TestClock()
    storage = memoryStorage({ clock: clock.read })
    opened = []
    logged = []
  })
  afterEach(async () => {
    await doku.close()
    for (const ports of opened) await ports.close()
  })

  /** One process. Its sleep moves the clock by `pace` of the time, or not at all: then nobody is ever given up for dead. */
  function process(kept: Storage = storage, pace = 0): AccessTokens {
    const sleep = async (ms: number) => {
      clock.now += ms * pace
      await new Promise((resolve) => setImmediate(resolve))
    }
    const ports = portsFor(doku.url, { storage: kept, clock: clock.read, sleep, logger: logTo(logged) })
    opened.push(ports)
    return new AccessTokens(ports)
  }
  /** Resolves when DOKU was asked so often. */
  async function fetched(times: number): Promise<void> {
    while (doku.of('accessToken').length < times) await new Promise((resolve) => setImmediate(resolve))
  }

  it('is fetched once for 1,000 callers at once', async () => {
    const tokens = process()
    const got = await Promise.all(Array.from({ length: 1000 }, () => tokens.get()))
    expect(new Set(got).size).to.equal(1)
    expect(doku.of('accessToken')).to.have.length(1)
  })

  it('is fetched once for two processes that start at once, and is the same for both', async () => {
    const [one, two] = await Promise.all([process().get(), process().get()])
    expect(one).to.equal(two)
    expect(doku.of('accessToken')).to.have.length(1)
  })

  it('is read from the storage by a process that starts later', async () => {
    const token = await process().get()
    expect(await process().get()).to.equal(token)
    expect(doku.of('accessToken')).to.have.length(1)
  })

  it('is kept sealed', async () => {
    const token = await process().get()
    expect(JSON.stringify(await storage.read(key))).not.to.include(token)
  })

  it('is refreshed in the background from 80 % of its life on, while the old one is used', async () => {
    const tokens = process()
    const first = await tokens.get()
    clock.passSeconds(719)
    expect(await tokens.get()).to.equal(first)
    expect(doku.of('accessToken')).to.have.length(1)
    const held = deferred<void>()
    doku.next('accessToken', async (response) => {
      await held.promise
      answer(response, doku.success('accessToken'))
    })
    clock.passSeconds(1)
    expect(await tokens.get()).to.equal(first)
    await fetched(2)
    expect(await tokens.get()).to.equal(first)
    held.resolve()
    let token = first
    while (token === first) {
      await new Promise((resolve) => setImmediate(resolve))
      token = await tokens.get()
    }
    expect(doku.of('accessToken')).to.have.length(2)
  })

  it('is still used when the background refresh fails, and the failure is logged', async () => {
    const tokens = process()
    const first = await tokens.get()
    clock.passSeconds(720)
    doku.next('accessToken', refusal('5007300'))
    expect(await tokens.get()).to.equal(first)
    while (logged.length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(logged[0]?.message).to.equal('the access token could not be refreshed yet')
  })

  it('is fetched anew when it has ended', async () => {
    const tokens = process()
    const first = await tokens.get()
    clock.passSeconds(900)
    expect(await tokens.get()).not.to.equal(first)
    expect(doku.of('accessToken')).to.have.length(2)
  })

  it('is taken from the storage before another is fetched, when DOKU refuses the one at hand', async () => {
    const one = process()
    const two = process()
    const old = await one.get()
    await two.get()
    const refusing = async (token: string) => {
      if (token === old) throw await invalidToken()
      return token
    }
    const renewed = await one.use(refusing)
    expect(await two.use(refusing)).to.equal(renewed)
    expect(doku.of('accessToken')).to.have.length(2)
  })

  it('is fetched once when 100 requests are refused at once', async () => {
    const tokens = process()
    const old = await tokens.get()
    const error = await invalidToken()
    const before = doku.of('accessToken').length
    const used = await Promise.all(
      Array.from({ length: 100 }, () =>
        tokens.use(async (token) => {
          if (token === old) throw error
          return token
        }),
      ),
    )
    expect(new Set(used).size).to.equal(1)
    expect(doku.of('accessToken').length - before).to.equal(1)
  })

  it('that is being fetched elsewhere is waited for', async () => {
    const held = deferred<void>()
    doku.next('accessToken', async (response) => {
      await held.promise
      answer(response, doku.success('accessToken'))
    })
    const first = process().get()
    await fetched(1)
    const asleep = deferred<void>()
    const ports = portsFor(doku.url, {
      storage,
      clock: clock.read,
      sleep: async () => {
        asleep.resolve()
        await first
      },
    })
    opened.push(ports)
    const second = new AccessTokens(ports).get()
    await asleep.promise
    held.resolve()
    expect(await second).to.equal(await first)
    expect(doku.of('accessToken')).to.have.length(1)
  })

  it('is fetched by another process when the one that was fetching has died', async () => {
    await storage.insert(key, { fetchingUntil: clock.now + 15_000 })
    const started = clock.now
    await process(storage, 1).get()
    expect(clock.now - started).to.be.within(15_000, 15_100)
    expect(doku.of('accessToken')).to.have.length(1)
  })

  it('can be fetched by the next at once when fetching has failed', async () => {
    doku.next('accessToken', refusal('5007300'))
    const started = clock.now
    await rejection(process().get())
    await process().get()
    expect(clock.now).to.equal(started)
    expect(doku.of('accessToken')).to.have.length(2)
  })

  it('whose seal does not open is fetched anew', async () => {
    const { version } = (await storage.insert(key, {})) ?? { version: 0 }
    await storage.update(key, { token: 'tampered', expiresAt: clock.now + 1e6, refreshAt: clock.now + 1e6 }, version)
    expect(await process().get()).to.match(/^accessToken-secret/)
  })

  it('is not fetched while the storage is down: nobody else could use it', async () => {
    const broken = spied(storage)
    broken.before = () => {
      throw new StorageError('down')
    }
    expect(await rejection(process(broken).get())).to.be.instanceOf(StorageError)
    expect(doku.of('accessToken')).to.deep.equal([])
  })

  async function invalidToken(): Promise<Error> {
    doku.next('balance', refusal('4011101'))
    const ports = portsFor(doku.url)
    opened.push(ports)
    return rejection(ports.doku.inquireBalance({ accessToken: 'x', customerToken: 'x', externalId: '1' }))
  }
})

describe('a request that DOKU refuses for its access token', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await startScene()
    await link(scene)
  })
  afterEach(() => scene.close())

  for (const code of ['4011101', '4011103']) {
    it(`is sent once more with a new one (${code})`, async () => {
      scene.doku.next('balance', refusal(code))
      expect(await scene.ovo.service.balance(alice)).to.deep.equal({ cash: { value: '5.00', currency: 'IDR' } })
      expect(scene.doku.of('accessToken')).to.have.length(1)
      expect(scene.doku.of('balance')).to.have.length(2)
    })

    it(`is given up when the new one is refused too (${code})`, async () => {
      scene.doku.always.balance = refusal(code)
      expect((await rejection(scene.ovo.service.balance(alice))).code).to.equal('DOKU_REFUSED')
      expect(scene.doku.of('balance')).to.have.length(2)
    })
  }
})
