// Behind nginx, which removes the prefix /shop from the path: see nginx.conf.
import express from 'express'
import { dokuOvo } from 'express-doku-ovo'
import { credentials, customerOf, Orders, port, shopRoutes, url } from './your-shop.ts'

const orders = new Orders()
const ovo = dokuOvo({
  ...credentials(),
  publicUrl: `${url}/shop/ovo`, // The URL that DOKU and browsers use, before nginx changes the path.
  identify: customerOf,
  findOrder: (orderId, customer) => orders.toPay(orderId, customer),
  hooks: { paymentChanged: ({ payment }) => orders.settle(payment) },
})

const app = express()
app.set('trust proxy', 1) // One proxy: req.ip is the address that nginx saw. The rate limits and DOKU's fraud checks need it.
app.use('/ovo', ovo) // The path after nginx has removed /shop.
app.use(express.json())
app.use(shopRoutes(orders))

const server = app.listen(port, '127.0.0.1', (error) => {
  if (error) throw error
  console.log(`listening, the world comes in at ${url}`)
})
process.once('SIGTERM', async () => {
  server.close()
  await ovo.close()
})
