import express, { type RequestHandler, type Router } from 'express'
import { type Binding, type DokuOvo, ProblemError } from 'express-doku-ovo'
import type { Orders } from './orders.ts'
import { customers } from './people.ts'
import type { Sessions } from './sessions.ts'

interface OperatorParts {
  readonly sessions: Sessions
  readonly orders: Orders
  readonly ovo: DokuOvo
}

/** The pages' data for the people who run the shop. The plug-in has its own route for refunds. */
export function createOperatorRoutes({ sessions, orders, ovo }: OperatorParts): Router {
  const routes = express.Router()
  routes.use('/api', onlyOperators(sessions))
  routes.get('/api/overview', async (_req, res) => {
    const bindings = await Promise.all(
      customers.map(async ({ id, name }) => ({ name, ...(await findBinding(ovo, id)) })),
    )
    res.json({ orders: orders.all(), bindings, parked: await ovo.service.parkedEvents() })
  })
  routes.post('/api/reconciliation', async (_req, res) => {
    res.json({ tended: await ovo.service.reconcile() })
  })
  routes.post('/api/parked/:eventId', async (req, res) => {
    const isDelivered = await ovo.service.redeliver(req.params.eventId)
    res.status(isDelivered ? 200 : 409).json(isDelivered ? {} : { detail: 'The hook failed again.' })
  })
  return routes
}

function onlyOperators(sessions: Sessions): RequestHandler {
  return (req, res, next) => {
    if (sessions.isOperator(req)) return next()
    res.status(403).json({ detail: 'Only for the people who run the shop.' })
  }
}

/** Phone numbers are masked. The URL of OVO's page is left out, because it is only for the customer. */
async function findBinding(ovo: DokuOvo, id: string): Promise<Omit<Binding, 'redirectUrl'> | undefined> {
  try {
    const { redirectUrl: _page, ...binding } = await ovo.service.binding({ id })
    return binding
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'BINDING_NOT_FOUND') return undefined
    throw error
  }
}
