// A global express.json() that must stay before the router. It keeps the bytes of the body for the router.
import express from 'express'
import { dokuOvo, keepRawBody } from 'express-doku-ovo'
import { credentials, customerOf, Orders, port, shopRoutes, url } from './your-shop.ts'

const orders = new Orders()
const ovo = dokuOvo({
  ...credentials(),
  publicUrl: `${url}/ovo`,
  identify: customerOf,
  findOrder: (orderId, customer) => orders.toPay(orderId, customer),
  hooks: { paymentChanged: ({ payment }) => orders.settle(payment) },
})

const app = express()
app.use(express.json({ verify: keepRawBody }))
app.use(shopRoutes(orders))
app.use('/ovo', ovo)

const server = app.listen(port, '127.0.0.1', (error) => {
  if (error) throw error
  console.log(`listening, the world comes in at ${url}`)
})
process.once('SIGTERM', async () => {
  server.close()
  await ovo.close()
})
