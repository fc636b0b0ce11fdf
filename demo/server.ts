import { fileURLToPath } from 'node:url'
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express'
import { type DokuOvo, type DokuOvoOptions, dokuOvo, type HookEvent, type Logger } from 'express-doku-ovo'
import { createOperatorRoutes } from './operator-routes.ts'
import { Orders, type ShopOrder } from './orders.ts'
import { Sessions } from './sessions.ts'
import type { Shelf } from './shelf.ts'
import { createShopRoutes, type Hint } from './shop-routes.ts'

/** The options from the DOKU dashboard (in the demo, often from the simulator), and those of this machine. */
export type Dashboard = Pick<
  DokuOvoOptions,
  | 'clientId'
  | 'secretKey'
  | 'privateKey'
  | 'privateKeyPassphrase'
  | 'dokuPublicKey'
  | 'environment'
  | 'api'
  | 'endpoints'
  | 'clock'
  | 'storage'
  | 'reconcileEveryMs'
  | 'hookRetriesMs'
>

export interface ShopOptions {
  /** The public URL of the shop, without a slash at its end. */
  readonly url: string
  readonly dashboard: Dashboard
  readonly logger: Logger
  readonly shelf: Shelf
  /** Called with every event of the hooks, before the shop handles it. */
  readonly told: (event: HookEvent) => void
  /** The values to type on OVO's pages, by the customer's id. */
  readonly hints: Readonly<Record<string, Hint>>
}

export interface Shop {
  readonly app: Express
  readonly ovo: DokuOvo
}

/** Creates a whole shop that takes OVO: sessions, orders, and one mounted router. */
export async function createShop(options: ShopOptions): Promise<Shop> {
  const { url, shelf, hints, logger, dashboard } = options
  const sessions = await Sessions.open(shelf, { secure: url.startsWith('https:') })
  const orders = await Orders.open(shelf)
  const ovo = createOvo(options, sessions, orders)

  const app = express().disable('x-powered-by')
  app.use(securityHeaders)
  app.use('/ovo', ovo) // Before express.json(): DOKU's signatures cover the bytes of the body.
  app.use(express.json())
  app.use(createShopRoutes({ sessions, orders, hints, canPayAtOnce: dashboard.api === 'core-v1' }))
  app.use('/operator', createOperatorRoutes({ sessions, orders, ovo }))
  app.use(express.static(fileURLToPath(new URL('public', import.meta.url)), { extensions: ['html'], setHeaders }))
  app.use(failed(logger))
  return { app, ovo }
}

/** Everything that the plug-in needs to know about this shop. */
function createOvo({ url, dashboard, told, logger }: ShopOptions, sessions: Sessions, orders: Orders): DokuOvo {
  return dokuOvo({
    ...dashboard,
    publicUrl: `${url}/ovo`,
    identify: (req) => {
      const customer = sessions.customerOf(req)
      return customer && { id: customer.id }
    },
    authorizeRefund: (req) => sessions.isOperator(req),
    findOrder: (orderId, customer) => {
      const order = orders.find(orderId, customer.id)
      return order && toOvo(order)
    },
    hooks: {
      paymentChanged: async (event) => {
        told(event)
        const isRight = await orders.paymentChanged(event.payment)
        if (!isRight) logger.error({ payment: event.payment }, 'a payment is not its order’s amount: do not ship it')
      },
      refundChanged: (event) => {
        told(event)
        return orders.paymentChanged(event.payment)
      },
      orderPaidTwice: (event) => {
        told(event)
        return orders.paidTwice(event.orderId)
      },
      bindingChanged: told,
      notificationRejected: told,
      notificationUnmatched: told,
    },
    returnUrls: { binding: `${url}/account`, payment: `${url}/orders` },
    logger,
  })
}

/** The amount and the items of an order. They never come from the browser. */
function toOvo({ id, amount, lines, oneClick }: ShopOrder) {
  const lineItems = lines.map(({ title, price, quantity }) => ({ name: title, price: `${price}.00`, quantity }))
  return { orderId: id, amount, lineItems, ...(oneClick && { paymentType: 'RECURRING' as const }) }
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

/** The pages load nothing from other hosts, run no script in their HTML, and allow no frame. */
const securityHeaders: RequestHandler = (_req, res, next) => {
  res.set('Content-Security-Policy', contentSecurityPolicy)
  res.set('X-Content-Type-Options', 'nosniff')
  res.set('Referrer-Policy', 'same-origin')
  res.set('Cache-Control', 'no-store')
  next()
}

/** The files of the pages contain no personal data, so browsers may keep them, but must ask whether they changed. */
function setHeaders(res: Response): void {
  res.set('Cache-Control', 'no-cache')
}

/** The shop's own error handler. The details go to the log, not to the browser. */
function failed(logger: Logger): ErrorRequestHandler {
  return (error, _req, res, next) => {
    if (res.headersSent) return next(error)
    const isCallerError = error.status >= 400 && error.status < 500
    if (!isCallerError) logger.error({ err: error }, 'a request failed')
    res
      .status(isCallerError ? error.status : 500)
      .json({ detail: isCallerError ? 'Bad request.' : 'Something went wrong.' })
  }
}
