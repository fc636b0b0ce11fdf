import {
  type DokuOvo,
  type DokuOvoOptions,
  dokuOvo,
  type HookEvent,
  memoryStorage,
  type Order,
  type Storage,
} from 'express-doku-ovo'
import { DokuClient } from '../../lib/doku/client.ts'
import { createTransport } from '../../lib/doku/transport.ts'
import type { Ports } from '../../lib/flows/ports.ts'
import { parseOptions } from '../../lib/options/settings.ts'
import { recordKeys } from '../../lib/records/records.ts'
import { createVault } from '../../lib/records/vault.ts'
import { decorate, isWrite } from './decorate.ts'
import { FakeDoku } from './fake-doku.ts'
import { lookAt, lookAtEvent, watched, watchedStorage } from './leak-watch.ts'
import { testOptions } from './shop.ts'
import { TestClock } from './test-clock.ts'

export interface LogLine {
  readonly level: string
  readonly message: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into details freely
  readonly details: any
}

/** A plug-in without Express, in front of a DOKU that does as it is told. */
export interface Scene {
  readonly doku: FakeDoku
  readonly clock: TestClock
  readonly storage: Storage
  readonly ovo: DokuOvo
  readonly events: HookEvent[]
  readonly logged: LogLine[]
  readonly orders: Map<string, unknown>
  /** Another process of the same merchant. */
  another(options?: Partial<DokuOvoOptions>): DokuOvo
  close(): Promise<void>
}

export function logTo(lines: LogLine[]) {
  return watched((level, details, message) => void lines.push({ level, details, message }))
}

export async function startScene(options: Partial<DokuOvoOptions> = {}): Promise<Scene> {
  const doku = await FakeDoku.start()
  const clock = new TestClock()
  doku.now = clock.read
  const storage = (options.storage as Storage | undefined) ?? watchedStorage(memoryStorage({ clock: clock.read }))
  const events: HookEvent[] = []
  const logged: LogLine[] = []
  const orders = new Map<string, unknown>([['order-1', { amount: '10000.00' }]])
  const keep = (event: HookEvent) => {
    lookAtEvent(event)
    events.push(event)
  }
  const plugins: DokuOvo[] = []
  const another = (more: Partial<DokuOvoOptions> = {}) => {
    const ovo = dokuOvo({
      ...testOptions(doku.url, 'https://shop.example/ovo'),
      findOrder: (orderId) => orders.get(orderId) as Order | undefined,
      hooks: {
        paymentChanged: keep,
        bindingChanged: keep,
        orderPaidTwice: keep,
        notificationRejected: keep,
        notificationUnmatched: keep,
      },
      clock: clock.read,
      sleep: () => new Promise((resolve) => setImmediate(resolve)),
      logger: logTo(logged),
      ...options,
      ...more,
      storage,
    })
    plugins.push(ovo)
    return ovo
  }
  const close = async () => {
    await doku.close()
    for (const plugin of plugins) await plugin.close()
  }
  return { doku, clock, storage, ovo: another(), events, logged, orders, another, close }
}

export const alice = { id: 'alice' }
export const bob = { id: 'bob' }

/** Linked, and proven so by an exchange. */
export async function link(scene: Scene, customer = alice): Promise<void> {
  await scene.ovo.service.bind(customer, { phoneNo: '081200000001' })
  await scene.ovo.service.balance(customer)
  scene.doku.arrivals.length = 0
}

/** What the flows are given, for tests of one flow alone. */
export function portsFor(url: string, options: Partial<DokuOvoOptions> = {}): Ports & { close(): Promise<void> } {
  const settings = parseOptions({ ...testOptions(url, 'https://shop.example/ovo'), ...options })
  const transport = createTransport({ baseUrl: settings.baseUrl, maxAnswerBytes: 100_000 })
  return {
    ...settings,
    doku: new DokuClient({ ...settings, transport }),
    keys: recordKeys(settings.clientId),
    vault: createVault({ keys: settings.encryptionKeys }),
    close: () => transport.close(),
  }
}

/** Hooks begin when the answer is out: this is after that. */
export async function hooksBegun(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise
  } catch (error) {
    lookAt('error', error)
    return error as Error
  }
  throw new Error('it was not rejected')
}

/** A storage that a test can look into, hold up and break. */
export function spied(storage: Storage) {
  const written: { key: string; value: string }[] = []
  const spy: Storage & { written: typeof written; before: (method: string, key: string) => unknown } = {
    ...decorate(storage, {
      async before(call) {
        if (call.method === 'read' || isWrite(call)) await spy.before(call.method, call.args[0])
        if (isWrite(call)) written.push({ key: call.args[0], value: JSON.stringify(call.args[1]) })
      },
    }),
    written,
    before: () => undefined,
  }
  return spy
}
