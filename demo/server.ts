import { fileURLToPath } from 'node:url'
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Router } from 'express'
import { type DokuOvo, type DokuOvoOptions, dokuOvo, type HookEvent, type Logger } from 'express-doku-ovo'
import { customers } from './customers.ts'
import { Orders } from './orders.ts'
import { Sessions } from './sessions.ts'

/** What a merchant gets from the DOKU dashboard; in the demo it can be the simulator's as well. */
export type Dashboard = Pick<
  DokuOvoOptions,
  'clientId' | 'secretKey' | 'privateKey' | 'privateKeyPassphrase' | 'dokuPublicKey' | 'environment' | 'api'
>

/** What to type on OVO's pages, where they are the simulator's. */
export interface Hint {
  readonly phoneNo: string
  readonly otp: string
  readonly pin: string
}

export interface ShopOptions {
  /** Where the world reaches the shop, without a slash at its end. */
  readonly url: string
  readonly dashboard: Dashboard
  readonly logger: Logger
  /** Told every event of the hooks, after the shop has dealt with it. */
  readonly told: (event: HookEvent) => void
  /** By the customer's id. */
  readonly hints: Readonly<Record<string, Hint>>
}

export interface Shop {
  readonly app: Express
  readonly ovo: DokuOvo
}

/** A whole shop that takes OVO: who is signed in, what they ordered, and one mounted router. */
export function createShop(options: ShopOptions): Shop {
  const sessions = new Sessions({ secure: options.url.startsWith('https:') })
  const orders = new Orders()
  const ovo = createOvo(options, sessions, orders)

  const app = express().disable('x-powered-by')
  app.use(securityHeaders)
  app.use('/ovo', ovo) // Before express.json(): DOKU's signatures cover the bytes of the body.
  app.use(express.json())
  app.use(createPages(options, sessions, orders))
  app.use(failed(options.logger))
  return { app, ovo }
}

/** The whole of what the plug-in has to know about this shop. */
function createOvo({ url, dashboard, told, logger }: ShopOptions, sessions: Sessions, orders: Orders): DokuOvo {
  return dokuOvo({
    ...dashboard,
    publicUrl: `${url}/ovo`,
    identify: (req) => {
      const customer = sessions.customerOf(req)
      return customer && { id: customer.id }
    },
    findOrder: (orderId, customer) => {
      const order = orders.find(orderId, customer.id)
      return order && { amount: order.amount, lineItems: [{ name: order.title, price: order.amount, quantity: 1 }] }
    },
    hooks: {
      paymentChanged: (event) => {
        orders.paymentChanged(event.payment)
        told(event)
      },
      bindingChanged: told,
      notificationRejected: told,
      notificationUnmatched: told,
    },
    returnUrls: { binding: `${url}/`, payment: `${url}/` },
    logger,
  })
}

/** What every shop has anyway: signing in, orders, and pages. */
function createPages({ hints }: ShopOptions, sessions: Sessions, orders: Orders): Router {
  const pages = express.Router()
  pages.get('/session', (req, res) => {
    const customer = sessions.customerOf(req)
    res.json({ customers, customer, hint: customer && hints[customer.id] })
  })
  pages.post('/session', (req, res) => {
    const customer = sessions.start(req, res, req.body?.customerId)
    res.status(customer ? 201 : 400).json(customer ?? { detail: 'There is no such customer.' })
  })
  pages.delete('/session', (req, res) => {
    sessions.end(req, res)
    res.status(204).end()
  })
  pages.get('/orders', (req, res) => {
    const customer = sessions.customerOf(req)
    res.status(customer ? 200 : 401).json(customer ? orders.of(customer.id) : { detail: 'Sign in first.' })
  })
  return pages.use(express.static(fileURLToPath(new URL('public', import.meta.url))))
}

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The page loads nothing from elsewhere, runs no script in its HTML, and stands in nobody's frame. */
const securityHeaders: RequestHandler = (_req, res, next) => {
  res.set('Content-Security-Policy', contentSecurityPolicy)
  res.set('X-Content-Type-Options', 'nosniff')
  res.set('Referrer-Policy', 'same-origin')
  res.set('Cache-Control', 'no-store')
  next()
}

/** The shop's own error page: what went wrong is for the log. */
function failed(logger: Logger): ErrorRequestHandler {
  return (error, _req, res, next) => {
    if (res.headersSent) return next(error)
    const isCallers = error.status >= 400 && error.status < 500
    if (!isCallers) logger.error({ err: error }, 'a request failed')
    res.status(isCallers ? error.status : 500).json({ detail: isCallers ? 'Bad request.' : 'Something went wrong.' })
  }
}
