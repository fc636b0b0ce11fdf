// Express 4, CommonJS: require() works on every Node.js version that the package supports.
const { randomUUID } = require('node:crypto')
const express = require('express')
const { dokuOvo } = require('express-doku-ovo')

const { DOKU_CLIENT_ID, DOKU_SECRET_KEY, DOKU_PRIVATE_KEY, DOKU_PUBLIC_KEY, DOKU_BASE_URL } = process.env
const port = Number(process.env.PORT ?? 3000)
const url = process.env.PUBLIC_URL ?? `http://localhost:${port}`

// These three stand for your own sign-in, prices and table of orders.
const sessions = new Map([['session=session-of-alice', { id: 'alice' }]])
const prices = new Map([['coffee', '25000.00']])
const orders = new Map()

const ovo = dokuOvo({
  clientId: DOKU_CLIENT_ID ?? '',
  secretKey: DOKU_SECRET_KEY ?? '',
  privateKey: DOKU_PRIVATE_KEY ?? '',
  dokuPublicKey: DOKU_PUBLIC_KEY ?? '',
  environment: DOKU_BASE_URL ? { baseUrl: DOKU_BASE_URL } : 'sandbox',
  publicUrl: `${url}/ovo`,
  identify: (req) => sessions.get(req.headers.cookie ?? ''),
  findOrder: (orderId, customer) => {
    const order = orders.get(orderId)
    return order?.customerId === customer.id ? { orderId: order.id, amount: order.amount } : undefined
  },
  hooks: {
    // In SQL: UPDATE orders SET status = 'paid' WHERE id = ? AND amount = ? AND status <> 'paid'
    paymentChanged: ({ payment: { orderId, status, amount } }) => {
      const order = orders.get(orderId)
      if (!order || order.status === 'paid') return
      const isWrong = status === 'paid' && amount.value !== order.amount
      if (isWrong) console.error(`order ${orderId} costs ${order.amount}, but ${amount.value} was paid: do not ship it`)
      else order.status = status
    },
  },
})

const app = express()
app.use('/ovo', ovo) // Before express.json(): DOKU's signatures cover the bytes of the body.
app.use(express.json())

app.post('/orders', (req, res) => {
  const customer = sessions.get(req.headers.cookie ?? '')
  const amount = prices.get(req.body.product)
  if (!customer || !amount) return res.sendStatus(customer ? 404 : 401)
  const order = { id: randomUUID(), customerId: customer.id, amount, status: 'open' }
  orders.set(order.id, order)
  return res.status(201).json(order)
})

app.get('/orders/:id', (req, res) => {
  const customer = sessions.get(req.headers.cookie ?? '')
  const order = orders.get(req.params.id)
  return customer && order?.customerId === customer.id ? res.json(order) : res.sendStatus(404)
})

const server = app.listen(port, '127.0.0.1', () => console.log(`listening, the world comes in at ${url}`))
process.once('SIGTERM', async () => {
  server.close()
  await ovo.close()
})
