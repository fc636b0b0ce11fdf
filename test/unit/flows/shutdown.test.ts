import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { expect } from 'chai'
import express from 'express'
import { deferred } from '../../support/deferred.ts'
import { alice, type MoneyScene, minuteMs, rejection, said, startLinkedScene } from '../../support/money-scene.ts'

describe('close()', () => {
  let scene: MoneyScene
  beforeEach(async () => {
    scene = await startLinkedScene()
  })
  afterEach(() => scene.close())

  /** A payment that DOKU has in its hands once `held` resolves, and does not answer yet. */
  const inFlight = (pay: () => Promise<unknown>) => {
    scene.simulator.faults.next('payment', { kind: 'latency' })
    const paying = pay()
    return { paying, held: scene.simulator.until(() => scene.simulator.faults.held('payment') === 1) }
  }

  it('refuses new work with 503 SHUTTING_DOWN, on every route and in the service', async () => {
    await scene.ovo.close()
    for (const [method, path] of [
      ['POST', '/bindings'],
      ['GET', '/bindings'],
      ['POST', '/payments'],
      ['GET', '/payments/x'],
      ['POST', '/payments/x/refunds'],
      ['POST', '/webhooks/notification'],
      ['GET', '/health'],
    ] as const) {
      const { status, body } = await scene.request('alice', method, path, method === 'POST' ? {} : undefined)
      expect([status, body.code], path).to.deep.equal([503, 'SHUTTING_DOWN'])
    }
    const { service } = scene.ovo
    for (const work of [
      () => service.pay(alice, { orderId: 'order-1' }),
      () => service.bind(alice, { phoneNo: '081200000001' }),
      () => service.unbind(alice),
      () => service.balance(alice),
      () => service.refund('x'),
      () => service.reconcile(),
      () => service.parkedEvents(),
      () => service.redeliver('x'),
    ]) {
      expect((await rejection(work())).code).to.equal('SHUTTING_DOWN')
    }
  })

  it('lets a payment that is under way end, answers it, and tells the hook, before it resolves', async () => {
    const { paying, held } = inFlight(() => scene.request('alice', 'POST', '/payments', { orderId: 'order-1' }))
    await held
    const closing = scene.ovo.close().then(() => said(scene.events))
    expect((await scene.request('alice', 'GET', '/bindings')).status).to.equal(503)
    scene.simulator.faults.release('payment')
    const answer = (await paying) as { status: number; body: { status: string } }
    expect([answer.status, answer.body.status]).to.deep.equal([201, 'awaiting-customer'])
    expect(await closing).to.deep.equal(['payment awaiting-customer'])
  })

  it('waits for a payment whose customer has left: what DOKU answers is stored before the storage is closed', async () => {
    const order: string[] = []
    const ovo = scene.another({
      storage: {
        ...scene.storage,
        async update(...args: Parameters<typeof scene.storage.update>) {
          // Slow enough for a close() that does not wait to come first.
          for (let turn = 0; turn < 200 && order.length === 0; turn++) {
            await new Promise((resolve) => setImmediate(resolve))
          }
          return scene.storage.update(...args)
        },
        close: async () => void order.push('storage closed'),
      },
      hooks: { paymentChanged: () => void order.push('stored') },
    })
    const gone = deferred<void>()
    const app = express()
    app.use((_req, res, next) => {
      res.once('close', () => gone.resolve())
      next()
    })
    const server = createServer(app.use(ovo)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    scene.simulator.faults.next('payment', { kind: 'latency' })
    const headers = { 'x-customer': 'alice', 'content-type': 'application/json' }
    const customer = request({ port, host: '127.0.0.1', method: 'POST', path: '/payments', headers })
    customer.on('error', () => undefined)
    customer.end('{"orderId":"order-1"}')
    await scene.simulator.until(() => scene.simulator.faults.held('payment') === 1)
    customer.destroy()
    await gone.promise
    const closing = ovo.close()
    scene.simulator.faults.release('payment')
    await closing
    expect(order).to.deep.equal(['stored', 'storage closed'])
    server.close()
  })

  it('succeeds however often it is called, at once and later', async () => {
    await Promise.all([scene.ovo.close(), scene.ovo.close()])
    await scene.ovo.close()
  })

  it('ends the loop', async () => {
    const ran = deferred<void>()
    let runs = 0
    const storage = {
      ...scene.storage,
      lease: async () => {
        if (++runs === 2) ran.resolve()
        return []
      },
    }
    const ovo = scene.another({ reconcileEveryMs: 10, storage })
    await ran.promise
    await ovo.close()
    const before = runs
    const control = deferred<void>()
    let others = 0
    scene.another({
      reconcileEveryMs: 10,
      storage: {
        ...scene.storage,
        lease: async () => {
          if (++others === 5) control.resolve()
          return []
        },
      },
    })
    await control.promise
    expect(runs).to.equal(before)
  })

  it('leaves what was not delivered to the process that comes after', async () => {
    const failing = scene.another({
      hooks: {
        paymentChanged() {
          throw new Error('going down')
        },
      },
    })
    await scene.pay('order-1', failing)
    await failing.close()
    scene.clock.pass(minuteMs / 2)
    await scene.ovo.service.reconcile()
    expect(said(scene.events)).to.deep.equal(['payment awaiting-customer'])
  })
})
