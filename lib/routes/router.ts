import type { Request, Router } from 'express'
import express from 'express'
import type { Bindings } from '../flows/binding.ts'
import type { Gate } from '../flows/gate.ts'
import type { ParkedEvents } from '../flows/outbox/parked-events.ts'
import type { Payments } from '../flows/payment.ts'
import type { Refunds } from '../flows/refund.ts'
import type { ReturnStates } from '../flows/return-state.ts'
import type { Webhooks } from '../flows/webhook.ts'
import type { Balance, Customer } from '../model/views.ts'
import type { Settings } from '../options/options.ts'
import type { Warnings } from '../warnings.ts'
import { bindingRoutes } from './binding.ts'
import { healthRoute } from './health.ts'
import { createFirstLook, letIn, underWay } from './middleware/first-look.ts'
import { createWhoAsks, oncePerRequest } from './middleware/identify.ts'
import { answerUndecodable, dress, type Handler, handle } from './middleware/problem.ts'
import type { RateLimits, WhoIsWho } from './middleware/rate-limit.ts'
import { createSameOrigin } from './middleware/same-origin.ts'
import { type OpenApi, openApiRoute } from './openapi.ts'
import { balanceRoute, paymentRoutes } from './payment.ts'
import { refundRoute } from './refund.ts'
import { returnRoute } from './return.ts'
import { isBrowserWrite, mountedRoutes, type RouteName, routeTable } from './table.ts'
import { webhookRoutes } from './webhook.ts'

export interface Flows {
  readonly bindings: Bindings
  readonly payments: Payments
  readonly refunds: Refunds
  readonly balance: (customer: Customer) => Promise<Balance>
  readonly webhooks: Webhooks
  readonly returns: ReturnStates
  readonly parked: ParkedEvents
  readonly gate: Gate
}

/** What watches over the routes. */
export interface Guards {
  readonly rateLimits: RateLimits
  readonly warnings: Warnings
}

/** Mounts every route of the table that the host has not switched off. */
export function createRouter(settings: Settings, flows: Flows, guards: Guards, openApi: OpenApi): Router {
  const router = express.Router()
  const mounted = mountedRoutes(settings.routes)
  const who = createWho(settings)
  const handlers = {
    ...createHandlers(settings, flows, who, guards),
    health: healthRoute(settings, flows.parked, mounted),
    openapi: openApiRoute(openApi),
  }
  const sameOrigin = createSameOrigin(settings)
  router.use(createFirstLook(settings.publicUrl, guards.warnings), letIn(flows.gate))
  for (const name of mounted) {
    const { method, path } = routeTable[name]
    // Another site's page must not use up what the customer may do.
    const checks = [...(isBrowserWrite(routeTable[name]) ? [sameOrigin] : []), ...guards.rateLimits.guard(name, who)]
    router[method](path, dress, ...checks, handle(underWay(flows.gate, handlers[name])))
  }
  // Express answers OPTIONS itself.
  for (const name of mounted) router.options(routeTable[name].path, dress)
  router.use(answerUndecodable)
  return router
}

function createWho({ identify, authorizeRefund }: Settings): WhoIsWho {
  const isStaff = oncePerRequest(async (req) => (await authorizeRefund?.(req)) === true)
  return { whoAsks: createWhoAsks(identify), isStaff }
}

function createHandlers(
  settings: Settings,
  { bindings, payments, refunds, balance, webhooks, returns }: Flows,
  { whoAsks, isStaff }: WhoIsWho,
  { rateLimits, warnings }: Guards,
): Record<Exclude<RouteName, 'health' | 'openapi'>, Handler> {
  const isFlood = (req: Request) => rateLimits.isFlood(req)
  const webhook = webhookRoutes({ webhooks, publicUrl: settings.publicUrl, warnings, isFlood })
  return {
    ...bindingRoutes(bindings, whoAsks),
    ...paymentRoutes(payments, whoAsks),
    refund: refundRoute(refunds, isStaff),
    balance: balanceRoute(balance, whoAsks),
    return: returnRoute({ states: returns, bindings, payments, whoAsks, returnUrls: settings.returnUrls }),
    webhookToken: webhook.token,
    webhookNotification: webhook.notification,
  }
}
