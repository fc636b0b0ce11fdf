// Several processes that share everything through Redis. Any of them can get a click or a notification.
import cluster from 'node:cluster'
import express from 'express'
import { type Customer, dokuOvo, type Order, type Payment } from 'express-doku-ovo'
import { redisStorage } from 'express-doku-ovo/redis'
import { createClient } from 'redis'
import { credentials, customerOf, port, type ShopOrder, shopRoutes, url } from './your-shop.ts'

const processes = 2

function superviseWorkers(): void {
  for (let started = 0; started < processes; started++) cluster.fork()
  const replace = () => void cluster.fork()
  cluster.on('exit', replace)
  process.once('SIGTERM', () => {
    cluster.off('exit', replace)
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM')
  })
}

function createRedis() {
  const client = createClient({ url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' })
  return client.on('error', (error) => console.error(`Redis: ${error.message}`))
}

type Redis = ReturnType<typeof createRedis>

/** One step for all processes. In SQL: `UPDATE orders SET status = 'paid' WHERE id = $1 AND amount = $2 AND status <> 'paid'`. */
const settleScript = `
local order = redis.call('HMGET', KEYS[1], 'status', 'amount')
if not order[1] or order[1] == 'paid' then return 'nothing to do' end
if ARGV[1] == 'paid' and order[2] ~= ARGV[2] then return 'wrong amount' end
redis.call('HSET', KEYS[1], 'status', ARGV[1])
return 'settled'`

/** Your own table of orders, which every process sees. */
class SharedOrders {
  readonly #client: Redis

  constructor(client: Redis) {
    this.#client = client
  }

  async add(order: ShopOrder): Promise<void> {
    await this.#client.hSet(`shop:order:${order.id}`, { ...order })
  }

  async find(id: string, customer: Customer): Promise<ShopOrder | undefined> {
    const order = (await this.#client.hGetAll(`shop:order:${id}`)) as Partial<Record<keyof ShopOrder, string>>
    return order.customerId === customer.id ? (order as ShopOrder) : undefined
  }

  async toPay(id: string, customer: Customer): Promise<Order | undefined> {
    const order = await this.find(id, customer)
    return order && { orderId: order.id, amount: order.amount }
  }

  async settle({ orderId, status, amount }: Payment): Promise<void> {
    const settled = await this.#client.eval(settleScript, {
      keys: [`shop:order:${orderId}`],
      arguments: [status, amount.value],
    })
    if (settled === 'wrong amount') console.error(`order ${orderId}: ${amount.value} is not its price; do not ship it`)
  }
}

async function serve(): Promise<void> {
  const client = await createRedis().connect()
  const orders = new SharedOrders(client)
  const ovo = dokuOvo({
    ...credentials(),
    publicUrl: `${url}/ovo`,
    storage: redisStorage(client, { prefix: 'shop:ovo:' }),
    requireCluster: true,
    identify: customerOf,
    findOrder: (orderId, customer) => orders.toPay(orderId, customer),
    hooks: { paymentChanged: ({ payment }) => orders.settle(payment) },
  })

  const app = express()
  app.use('/ovo', ovo)
  app.use(express.json())
  app.use(shopRoutes(orders))

  const server = app.listen(port, '127.0.0.1', (error) => {
    if (error) throw error
    console.log(`worker ${process.pid} is listening, the world comes in at ${url}`)
  })
  process.once('SIGTERM', async () => {
    server.close()
    await ovo.close()
    await client.close()
    process.disconnect()
  })
}

if (cluster.isPrimary) superviseWorkers()
else await serve()
