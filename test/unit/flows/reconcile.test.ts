import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import type { HookEvent, PaymentStatus } from 'express-doku-ovo'
import { deferred } from '../../support/deferred.ts'
import {
  alice,
  dayMs,
  type MoneyScene,
  type MoneySetup,
  minuteMs,
  rejection,
  said,
  startLinkedScene,
  startMoneyScene,
  statusCalls,
} from '../../support/money-scene.ts'

const recurring: MoneySetup = { order: { amount: '10000.00', paymentType: 'RECURRING' } }

/** With every notification lost. */
async function startSilentScene(setup: MoneySetup = {}): Promise<MoneyScene> {
  const scene = await startLinkedScene(setup)
  scene.simulator.faults.always('notification', { kind: 'lost' })
  return scene
}

/** The schedule asks eight times in any 24 hours; six more are for those who would like to know. */
function expectFewCalls(scene: MoneyScene, atMost = 8): void {
  const asked = statusCalls(scene)
  for (const from of asked) {
    expect(asked.filter((at) => at >= from && at < from + dayMs)).to.have.length.below(atMost + 1)
  }
}

describe('with every notification lost, reconciliation', () => {
  let scene: MoneyScene
  let front: Awaited<ReturnType<typeof startFront>> | undefined
  afterEach(async () => {
    await scene.close()
    front?.server.closeAllConnections()
    front?.server.close()
    front = undefined
  })

  /** How a payment begins, what became of it at DOKU, and how it has to end. */
  const cases: {
    readonly name: string
    readonly setup?: MoneySetup
    readonly begin?: () => void
    readonly status: PaymentStatus
    readonly after?: (url: string) => void
    readonly end: PaymentStatus
  }[] = [
    {
      name: 'a confirmed one that awaited the customer',
      status: 'awaiting-customer',
      after: (url) => scene.simulator.approvePayment(url),
      end: 'paid',
    },
    {
      name: 'a declined one that awaited the customer',
      status: 'awaiting-customer',
      after: (url) => scene.simulator.declinePayment(url),
      end: 'cancelled',
    },
    {
      name: 'a failed one that awaited the customer',
      begin: () => scene.simulator.faults.next('payment', { kind: 'fails-first' }),
      status: 'awaiting-customer',
      after: (url) => scene.simulator.approvePayment(url),
      end: 'failed',
    },
    { name: 'one that DOKU was processing', setup: recurring, status: 'processing', end: 'paid' },
    {
      name: 'a charged one whose answer was cut off',
      setup: recurring,
      begin: () => scene.simulator.faults.next('payment', { kind: 'cut', carriesOut: true }),
      status: 'unknown',
      end: 'paid',
    },
    {
      name: 'a charged one that DOKU answered with 500',
      setup: recurring,
      begin: () => scene.simulator.faults.next('payment', { kind: 'http-error', carriesOut: true }),
      status: 'unknown',
      end: 'paid',
    },
  ]
  for (const { name, setup, begin, status, after, end } of cases) {
    it(`ends ${name}: ${end}; it asks after a minute, and no sooner`, async () => {
      scene = await startSilentScene(setup)
      begin?.()
      const payment = await scene.pay()
      expect(payment.status).to.equal(status)
      after?.(payment.webRedirectUrl ?? '')
      scene.clock.pass(minuteMs - 1)
      await scene.ovo.service.reconcile()
      expect(statusCalls(scene)).to.deep.equal([])
      scene.clock.pass(1)
      await scene.ovo.service.reconcile()
      expect(statusCalls(scene)).to.have.length(1)
      expect((await scene.payment(payment.partnerReferenceNo)).status).to.equal(end)
      expect(said(scene.events)).to.deep.equal([`payment ${status}`, `payment ${end}`])
      // DOKU does not call a failure final: it is asked again after an hour and after a day.
      await scene.reconcileFor(dayMs, 60 * minuteMs)
      expect(statusCalls(scene)).to.have.length(end === 'paid' ? 1 : 3)
      expect((await scene.payment(payment.partnerReferenceNo)).status).to.equal(end)
    })
  }

  it('ends one whose process died between sending it and storing the answer', async () => {
    scene = await startSilentScene(recurring)
    scene.storage.before = (method, key) => {
      if (method === 'update' && key.includes('/order/')) throw new Error('the process is gone')
    }
    const { status, partnerReferenceNo } = await scene.pay()
    expect(status).to.equal('unknown')
    scene.storage.before = () => undefined
    expect((await scene.payment(partnerReferenceNo)).status).to.equal('sending')
    const other = scene.another()
    await scene.reconcileFor(minuteMs, minuteMs, other)
    expect((await scene.payment(partnerReferenceNo)).status).to.equal('paid')
    expect(said(scene.events)).to.deep.equal(['payment paid'])
    expect(scene.simulator.ledger).to.have.length(1)
  })

  for (const how of ['404xx01', 'status 07'] as const) {
    it(`calls one that never arrived failed when DOKU says so (${how}) twice, half an hour later and 15 minutes apart; then the order can be paid`, async () => {
      scene = await startSilentScene()
      front = how === 'status 07' ? await startFront(scene.simulator.url, scene.clock.read) : undefined
      const ovo = front ? scene.another({ environment: { baseUrl: front.url } }) : scene.ovo
      scene.simulator.faults.next('payment', { kind: 'cut' })
      const first = await scene.pay('order-1', ovo)
      expect(first.status).to.equal('unknown')
      await scene.reconcileFor(59 * minuteMs, minuteMs, ovo)
      expect(front?.asked ?? statusCalls(scene)).to.have.length(4)
      expect((await scene.payment(first.partnerReferenceNo)).status).to.equal('unknown')
      await scene.reconcileFor(minuteMs, minuteMs, ovo)
      const ended = await scene.payment(first.partnerReferenceNo)
      expect([ended.status, ended.failure?.code]).to.deep.equal(['failed', 'NOT_FOUND'])
      expect(scene.simulator.arrivals.filter(({ operation }) => operation === 'payment')).to.have.length(1)
      const second = await scene.pay('order-1', ovo)
      expect(second.status).to.equal('awaiting-customer')
      expect(second.partnerReferenceNo).not.to.equal(first.partnerReferenceNo)
    })
  }

  it('gives up what DOKU still calls pending after seven days, and asks at most eight times a day till then', async () => {
    scene = await startSilentScene()
    const { partnerReferenceNo } = await scene.pay()
    await scene.reconcileFor(7 * dayMs - 60 * minuteMs, 60 * minuteMs)
    expect((await scene.payment(partnerReferenceNo)).status).to.equal('awaiting-customer')
    await scene.reconcileFor(dayMs, 60 * minuteMs)
    const ended = await scene.payment(partnerReferenceNo)
    expect([ended.status, ended.failure?.code]).to.deep.equal(['failed', 'EXPIRED'])
    expectFewCalls(scene)
    const asked = statusCalls(scene).length
    await scene.reconcileFor(14 * dayMs, 60 * minuteMs)
    // After an hour, a day, three and seven days; the first hour and day may have been counted already.
    expect(statusCalls(scene).length - asked).to.be.within(2, 4)
    expect((await scene.payment(partnerReferenceNo)).failure?.code).to.equal('EXPIRED')
  })

  it('asks rarely, however many others want to know; a late notification begins the schedule again', async () => {
    scene = await startSilentScene({ options: { releaseAfterMs: false } })
    const { partnerReferenceNo } = await scene.pay()
    const [arrival] = scene.simulator.arrivals.filter(({ operation }) => operation === 'payment')
    const { additionalInfo } = JSON.parse(arrival?.body ?? '{}')
    const back = new URL(additionalInfo.successPaymentUrl).pathname
    const other = scene.another()
    for (let passed = 0; passed < 3 * dayMs; passed += 45 * minuteMs) {
      scene.clock.pass(45 * minuteMs)
      await Promise.all([
        scene.request('alice', 'GET', `/payments/${partnerReferenceNo}`),
        scene.request('', 'GET', back),
        scene.simulator.notify(partnerReferenceNo, { staleMs: dayMs, body: { latestTransactionStatus: '00' } }),
        other.service.payment(alice, partnerReferenceNo),
        other.service.reconcile(),
        scene.pay(),
      ])
    }
    expectFewCalls(scene, 20)
    expect(statusCalls(scene)).to.have.length.above(16)
    expect((await scene.payment(partnerReferenceNo)).status).to.equal('awaiting-customer')
  })

  it('still ends a payment within half a day whose customer reloads the return page all the time', async () => {
    scene = await startSilentScene()
    const { webRedirectUrl = '', partnerReferenceNo } = await scene.pay()
    const [arrival] = scene.simulator.arrivals.filter(({ operation }) => operation === 'payment')
    const { additionalInfo } = JSON.parse(arrival?.body ?? '{}')
    const back = new URL(additionalInfo.failedPaymentUrl).pathname
    await Promise.all(Array.from({ length: 20 }, () => scene.request('', 'GET', back)))
    expect(statusCalls(scene)).to.have.length(3)
    scene.simulator.approvePayment(webRedirectUrl)
    await scene.reconcileFor(dayMs / 2, 60 * minuteMs)
    expect((await scene.payment(partnerReferenceNo)).status).to.equal('paid')
  })

  it('decides nothing while DOKU cannot be reached for days, and ends everything when it can again', async () => {
    scene = await startSilentScene()
    const { webRedirectUrl = '', partnerReferenceNo } = await scene.pay()
    scene.simulator.approvePayment(webRedirectUrl)
    scene.simulator.faults.always('status', { kind: 'cut' })
    await scene.reconcileFor(9 * dayMs, 6 * 60 * minuteMs)
    expectFewCalls(scene)
    expect(said(scene.events)).to.deep.equal(['payment awaiting-customer'])
    expect((await scene.payment(partnerReferenceNo)).status).to.equal('awaiting-customer')
    scene.simulator.faults.clear('status')
    await scene.reconcileFor(dayMs, 6 * 60 * minuteMs)
    expect((await scene.payment(partnerReferenceNo)).status).to.equal('paid')
  })

  it('asks once about each payment when two processes look at the same moment', async () => {
    scene = await startSilentScene()
    const other = scene.another()
    const orders = Array.from({ length: 40 }, (_, index) => `order-${index}`)
    await Promise.all(orders.map((orderId) => scene.pay(orderId)))
    await scene.ovo.service.reconcile()
    scene.clock.pass(minuteMs)
    const found = await Promise.all([scene.ovo.service.reconcile(), other.service.reconcile()])
    expect(found[0] + found[1]).to.be.at.least(40)
    expect(statusCalls(scene)).to.have.length(40)
  })

  it('asks once when twenty polls in two processes find it due', async () => {
    scene = await startSilentScene()
    const other = scene.another()
    const { partnerReferenceNo } = await scene.pay()
    scene.clock.pass(minuteMs)
    const polls = Array.from({ length: 20 }, (_, index) => (index % 2 ? other : scene.ovo))
    await Promise.all(polls.map((ovo) => ovo.service.payment(alice, partnerReferenceNo)))
    expect(statusCalls(scene)).to.have.length(1)
  })

  it('asks again after a minute when the process that had it leased is gone', async () => {
    scene = await startSilentScene()
    const { webRedirectUrl = '', partnerReferenceNo } = await scene.pay()
    scene.simulator.approvePayment(webRedirectUrl)
    await scene.ovo.service.reconcile()
    scene.clock.pass(minuteMs)
    expect(await scene.storage.lease(scene.clock.now, minuteMs, 10)).to.have.length(1)
    expect(await scene.ovo.service.reconcile()).to.equal(0)
    scene.clock.pass(minuteMs)
    expect(await scene.ovo.service.reconcile()).to.be.at.least(1)
    expect((await scene.payment(partnerReferenceNo)).status).to.equal('paid')
  })
})

/** Stands before the simulator, and answers every question about a payment with 200 and status 07. */
async function startFront(simulatorUrl: string, now: () => number) {
  const asked: string[] = []
  const server = createServer(async (req, res): Promise<unknown> => {
    const body = Buffer.concat(await req.toArray())
    res.setHeader('content-type', 'application/json')
    res.setHeader('date', new Date(now()).toUTCString())
    if (req.url?.endsWith('/debit/status')) {
      asked.push(body.toString())
      return res.end('{"responseCode":"2005500","responseMessage":"Successful","latestTransactionStatus":"07"}')
    }
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = req.headers
    const options = { method: 'POST', headers: headers as Record<string, string>, body }
    const answer = await fetch(simulatorUrl + req.url, options).catch(() => undefined)
    if (!answer) return req.socket.destroy()
    res.statusCode = answer.status
    return res.end(await answer.text())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { asked, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe('the reconciliation of bindings', () => {
  let scene: MoneyScene
  afterEach(() => scene.close())
  const begin = async (setup: MoneySetup = {}) => {
    scene = await startMoneyScene({ simulator: { sendsBindingNotification: false }, ...setup })
    return scene.ovo.service.bind(alice, { phoneNo: '081200000001' })
  }
  const status = async () => (await scene.ovo.service.binding(alice)).status

  it('finds out that the customer has agreed, after a minute', async () => {
    const { redirectUrl = '' } = await begin()
    scene.simulator.approveBinding(redirectUrl)
    await scene.reconcileFor(minuteMs)
    expect(await status()).to.equal('active')
    expect(said(scene.events)).to.deep.equal(['binding pending', 'binding active'])
  })

  it('calls it failed when the customer has not agreed within half an hour, and nobody asks any more', async () => {
    await begin()
    await scene.reconcileFor(29 * minuteMs)
    expect(await status()).to.equal('pending')
    await scene.reconcileFor(minuteMs)
    expect(await status()).to.equal('failed')
    const { length } = scene.simulator.arrivals
    await scene.reconcileFor(dayMs, 60 * minuteMs)
    expect(scene.simulator.arrivals).to.have.length(length)
  })

  it('calls it failed when the process died before it had an answer to keep', async () => {
    const dead = deferred<void>()
    scene = await startMoneyScene()
    scene.storage.before = (method, key) =>
      method === 'update' && key.includes('/binding/') ? dead.promise : undefined
    const lost = scene.ovo.service.bind(alice, { phoneNo: '081200000001' })
    await scene.simulator.arrived('binding')
    const other = scene.another()
    scene.storage.before = () => undefined
    await scene.reconcileFor(minuteMs, minuteMs, other)
    expect((await other.service.binding(alice)).status).to.equal('failed')
    dead.resolve()
    expect((await rejection(lost)).code).to.equal('BINDING_REPLACED')
  })

  it('decides nothing while DOKU cannot be reached', async () => {
    const { redirectUrl = '' } = await begin()
    scene.simulator.approveBinding(redirectUrl)
    scene.simulator.faults.always('customer-token', { kind: 'cut' })
    await scene.reconcileFor(2 * dayMs, 60 * minuteMs)
    expect(await status()).to.equal('pending')
    scene.simulator.faults.clear()
    await scene.reconcileFor(dayMs, 60 * minuteMs)
    expect(await status()).to.equal('active')
  })

  for (const [what, carriesOut] of [
    ['DOKU had carried out', true],
    ['DOKU had never received', false],
  ] as const) {
    it(`finishes an unlinking that ${what} when its answer was lost`, async () => {
      scene = await startLinkedScene()
      scene.simulator.faults.next('unbinding', { kind: 'cut', carriesOut })
      expect((await rejection(scene.ovo.service.unbind(alice))).code).to.equal('DOKU_UNAVAILABLE')
      expect(await status()).to.equal('active')
      await scene.reconcileFor(minuteMs)
      expect(await status()).to.be.oneOf(['unbound', 'unlinked'])
      expect(scene.simulator.accounts[0]).not.to.have.property('linkedTo', 'alice')
      expect((await rejection(scene.pay())).code).to.equal('BINDING_REQUIRED')
      const { length } = scene.simulator.arrivals
      await scene.reconcileFor(dayMs, 60 * minuteMs)
      expect(scene.simulator.arrivals).to.have.length(length)
    })
  }
})

describe('the loop that is built in', () => {
  it('ends a payment without anybody calling it', async () => {
    const paid = deferred<HookEvent>()
    const scene = await startSilentScene()
    const { webRedirectUrl = '' } = await scene.pay()
    scene.simulator.approvePayment(webRedirectUrl)
    scene.clock.pass(minuteMs)
    const paymentChanged = (event: HookEvent) => {
      if ('payment' in event && event.payment.status === 'paid') paid.resolve(event)
    }
    scene.another({ reconcileEveryMs: 10, hooks: { paymentChanged } })
    expect(said([await paid.promise])).to.deep.equal(['payment paid'])
    await scene.close()
  })

  it('goes on after a run that failed, and never runs when it is off', async () => {
    const scene = await startMoneyScene()
    const again = deferred<void>()
    let runs = 0
    const idle = scene.storage.leases
    const broken: typeof scene.storage = {
      ...scene.storage,
      async lease() {
        if (++runs === 3) again.resolve()
        throw new Error('the storage is gone')
      },
    }
    scene.another({ reconcileEveryMs: 10, storage: broken })
    await again.promise
    expect(scene.logged).to.include('reconciliation could not run')
    expect(scene.storage.leases).to.equal(idle)
    await scene.close()
  })
})

describe('records of another merchant in the same storage', () => {
  it('are left as they are', async () => {
    const scene = await startMoneyScene()
    const key = 'ANOTHER/order/1'
    const value = { attempts: [{ status: 'sending' }] }
    const stored = await scene.storage.insert(key, value, { dueAt: scene.clock.now })
    expect(await scene.ovo.service.reconcile()).to.equal(1)
    expect(await scene.storage.read(key)).to.deep.equal({ key, value, version: stored?.version })
    await scene.close()
  })
})
