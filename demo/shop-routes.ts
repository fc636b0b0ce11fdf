import express, { type Request, type RequestHandler, type Response, type Router } from 'express'
import { catalogue } from './catalogue.ts'
import type { Orders } from './orders.ts'
import { type Person, people } from './people.ts'
import type { Sessions } from './sessions.ts'

/** The values to type on OVO's pages, if the simulator serves them. */
export interface Hint {
  readonly phoneNo: string
  readonly otp: string
  readonly pin: string
}

interface ShopParts {
  readonly sessions: Sessions
  readonly orders: Orders
  readonly hints: Readonly<Record<string, Hint>>
  /** Whether DOKU's api has payments without OVO's page. */
  readonly canPayAtOnce: boolean
}

/** The usual routes of a shop: sign-in, catalogue, baskets and orders. */
export function createShopRoutes({ sessions, orders, hints, canPayAtOnce }: ShopParts): Router {
  const customers = onlyCustomers(sessions)
  const routes = express.Router()
  routes.get('/api/session', (req, res) => {
    const person = sessions.personOf(req)
    res.json({ people, person, hint: person && hints[person.id], canPayAtOnce })
  })
  routes.post('/api/session', async (req, res) => {
    const person = await sessions.start(req, res, req.body?.personId)
    answer(res, person, 201, { status: 400, detail: 'There is no such person.' })
  })
  routes.delete('/api/session', async (req, res) => {
    await sessions.end(req, res)
    res.status(204).end()
  })
  routes.get('/api/catalogue', (_req, res) => void res.json(catalogue))
  routes.get(
    '/api/basket',
    customers((id, _req, res) => res.json(orders.basketOf(id))),
  )
  routes.put(
    '/api/basket/:itemId',
    customers(async (id, req, res) => {
      const basket = await orders.put(id, req.params.itemId, req.body?.quantity)
      answer(res, basket, 200, { status: 400, detail: 'There is no such item, or the quantity is not possible.' })
    }),
  )
  routes.get(
    '/api/orders',
    customers((id, _req, res) => res.json(orders.of(id))),
  )
  routes.post(
    '/api/orders',
    customers(async (id, req, res) => {
      const order = await orders.place(id, req.body?.basketId, canPayAtOnce && req.body?.oneClick === true)
      answer(res, order, 201, { status: 409, detail: 'The basket has changed. Check it again.' })
    }),
  )
  return routes
}

type ForCustomer = (customerId: Person['id'], req: Request, res: Response) => unknown

function onlyCustomers(sessions: Sessions): (run: ForCustomer) => RequestHandler {
  return (run) => async (req, res) => {
    const customer = sessions.customerOf(req)
    if (!customer) return void res.status(401).json({ detail: 'Sign in as a customer first.' })
    await run(customer.id, req, res)
  }
}

function answer(res: Response, found: object | undefined, status: number, no: { status: number; detail: string }) {
  res.status(found ? status : no.status).json(found ?? { detail: no.detail })
}
