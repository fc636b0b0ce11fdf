import type { Router } from 'express'
import { DokuClient } from './doku/client.ts'
import { watchClock } from './doku/clock-watch.ts'
import { Inbound } from './doku/inbound.ts'
import { createTransport, type Transport } from './doku/transport.ts'
import { inquireBalance } from './flows/balance.ts'
import { Bindings } from './flows/binding.ts'
import { BindingStore } from './flows/bindings/binding-store.ts'
import { CustomerTokens } from './flows/bindings/customer-token.ts'
import { Gate } from './flows/gate.ts'
import { Notifications } from './flows/notification.ts'
import { Clearance } from './flows/orders/clearance.ts'
import { Orders } from './flows/orders/orders.ts'
import { PaymentChecks } from './flows/orders/payment-check.ts'
import { ReferenceKey } from './flows/orders/reference-key.ts'
import { UnmatchedNotifications } from './flows/orders/unmatched.ts'
import { Outbox } from './flows/outbox/outbox.ts'
import { ParkedEvents } from './flows/outbox/parked-events.ts'
import { Payments } from './flows/payment.ts'
import type { Ports } from './flows/ports.ts'
import { Reconciler } from './flows/reconcile.ts'
import { Refunds } from './flows/refund.ts'
import { ReturnStates } from './flows/return-state.ts'
import { AccessTokens } from './flows/session/access-token.ts'
import { Session } from './flows/session/session.ts'
import { Webhooks } from './flows/webhook.ts'
import type { DokuOvoOptions, Settings } from './options/options.ts'
import { checkSettings, InstanceWatch, parseOptions } from './options/settings.ts'
import { nextTurn } from './primitives/clock.ts'
import { recordKeys } from './records/records.ts'
import { createVault } from './records/vault.ts'
import { RateLimits } from './routes/middleware/rate-limit.ts'
import { createOpenApi } from './routes/openapi.ts'
import type { Flows } from './routes/route.ts'
import { createRouter } from './routes/router.ts'
import { createService, type DokuOvoService, type ServiceParts } from './service.ts'
import { Warnings } from './warnings.ts'

/** The largest answer that is accepted from DOKU, in bytes. */
const maxAnswerBytes = 256 * 1024

/** All merchants share it, because it watches the process. It counts their routers and knows nothing else of them. */
const instances = new InstanceWatch()

/**
 * An `express.Router`, the same capabilities for host code, and the way to stop.
 * @example
 * ```ts
 * process.once('SIGTERM', async () => {
 *   await ovo.close()
 *   process.exit()
 * })
 * ```
 */
export type DokuOvo = Router & {
  readonly service: DokuOvoService
  /**
   * Stops gracefully. New work gets 503, work in progress ends, then connections and storage are closed. It waits for
   * running hooks. Events that are not delivered yet stay in the storage.
   */
  close(): Promise<void>
}

/**
 * Puts OVO payments through DOKU's SNAP API into an Express app. Call it once, when the app starts.
 * @throws ConfigurationError with every problem of the options at once
 * @example
 * ```ts
 * import { dokuOvo } from 'express-doku-ovo'
 *
 * const ovo = dokuOvo({
 *   ...credentials, // clientId, secretKey, privateKey, dokuPublicKey: from DOKU's dashboard
 *   environment: 'sandbox',
 *   publicUrl: 'https://shop.example/ovo',
 *   identify: (req) => req.user && { id: req.user.id },
 *   findOrder: async (orderId, customer) => {
 *     const order = await orders.find(orderId)
 *     return order?.customerId === customer.id ? { orderId: order.id, amount: `${order.total}.00` } : undefined
 *   },
 *   hooks: { paymentChanged: ({ payment }) => orders.settle(payment.orderId, payment.amount.value) },
 * })
 * app.use('/ovo', ovo)
 * ```
 */
export function dokuOvo(options: DokuOvoOptions): DokuOvo {
  const settings = parseOptions(options)
  const { reconcileEveryMs, storage } = settings
  const warnings = createWarnings(settings)
  const transport = openTransport(settings, warnings)
  const { flows, outbox, reconciler } = createParts(settings, createPorts(settings, transport))
  const { router, rateLimits, openApi } = createRoutes(settings, flows, warnings)
  if (reconcileEveryMs !== false) reconciler.start(reconcileEveryMs)
  const shutDown = async () => {
    const reconciled = reconciler.stop()
    await flows.gate.close()
    rateLimits.close()
    await reconciled
    await outbox.drain()
    await transport.close()
    await storage.close?.()
  }
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= shutDown()
    return closed
  }
  return Object.assign(router, {
    service: createService({ flows, outbox, reconciler, openApi, logger: settings.logger }),
    close,
  })
}

function createWarnings({ clientId, clock, logger, environment, storage, publicUrl }: Settings): Warnings {
  const warnings = new Warnings(logger)
  checkSettings({ environment, storageScope: storage.scope, publicUrl }, warnings)
  if (instances.add(clientId, clock())) warnings.raise('ROUTER_PER_REQUEST')
  return warnings
}

function openTransport({ baseUrl, clock, dispatcher, tls }: Settings, warnings: Warnings): Transport {
  const connection = createTransport({ baseUrl, maxAnswerBytes, tls, ...(dispatcher && { dispatcher }) })
  return watchClock(connection, clock, (offMs) => warnings.raise('CLOCK_OFF', { offMs }))
}

function createPorts(settings: Settings, transport: Transport): Ports {
  const { clientId, secretKey, privateKey, baseUrl, endpoints, storage, clock, sleep, randomBytes, logger } = settings
  return {
    clientId,
    baseUrl,
    endpoints,
    doku: new DokuClient({ clientId, secretKey, privateKey, endpoints, transport, clock }),
    storage,
    keys: recordKeys(clientId),
    vault: createVault({ keys: settings.encryptionKeys }),
    clock,
    monotonic: settings.monotonic,
    processId: settings.processId,
    sleep,
    randomBytes,
    logger,
  }
}

/** The parts that have a life of their own, beside the flows. */
interface Parts extends Pick<ServiceParts, 'outbox' | 'reconciler'> {
  readonly flows: Flows
}

function createParts(settings: Settings, ports: Ports): Parts {
  const { clientId, publicUrl, secretKeys, findOrder, hooks, hookDeadlineMs, hookRetriesMs } = settings
  const { clock, logger, randomBytes } = settings
  const { random } = Math
  const parked = new ParkedEvents(ports)
  const outbox = new Outbox(
    { clientId, hooks, hookDeadlineMs, hookRetriesMs, clock, logger, random, randomBytes, nextTurn },
    parked,
  )
  const accessTokens = new AccessTokens(ports)
  const bindingStore = new BindingStore(ports, outbox)
  const customerTokens = new CustomerTokens(ports, bindingStore, accessTokens)
  const session = new Session(ports, accessTokens, customerTokens, bindingStore)
  const returns = new ReturnStates(publicUrl, secretKeys, clientId, clock)
  const orders = new Orders(ports, outbox)
  const checks = new PaymentChecks(ports, session, orders)
  const clearance = new Clearance({ ports, orders, checks, releaseAfterMs: settings.releaseAfterMs })
  const unmatched = new UnmatchedNotifications(ports, outbox)
  const referenceKey = new ReferenceKey(ports)
  const gate = new Gate()
  const notifications = new Notifications({
    ports,
    orders,
    checks,
    bindings: bindingStore,
    customerTokens,
    outbox,
    unmatched,
    confirmPaid: settings.confirmPaid,
    inBackground: (work) => {
      gate.run(work).catch((error) => logger.warn({ err: error }, 'work in the background failed; it is due again'))
    },
  })
  const inbound = createInbound(settings, accessTokens)
  const bindings = new Bindings({ ports, session, store: bindingStore, customerTokens, returns })
  const flows: Flows = {
    bindings,
    payments: new Payments({ ports, session, orders, checks, clearance, unmatched, referenceKey, returns, findOrder }),
    refunds: new Refunds({ ports, session, orders, checks }),
    balance: (customer) => inquireBalance(session, customer),
    webhooks: new Webhooks({ ports, inbound, notifications, outbox }),
    returns,
    orders,
    clearance,
    unmatched,
    bindingStore,
    parked,
    gate,
  }
  return {
    flows,
    outbox,
    reconciler: new Reconciler(ports, [checks, bindings, unmatched], () => referenceKey.reseal()),
  }
}

function createInbound(settings: Settings, accessTokens: AccessTokens): Inbound {
  const { clientId, secretKeys, privateKeys, dokuPublicKeys, clock } = settings
  const { windowMs: notificationWindowMs, tokenWindowMs, requireBearer, signedWith } = settings.webhooks
  return new Inbound({
    clientId,
    secretKeys,
    privateKeys,
    dokuPublicKeys,
    clock,
    notificationWindowMs,
    tokenWindowMs,
    requireBearer,
    signedWith,
    currentAccessToken: () => accessTokens.get(),
  })
}

function createRoutes(settings: Settings, flows: Flows, warnings: Warnings) {
  const { clientId, logger, publicUrl, routes, rateLimit, identify, authorizeRefund, allowedOrigins } = settings
  const { returnUrls, api, environment } = settings
  const hasRefunds = settings.endpoints.refund !== undefined
  const { requireBearer } = settings.webhooks
  const rateLimits = new RateLimits({ clientId, rateLimit, logger })
  const openApi = createOpenApi({ publicUrl, routes, rateLimit, hasRefunds, requireBearer })
  const router = createRouter({
    flows,
    rateLimits,
    warnings,
    openApi,
    publicUrl,
    routes,
    identify,
    authorizeRefund,
    allowedOrigins,
    returnUrls,
    api,
    environment,
    storageScope: settings.storage.scope,
  })
  return { router, rateLimits, openApi }
}
