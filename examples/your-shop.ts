// Stands for the parts that your app has already: signed-in people, orders, pages. Nothing here is about the router.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Router } from 'express'
import type { Customer, DokuOvoOptions, Order, Payment } from 'express-doku-ovo'

const { env } = process

export const port = Number(env.PORT ?? 3000)

/** The public URL of this app: the https address of your tunnel or proxy, without a slash at its end. */
export const url = env.PUBLIC_URL ?? `http://localhost:${port}`

/** From DOKU's dashboard, Settings > API Keys. `DOKU_BASE_URL` is the URL of a simulator, to use in place of DOKU's sandbox. */
export function credentials(prefix = '') {
  const read = (name: string) => env[`${prefix}${name}`] ?? ''
  const baseUrl = read('DOKU_BASE_URL')
  return {
    clientId: read('DOKU_CLIENT_ID'),
    secretKey: read('DOKU_SECRET_KEY'),
    privateKey: read('DOKU_PRIVATE_KEY'),
    dokuPublicKey: read('DOKU_PUBLIC_KEY'),
    environment: baseUrl ? { baseUrl } : 'sandbox',
  } satisfies Partial<DokuOvoOptions>
}

const sessions = new Map([
  ['session-of-alice', { id: 'alice' }],
  ['session-of-bob', { id: 'bob' }],
])

/** Stands for your own session middleware. */
export function customerOf({ headers }: IncomingMessage): Customer | undefined {
  return sessions.get(/(?:^|; )session=([^;]+)/.exec(headers.cookie ?? '')?.[1] ?? '')
}

const prices = new Map([
  ['coffee', '25000.00'],
  ['kettle', '310000.00'],
])

export interface ShopOrder {
  readonly id: string
  readonly customerId: string
  readonly amount: string
  readonly status: string
}

export function newOrder(customer: Customer, product: string): ShopOrder | undefined {
  const amount = prices.get(product)
  return amount === undefined ? undefined : { id: randomUUID(), customerId: customer.id, amount, status: 'open' }
}

/** Your own table of orders. */
export class Orders {
  readonly #orders = new Map<string, ShopOrder>()

  async add(order: ShopOrder): Promise<void> {
    this.#orders.set(order.id, order)
  }

  async find(id: string, customer: Customer): Promise<ShopOrder | undefined> {
    const order = this.#orders.get(id)
    return order?.customerId === customer.id ? order : undefined
  }

  /** Tells the router the amount of an order. The amount never comes from the browser. */
  async toPay(id: string, customer: Customer): Promise<Order | undefined> {
    const order = await this.find(id, customer)
    return order && { orderId: order.id, amount: order.amount }
  }

  /**
   * In SQL: `UPDATE orders SET status = 'paid' WHERE id = $1 AND amount = $2 AND status <> 'paid'`. Nothing overwrites `paid`:
   * a hook can be called twice, and an older attempt can be cancelled late.
   */
  async settle({ orderId, status, amount }: Payment): Promise<void> {
    const order = this.#orders.get(orderId)
    if (!order || order.status === 'paid') return
    const isWrong = status === 'paid' && amount.value !== order.amount
    if (isWrong) console.error(`order ${orderId} costs ${order.amount}, but ${amount.value} was paid: do not ship it`)
    else this.#orders.set(orderId, { ...order, status })
  }
}

/** Your own routes. They need `express.json()` before them. */
export function shopRoutes(orders: Pick<Orders, 'add' | 'find'>): Router {
  const routes = Router()
  routes.post('/orders', async (req, res) => {
    const customer = customerOf(req)
    if (!customer) return res.sendStatus(401)
    const order = newOrder(customer, req.body.product)
    if (!order) return res.sendStatus(404)
    await orders.add(order)
    return res.status(201).json(order)
  })
  routes.get('/orders/:id', async (req, res) => {
    const customer = customerOf(req)
    const order = customer && (await orders.find(req.params.id, customer))
    return order ? res.json(order) : res.sendStatus(404)
  })
  return routes
}
