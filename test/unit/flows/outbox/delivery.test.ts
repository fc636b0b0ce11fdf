import { expect } from 'chai'
import type { HookEvent, Json } from 'express-doku-ovo'
import fc from 'fast-check'
import { EventRecords, Outbox } from '../../../../lib/flows/outbox/outbox.ts'
import type { WithOutbox } from '../../../../lib/flows/outbox/outbox-state.ts'
import { ParkedEvents } from '../../../../lib/flows/outbox/parked-events.ts'
import { recordKeys } from '../../../../lib/records/records.ts'
import { memoryStorage } from '../../../../lib/storage/memory.ts'
import { deferred } from '../../../support/deferred.ts'
import {
  alice,
  type MoneyScene,
  said,
  startLinkedScene,
  startMoneyScene,
  watched,
} from '../../../support/money-scene.ts'
import { hooksBegun } from '../../../support/scene.ts'
import { TestClock } from '../../../support/test-clock.ts'

/** Longer than any claim lasts with the deadline of 5 s. */
const claimMs = 10_001

const isOrder = (key: string) => key.includes('/order/')

describe('events', () => {
  let scene: MoneyScene
  let hook: (event: HookEvent) => unknown
  beforeEach(async () => {
    hook = () => undefined
    scene = await startLinkedScene({
      options: {
        hooks: {
          async paymentChanged(event) {
            scene.events.push(event)
            await hook(event)
          },
        },
      },
    })
    scene.storage.writes.length = 0
  })
  afterEach(() => scene.close())

  /** Delivers what is due, of this process. */
  const deliver = (ovo = scene.ovo) => ovo.service.reconcile()
  const failing = () => {
    throw new Error('the shop’s database is down')
  }

  it('are stored in the same write as the change that they tell of', async () => {
    await scene.paid()
    const seen = new Map<string, string>()
    for (const { key, value } of scene.storage.writes.filter(({ key }) => isOrder(key))) {
      const { attempts, outbox } = value as unknown as {
        attempts: { partnerReferenceNo: string; status: string }[]
        outbox?: { events: { event: { payment: { status: string } } }[] }
      }
      for (const { partnerReferenceNo, status } of attempts) {
        const before = seen.get(partnerReferenceNo)
        if (before !== undefined && before !== status) {
          const told = outbox?.events.at(-1)?.event.payment.status
          expect(told, `${key} ${before} -> ${status}`).to.equal(status)
        }
        seen.set(partnerReferenceNo, status)
      }
    }
    expect([...seen.values()]).to.deep.equal(['paid'])
    expect(said(scene.events)).to.deep.equal(['payment awaiting-customer', 'payment paid'])
  })

  it('are delivered when the change can be read already', async () => {
    const read: Json[] = []
    hook = async ({ type, ...event }) => {
      if (type !== 'paymentChanged' || !('payment' in event)) return
      read.push((await scene.payment(event.payment.partnerReferenceNo)).status)
    }
    await scene.paid()
    expect(read).to.deep.equal(['awaiting-customer', 'paid'])
  })

  it('leave nothing behind in the record once they are delivered', async () => {
    await scene.paid()
    expect(scene.storage.writes.filter(({ key }) => isOrder(key)).at(-1)?.value).not.to.have.property('outbox')
  })

  it('come again with the same id after the pause, and no sooner, when the hook throws; later ones wait', async () => {
    hook = failing
    await scene.paid()
    expect(said(scene.events)).to.deep.equal(['payment awaiting-customer'])
    await deliver()
    expect(scene.events).to.have.length(1)
    hook = () => undefined
    scene.clock.pass(1201)
    await deliver()
    const again = ['payment awaiting-customer', 'payment awaiting-customer', 'payment paid']
    expect(said(scene.events)).to.deep.equal(again)
    expect(new Set(scene.events.map(({ id }) => id)).size).to.equal(2)
    expect(scene.events[1]).to.deep.equal(scene.events[0])
  })

  it('wait for their own pause only, also when another one is added meanwhile', async () => {
    hook = failing
    const { webRedirectUrl = '' } = await scene.pay()
    await deliver()
    scene.clock.pass(700)
    scene.simulator.approvePayment(webRedirectUrl)
    await scene.simulator.settled()
    hook = () => undefined
    scene.clock.pass(501)
    await deliver()
    expect(said(scene.events).slice(1)).to.deep.equal(['payment awaiting-customer', 'payment paid'])
  })

  it('count as failed when the hook outlasts its deadline', async () => {
    const forEver = deferred<void>()
    const slow = scene.another({ hookDeadlineMs: 10, hooks: { paymentChanged: () => forEver.promise } })
    await scene.pay('order-1', slow)
    await deliver(slow)
    expect(scene.logged).to.include('a hook failed')
    scene.clock.pass(1201)
    await deliver()
    expect(said(scene.events)).to.deep.equal(['payment awaiting-customer'])
    forEver.resolve()
  })

  it('are not changed by what a hook does to its copy', async () => {
    hook = (event) => {
      Object.assign(event, { id: 'mine', payment: undefined })
      throw new Error('and fails')
    }
    await scene.pay()
    await deliver()
    hook = () => undefined
    scene.clock.pass(1201)
    await deliver()
    expect(scene.events[1]).to.have.property('payment').that.includes({ status: 'awaiting-customer' })
    expect(scene.events[1]?.id).not.to.equal('mine')
  })

  describe('that fail too often', () => {
    const failTillParked = async () => {
      hook = (event) => {
        if ('payment' in event && event.payment.status === 'awaiting-customer') throw new Error('a bug in the shop')
      }
      await scene.paid()
      for (const pause of [1201, 6001]) {
        scene.clock.pass(pause)
        await deliver()
      }
    }

    it('are tried once and after every pause, are parked then, and let the later ones go by', async () => {
      await failTillParked()
      const tries = Array(3).fill('payment awaiting-customer')
      expect(said(scene.events)).to.deep.equal([...tries, 'payment paid'])
      expect(said(await scene.ovo.service.parkedEvents())).to.deep.equal(['payment awaiting-customer'])
      expect((await scene.request('', 'GET', '/health')).body.parkedEvents).to.equal(1)
      expect(scene.logged).to.include('an event is parked: its hook failed too often')
    })

    it('can be delivered by hand, by any process, and stay parked until that succeeds', async () => {
      await failTillParked()
      const [parked] = await scene.ovo.service.parkedEvents()
      const id = parked?.id ?? ''
      expect(await scene.ovo.service.redeliver(id)).to.equal(false)
      expect(await scene.ovo.service.parkedEvents()).to.have.length(1)
      hook = () => undefined
      expect(await scene.another().service.redeliver('no such event')).to.equal(false)
      expect(await scene.another().service.redeliver(id)).to.equal(true)
      expect(scene.events.at(-1)?.id).to.equal(id)
      expect(await scene.ovo.service.parkedEvents()).to.deep.equal([])
      expect((await scene.request('', 'GET', '/health')).body.parkedEvents).to.equal(0)
      expect(await scene.ovo.service.redeliver(id)).to.equal(false)
    })

    it('stay where they are while they cannot be parked', async () => {
      scene.storage.before = (method, key) => {
        if (method !== 'read' && key.endsWith('/parked-events')) throw new Error('the storage is full')
      }
      await failTillParked()
      scene.storage.before = () => undefined
      expect(await scene.ovo.service.parkedEvents()).to.deep.equal([])
      scene.clock.pass(claimMs)
      await deliver()
      expect(said(await scene.ovo.service.parkedEvents())).to.deep.equal(['payment awaiting-customer'])
      expect(said(scene.events).at(-1)).to.equal('payment paid')
    })
  })

  describe('of a process that dies', () => {
    it('in its hook: another one delivers them once the claim has run out, and no sooner', async () => {
      const never = deferred<void>()
      const dying = scene.another({ hookDeadlineMs: 5000, hooks: { paymentChanged: () => never.promise } })
      const other = scene.another()
      await scene.pay('order-1', dying)
      await hooksBegun()
      await deliver(other)
      scene.clock.pass(claimMs - 2)
      await deliver(other)
      expect(scene.events).to.deep.equal([])
      scene.clock.pass(2)
      await deliver(other)
      expect(said(scene.events)).to.deep.equal(['payment awaiting-customer'])
      // It was only asleep, and wakes: nothing is undone, and nobody is told again.
      never.resolve()
      await deliver(dying)
      await deliver(other)
      expect(scene.events).to.have.length(1)
    })

    it('after its hook: another one delivers them again, with the same id', async () => {
      const told: HookEvent[] = []
      const disk = watched(scene.storage)
      const dying = scene.another({
        storage: disk,
        hooks: {
          paymentChanged(event) {
            told.push(event)
            disk.before = () => Promise.reject(new Error('cut off'))
          },
        },
      })
      await scene.pay('order-1', dying)
      await hooksBegun()
      scene.clock.pass(claimMs)
      await deliver(scene.another())
      expect(scene.events).to.deep.equal(told)
      expect(told).to.have.length(1)
    })
  })

  describe('with a hook that does not come back', () => {
    it('keep no webhook from its answer, and no other payment’s events from theirs', async () => {
      const held = deferred<void>()
      hook = (event) => ('payment' in event && event.payment.orderId === 'order-1' ? held.promise : undefined)
      const { webRedirectUrl = '' } = await scene.pay('order-1')
      scene.simulator.approvePayment(webRedirectUrl)
      await scene.simulator.settled()
      expect(scene.simulator.notifications.map(({ status }) => status).slice(-1)).to.deep.equal([200])
      const other = await scene.pay('order-2')
      await hooksBegun()
      const changed = deferred<void>()
      hook = () => changed.resolve()
      scene.simulator.approvePayment(other.webRedirectUrl ?? '')
      await changed.promise
      expect(said(scene.events)).to.deep.equal([
        'payment awaiting-customer',
        'payment awaiting-customer',
        'payment paid',
      ])
      held.resolve()
      await deliver()
      expect(said(scene.events)).to.have.length(4)
    })
  })

  describe('delivered while a flow is at work on the same record', () => {
    it('let a failed payment be tried anew', async () => {
      scene.simulator.faults.next('payment', { kind: 'refusal', code: '403xx14' })
      const held = deferred<void>()
      hook = () => held.promise
      await scene.pay()
      scene.simulator.faults.next('status', { kind: 'latency' })
      const again = scene.pay()
      await scene.simulator.until(() => scene.simulator.faults.held('status') === 1)
      held.resolve()
      await settledRecord()
      scene.simulator.faults.release('status')
      expect((await again).status).to.equal('awaiting-customer')
    })

    it('let a refund come to its end', async () => {
      const held = deferred<void>()
      const { webRedirectUrl = '', partnerReferenceNo } = await scene.pay()
      hook = () => held.promise
      scene.simulator.approvePayment(webRedirectUrl)
      await scene.simulator.settled()
      scene.simulator.faults.next('refund', { kind: 'latency' })
      const refund = scene.ovo.service.refund(partnerReferenceNo)
      await scene.simulator.until(() => scene.simulator.faults.held('refund') === 1)
      held.resolve()
      await settledRecord()
      scene.simulator.faults.release('refund')
      expect((await refund).refund.status).to.equal('succeeded')
    })

    /** The order's events are delivered, and that is written. */
    async function settledRecord(): Promise<void> {
      await deliver()
      expect(scene.storage.writes.filter(({ key }) => isOrder(key)).at(-1)?.value).not.to.have.property('outbox')
    }
  })
})

describe('the event of a binding', () => {
  it('that is delivered while DOKU is being asked does not make linking fail', async () => {
    const scene = await startMoneyScene()
    scene.simulator.faults.next('binding', { kind: 'latency' })
    const answer = scene.request('alice', 'POST', '/bindings', { phoneNo: '081200000001' })
    await scene.simulator.until(() => scene.simulator.faults.held('binding') === 1)
    await scene.ovo.service.reconcile()
    expect(said(scene.events)).to.deep.equal(['binding pending'])
    scene.simulator.faults.release('binding')
    const { status, body } = await answer
    expect([status, body.status]).to.deep.equal([201, 'pending'])
    await scene.close()
  })

  it('keeps its turn: a record that is replaced still tells what became of the one before', async () => {
    const held = deferred<void>()
    const told: HookEvent[] = []
    const scene: MoneyScene = await startMoneyScene({
      options: {
        hooks: {
          async bindingChanged(event) {
            told.push(event)
            await held.promise
          },
        },
      },
    })
    scene.simulator.faults.next('binding', { kind: 'refusal', code: '403xx15' })
    await scene.ovo.service.bind(alice, { phoneNo: '081200000001' }).catch(() => undefined)
    await scene.ovo.service.bind(alice, { phoneNo: '081200000001' })
    held.resolve()
    await scene.ovo.service.reconcile()
    expect(said(told)).to.deep.equal(['binding pending', 'binding failed', 'binding pending'])
    await scene.close()
  })
})

describe('two processes that change one record', () => {
  interface Counted extends WithOutbox {
    readonly count: number
  }

  /** Everything waits as many turns as the next number says. */
  function turns(numbers: readonly number[]) {
    let next = 0
    return async () => {
      for (let left = numbers[next++ % numbers.length] ?? 0; left > 0; left--) {
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }

  async function race(delays: readonly number[], failures: readonly boolean[]) {
    const clock = new TestClock()
    const storage = watched(memoryStorage({ clock: clock.read }))
    const wait = turns(delays)
    storage.before = wait
    const delivered: string[] = []
    let calls = 0
    const hooks = {
      async paymentChanged({ id }: HookEvent) {
        await wait()
        if (failures[calls++ % failures.length]) throw new Error('not now')
        delivered.push(id)
      },
    }
    const log = () => undefined
    const options = {
      clientId: 'c',
      hooks,
      hookDeadlineMs: 5000,
      hookRetriesMs: Array(50).fill(1000),
      clock: clock.read,
      logger: { debug: log, info: log, warn: log, error: log },
      random: () => 0.5,
    }
    const parked = new ParkedEvents({ keys: recordKeys('c'), storage })
    const records = new EventRecords<Counted>(storage, { ownsEvent: () => true })
    const outboxes = [new Outbox(options, parked), new Outbox(options, parked)]
    const commit = async (outbox: Outbox) => {
      for (;;) {
        const stored = await records.read('r')
        const value = { ...stored?.value, count: (stored?.value.count ?? 0) + 1 }
        const payment = { partnerReferenceNo: String(value.count) }
        const event = { type: 'paymentChanged', customerId: 'a', previousStatus: 'sending', payment } as never
        if (await outbox.commit(records, { key: 'r', value, version: stored?.version, events: [event] })) return
      }
    }
    await Promise.all(
      outboxes.map(async (outbox) => {
        for (let n = 0; n < 6; n++) await commit(outbox)
      }),
    )
    for (let round = 0; (await records.read('r'))?.value.outbox && round < 100; round++) {
      for (const outbox of outboxes) outbox.deliver(records, 'r')
      for (const outbox of outboxes) await outbox.drain()
      clock.pass(1001)
    }
    return { delivered, stored: idsInOrder(storage.writes.map(({ value }) => value)), last: await records.read('r') }
  }

  /** Every event that was ever stored, in the order of its coming. */
  function idsInOrder(values: readonly Json[]): string[] {
    const ids = new Set<string>()
    for (const value of values) {
      const { outbox } = value as unknown as { outbox?: { events: { event: { id: string } }[] } }
      for (const { event } of outbox?.events ?? []) ids.add(event.id)
    }
    return [...ids]
  }

  it('lose no event, and deliver all in the order in which they were stored, each once while both live', async () => {
    const delays = fc.array(fc.nat(4), { minLength: 1, maxLength: 40 })
    const failures = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }).map((list) => [...list, false])
    await fc.assert(
      fc.asyncProperty(delays, failures, async (waits, fails) => {
        const { delivered, stored, last } = await race(waits, fails)
        expect(stored).to.have.length(12)
        expect(delivered).to.deep.equal(stored)
        expect(last?.value.count).to.equal(12)
        expect(last?.value).to.not.have.property('outbox')
      }),
      { numRuns: 60 },
    )
  })
})
