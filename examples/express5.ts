// Express 5, TypeScript: the usual host.
import express from 'express'
import { dokuOvo } from 'express-doku-ovo'
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
app.use('/ovo', ovo) // Before express.json(): DOKU's signatures cover the bytes of the body.
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
