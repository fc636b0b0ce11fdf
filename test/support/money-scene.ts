import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import {
  type DokuOvo,
  type DokuOvoOptions,
  dokuOvo,
  type HookEvent,
  type Json,
  memoryStorage,
  type Order,
  type Payment,
  type Storage,
} from 'express-doku-ovo'
import type { Simulator, SimulatorOptions } from 'express-doku-ovo/simulator'
import { decorate, isWrite } from './decorate.ts'
import { watched as watchedLogger } from './leak-watch.ts'
import { startSimulator, testOptions } from './shop.ts'
import { TestClock } from './test-clock.ts'

export const minuteMs = 60_000
export const dayMs = 24 * 60 * minuteMs

interface Write {
  readonly key: string
  readonly value: Json
  readonly dueAt: number | undefined
}

/** A storage that remembers what was written, and can be held up or broken before anything happens. */
export interface WatchedStorage extends Storage {
  readonly writes: Write[]
  leases: number
  before: (method: 'read' | 'insert' | 'update' | 'lease', key: string) => unknown
}

export function watched(storage: Storage): WatchedStorage {
  const watch: WatchedStorage = {
    ...decorate(storage, {
      async before({ method, args }) {
        if (method === 'lease') watch.leases++
        if (method !== 'remove') await watch.before(method, method === 'lease' ? '' : args[0])
      },
      after(call, stored) {
        if (!isWrite(call) || !stored) return
        const [key, value] = call.args
        const { dueAt } = (call.method === 'insert' ? call.args[2] : call.args[3]) ?? {}
        watch.writes.push({ key, value: structuredClone(value), dueAt })
      },
    }),
    writes: [],
    leases: 0,
    before: () => undefined,
  }
  return watch
}

interface LooksLikeAttempt {
  readonly status: string
  readonly isDoubted?: true
  readonly claimedPaidAt?: number
  readonly failure?: { readonly code: string }
  readonly checksAfterFailure?: number
  readonly refunds?: readonly { readonly status: string }[]
}

interface LooksUnfinished {
  readonly status?: string
  readonly endingSince?: number
  readonly outbox?: unknown
  readonly attempts?: readonly LooksLikeAttempt[]
}

const live = ['sending', 'unknown', 'processing', 'awaiting-customer']

/** Four more questions follow a failure, unless the request never left. */
const canTurn = ({ status, failure, checksAfterFailure = 0 }: LooksLikeAttempt) =>
  ['failed', 'cancelled'].includes(status) && failure?.code !== 'NOT_SENT' && checksAfterFailure < 4

/** The same once more in the test's own words: a person or a process must look after it again. */
export function isUnfinished(value: unknown): boolean {
  const { status, endingSince, outbox, attempts = [] } = value as LooksUnfinished
  const open = attempts.some(
    (attempt) =>
      live.includes(attempt.status) ||
      canTurn(attempt) ||
      attempt.isDoubted ||
      attempt.claimedPaidAt !== undefined ||
      attempt.refunds?.some((refund) => live.includes(refund.status)),
  )
  return open || outbox !== undefined || status === 'pending' || endingSince !== undefined
}

export interface MoneySetup {
  readonly options?: Partial<DokuOvoOptions>
  readonly simulator?: Partial<SimulatorOptions>
  /** How much the orders cost. Default: 10000.00 */
  readonly order?: Order
}

/** One merchant with any number of processes on one storage; the simulator plays DOKU, and everybody has the same clock. */
export interface MoneyScene {
  readonly clock: TestClock
  readonly simulator: Simulator
  readonly storage: WatchedStorage
  /** The first process; DOKU's notifications come here. */
  readonly ovo: DokuOvo
  readonly url: string
  /** What the hooks were told, by all processes. */
  readonly events: HookEvent[]
  /** What was logged, each line with its message. */
  readonly logged: string[]
  another(options?: Partial<DokuOvoOptions>): DokuOvo
  /** A request of a customer; nobody when `customer` is empty. */
  request(customer: string, method: string, path: string, body?: unknown): Promise<Answer>
  /** Begins a payment of alice's. */
  pay(orderId?: string, ovo?: DokuOvo): Promise<Payment>
  /** A payment of alice's that she has confirmed; everything is told. */
  paid(orderId?: string): Promise<Payment>
  payment(partnerReferenceNo: string): Promise<Payment>
  /** Lets the time pass, in steps, and a process look after what is due at each. */
  reconcileFor(ms: number, stepMs?: number, ovo?: DokuOvo): Promise<void>
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  readonly body: any
}

export const alice = { id: 'alice' }

async function listen() {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function ask(url: string, customer: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(customer && { 'x-customer': customer }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text }
}

export async function startMoneyScene(setup: MoneySetup = {}): Promise<MoneyScene> {
  const clock = new TestClock()
  const simulator = await startSimulator({ clock: clock.read, ...setup.simulator })
  const { server, url } = await listen()
  const storage = watched(memoryStorage({ clock: clock.read }))
  const events: HookEvent[] = []
  const logged: string[] = []
  const keep = (event: HookEvent) => void events.push(event)
  const logger = watchedLogger((_level, _details, message) => void logged.push(message))
  const plugins: DokuOvo[] = []
  const another = (more: Partial<DokuOvoOptions> = {}) => {
    const ovo = dokuOvo({
      ...testOptions(simulator.url, url),
      findOrder: () => setup.order ?? { amount: '10000.00' },
      hooks: { paymentChanged: keep, bindingChanged: keep, refundChanged: keep, orderPaidTwice: keep },
      clock: clock.read,
      sleep: () => new Promise((resolve) => setImmediate(resolve)),
      logger,
      hookRetriesMs: [1000, 5000],
      reconcileEveryMs: false,
      api: 'core-v1',
      storage,
      ...setup.options,
      ...more,
    })
    plugins.push(ovo)
    return ovo
  }
  const ovo = another()
  const app = express().use(ovo)
  app.use((_error: unknown, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
    res.status(500).end('the host’s own error page')
  })
  server.on('request', app)
  simulator.setMerchant({ tokenUrl: `${url}/webhooks/token`, notificationUrl: `${url}/webhooks/notification` })

  const scene: MoneyScene = {
    clock,
    simulator,
    storage,
    ovo,
    url,
    events,
    logged,
    another,
    request: (customer, method, path, body) => ask(url, customer, method, path, body),
    async pay(orderId = 'order-1', by = ovo) {
      return (await by.service.pay(alice, { orderId })).payment
    },
    async paid(orderId = 'order-1') {
      const { webRedirectUrl = '', partnerReferenceNo } = await scene.pay(orderId)
      simulator.approvePayment(webRedirectUrl)
      await simulator.settled()
      await ovo.service.reconcile()
      return scene.payment(partnerReferenceNo)
    },
    payment: (partnerReferenceNo) => ovo.service.payment(alice, partnerReferenceNo),
    async reconcileFor(ms, stepMs = minuteMs, by = ovo) {
      for (let passed = 0; passed < ms; passed += stepMs) {
        clock.pass(stepMs)
        await by.service.reconcile()
      }
    },
    async close() {
      await simulator.settled()
      await simulator.close()
      for (const plugin of plugins) await plugin.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      const forgotten = storage.writes.filter(({ value, dueAt }) => isUnfinished(value) && !Number.isFinite(dueAt))
      expect(forgotten, 'written, unfinished, and never looked at again').to.deep.equal([])
    },
  }
  return scene
}

/** Links alice's account and forgets that it had to be done. */
async function linkAlice(scene: MoneyScene): Promise<void> {
  const { redirectUrl = '' } = await scene.ovo.service.bind(alice, { phoneNo: '081200000001' })
  scene.simulator.approveBinding(redirectUrl)
  await scene.simulator.settled()
  await scene.ovo.service.balance(alice)
  await scene.ovo.service.reconcile()
  scene.events.length = 0
}

export async function startLinkedScene(setup: MoneySetup = {}): Promise<MoneyScene> {
  const scene = await startMoneyScene(setup)
  await linkAlice(scene)
  return scene
}

/** What each event says, in two words. */
export function said(events: readonly HookEvent[]): string[] {
  return events.map((event) => {
    if (event.type === 'paymentChanged') return `payment ${event.payment.status}`
    if (event.type === 'bindingChanged') return `binding ${event.binding.status}`
    return event.type === 'refundChanged' ? `refund ${event.refund.status}` : event.type
  })
}

/** When DOKU was asked about payments, in ms since the epoch. */
export function statusCalls({ simulator }: MoneyScene): number[] {
  return simulator.arrivals.filter(({ operation }) => operation === 'status').map(({ arrivedAt }) => arrivedAt)
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string; field?: string }> {
  try {
    await promise
  } catch (error) {
    return error as Error
  }
  throw new Error('it was not rejected')
}
