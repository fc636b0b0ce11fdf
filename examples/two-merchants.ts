// Two DOKU merchants in one process. Each has its own router, credentials, orders and payments.
import express from 'express'
import { type DokuOvo, dokuOvo } from 'express-doku-ovo'
import { credentials, customerOf, Orders, port, shopRoutes, url } from './your-shop.ts'

const app = express()
const routers: DokuOvo[] = []

for (const name of ['batik', 'coffee']) {
  const orders = new Orders()
  const ovo = dokuOvo({
    ...credentials(`${name.toUpperCase()}_`),
    publicUrl: `${url}/${name}/ovo`,
    identify: customerOf,
    findOrder: (orderId, customer) => orders.toPay(orderId, customer),
    hooks: { paymentChanged: ({ payment }) => orders.settle(payment) },
  })
  routers.push(ovo)
  app.use(`/${name}/ovo`, ovo)
  app.use(`/${name}`, express.json(), shopRoutes(orders))
}

const server = app.listen(port, '127.0.0.1', (error) => {
  if (error) throw error
  console.log(`listening, the world comes in at ${url}`)
})
process.once('SIGTERM', async () => {
  server.close()
  await Promise.all(routers.map((ovo) => ovo.close()))
})
