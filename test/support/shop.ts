import { createPrivateKey, createPublicKey } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express } from 'express'
import {
  type DokuOvo,
  type DokuOvoOptions,
  dokuOvo,
  type HookEvent,
  keepRawBody,
  memoryStorage,
  type Order,
} from 'express-doku-ovo'
import { createSimulator, type Simulator, type SimulatorOptions } from 'express-doku-ovo/simulator'
import { clientId, dokuKeys, merchantKeys, secretKey } from './keys.ts'
import { keepTexts, lookAt, lookAtEvent, lookForSecretsOf, watchedStorage, watchingLogger } from './leak-watch.ts'

/** Where a host's global `express.json()` stands. */
export type JsonParser = 'none' | 'after' | 'before' | 'before-keeping-raw-body'

export interface ShopSetup {
  readonly mount?: string
  readonly json?: JsonParser
  readonly options?: Partial<DokuOvoOptions>
  readonly simulator?: Partial<SimulatorOptions>
  readonly orders?: Record<string, Order>
}

/** A host app with the plug-in, and a simulator that plays DOKU for it: both on loopback. */
export interface Shop {
  /** Where the router is mounted. */
  readonly url: string
  readonly ovo: DokuOvo
  readonly simulator: Simulator
  /** What the hooks were told, in order. */
  readonly events: HookEvent[]
  /** What the host's error handler got. */
  readonly errors: unknown[]
  readonly orders: Map<string, Order>
  /** A request of a customer; nobody when `customer` is empty. */
  request(
    customer: string,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>
  close(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  readonly body: any
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export async function startSimulator(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = createSimulator({
    clientId,
    secretKey,
    merchantPublicKey: merchantKeys.publicKey,
    dokuPrivateKey: dokuKeys.privateKey,
    retryScheduleMs: [],
    ...options,
  })
  await simulator.listen()
  return simulator
}

/** Parsed once: every test gets options of its own. */
const merchantPrivateKey = createPrivateKey(merchantKeys.privateKey)
const dokuPublicKey = createPublicKey(dokuKeys.publicKey)

export function testOptions(baseUrl: string, publicUrl: string): DokuOvoOptions {
  return {
    clientId,
    secretKey,
    privateKey: merchantPrivateKey,
    dokuPublicKey,
    environment: { baseUrl },
    publicUrl,
    identify: (req) => {
      const id = req.get('x-customer')
      return id ? { id } : undefined
    },
    findOrder: () => undefined,
    rateLimit: false,
    logger: watchingLogger,
  }
}

function buildApp(setup: ShopSetup, ovo: DokuOvo, errors: unknown[]): Express {
  const app = express()
  if (setup.json === 'before') app.use(express.json())
  if (setup.json === 'before-keeping-raw-body') app.use(express.json({ verify: keepRawBody }))
  app.use(setup.mount ?? '/', ovo)
  if (setup.json === 'after') app.use(express.json())
  app.use((error: unknown, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
    errors.push(error)
    lookAt('error', error)
    res.status(500).end('the host’s own error page')
  })
  return app
}

export async function startShop(setup: ShopSetup = {}): Promise<Shop> {
  const simulator = await startSimulator(setup.simulator)
  const server = createServer()
  const origin = await listen(server)
  const url = origin + (setup.mount ?? '').replace(/\/$/, '')
  const events: HookEvent[] = []
  const errors: unknown[] = []
  const orders = new Map(Object.entries(setup.orders ?? { 'order-1': { amount: '10000.00' } }))
  const keep = (event: HookEvent) => {
    lookAtEvent(event)
    events.push(event)
  }
  const seenBefore = keepTexts()
  const ovo = dokuOvo({
    ...testOptions(simulator.url, url),
    findOrder: (orderId) => orders.get(orderId),
    storage: watchedStorage(memoryStorage(setup.options?.clock && { clock: setup.options.clock })),
    hooks: { paymentChanged: keep, bindingChanged: keep, notificationRejected: keep, notificationUnmatched: keep },
    ...setup.options,
  })
  server.on('request', buildApp(setup, ovo, errors))
  simulator.setMerchant({ tokenUrl: `${url}/webhooks/token`, notificationUrl: `${url}/webhooks/notification` })

  return {
    url,
    ovo,
    simulator,
    events,
    errors,
    orders,
    async request(customer, method, path, body, headers = {}) {
      const response = await fetch(url + path, {
        method,
        redirect: 'manual',
        headers: {
          ...(customer && { 'x-customer': customer }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      if (response.status >= 400 || path === '/health') lookAt('answer', text)
      const isJson = response.headers.get('content-type')?.includes('json')
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
    },
    async close() {
      await simulator.settled()
      lookForSecretsOf(simulator, seenBefore)
      await simulator.close()
      await ovo.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Links the customer's OVO account, as the customer would. */
export async function bind(shop: Shop, customer: string, phoneNo: string): Promise<void> {
  const { status, body } = await shop.request(customer, 'POST', '/bindings', { phoneNo })
  if (status !== 201) throw new Error(`binding failed: ${JSON.stringify(body)}`)
  shop.simulator.approveBinding(body.redirectUrl)
  await shop.simulator.settled()
}

export const alicesPhone = '6281200000001'
export const bobsPhone = '6281200000002'
/** Has too little money for most orders. */
export const poorPhone = '6281200000003'
export const blockedPhone = '6281200000004'
