import type { Router } from 'express'
import { DokuClient } from './doku/client.ts'
import { watchClock } from './doku/clock-watch.ts'
import { Inbound } from './doku/inbound.ts'
import { createTransport } from './doku/transport.ts'
import { inquireBalance } from './flows/balance.ts'
import { Bindings } from './flows/binding.ts'
import { BindingStore } from './flows/bindings/binding-store.ts'
import { CustomerTokens } from './flows/bindings/customer-token.ts'
import { Gate } from './flows/gate.ts'
import { Notifications } from './flows/notification.ts'
import { Orders } from './flows/orders/orders.ts'
import { PaymentChecks } from './flows/orders/payment-check.ts'
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
import type { Customer } from './model/views.ts'
import type { DokuOvoOptions, Settings } from './options/options.ts'
import { checkSettings, InstanceWatch, parseOptions } from './options/settings.ts'
import { nextTurn } from './primitives/clock.ts'
import { recordKeys } from './records/records.ts'
import { createVault } from './records/vault.ts'
import { RateLimits } from './routes/middleware/rate-limit.ts'
import { createOpenApi } from './routes/openapi.ts'
import { createRouter } from './routes/router.ts'
import { createService, type DokuOvoService, type ServiceParts } from './service.ts'
import { Warnings } from './warnings.ts'

/** The largest answer of DOKU that is read, in bytes. */
const maxAnswerBytes = 256 * 1024

/** Shared by all merchants of the process, because it is about the process; it knows how many routers there are, and nothing of them. */
const instances = new InstanceWatch()

/** An `express.Router` with the payments behind it. */
export type DokuOvo = Router & {
  readonly service: DokuOvoService
  /**
   * Stops gracefully: new work is refused with 503, what is under way ends, then connections and storage are closed.
   * Hooks that are running are waited for; events that are not delivered yet stay in the storage.
   */
  close(): Promise<void>
}

/**
 * Puts OVO payments through DOKU's SNAP API into an Express app: `app.use('/ovo', dokuOvo({ … }))`.
 * @throws ConfigurationError with every problem of the options at once
 */
export function dokuOvo(options: DokuOvoOptions): DokuOvo {
  const settings = parseOptions(options)
  const { baseUrl, dispatcher, reconcileEveryMs, storage, tls } = settings
  const warnings = createWarnings(settings)
  const connection = createTransport({ baseUrl, maxAnswerBytes, tls, ...(dispatcher && { dispatcher }) })
  const transport = watchClock(connection, settings.clock, (offMs) => warnings.raise('CLOCK_OFF', { offMs }))
  const ports: Ports = { ...settings, doku: new DokuClient({ ...settings, transport }), ...createKeeping(settings) }
  const parts = createParts(settings, ports)
  const { flows, outbox, reconciler } = parts
  const rateLimits = new RateLimits(settings)
  const openApi = createOpenApi(settings)
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
  return Object.assign(createRouter(settings, flows, { rateLimits, warnings }, openApi), {
    service: createService({ ...parts, openApi }),
    close,
  })
}

function createWarnings(settings: Settings): Warnings {
  const warnings = new Warnings(settings.logger)
  checkSettings(settings, warnings)
  if (instances.add(settings.clientId, settings.clock())) warnings.raise('ROUTER_PER_REQUEST')
  return warnings
}

function createKeeping({ clientId, encryptionKeys }: Settings): Pick<Ports, 'keys' | 'vault'> {
  return { keys: recordKeys(clientId), vault: createVault({ keys: encryptionKeys }) }
}

function createParts(settings: Settings, ports: Ports): Omit<ServiceParts, 'openApi'> {
  const { publicUrl, secretKeys, clientId, clock, findOrder } = settings
  const parked = new ParkedEvents(ports)
  const outbox = new Outbox({ ...settings, random: Math.random, nextTurn }, parked)
  const accessTokens = new AccessTokens(ports)
  const bindingStore = new BindingStore(ports, outbox)
  const customerTokens = new CustomerTokens(ports, bindingStore)
  const session = new Session(ports, accessTokens, customerTokens, bindingStore)
  const returns = new ReturnStates(publicUrl, secretKeys, clientId, clock)
  const orders = new Orders(ports, outbox)
  const checks = new PaymentChecks(ports, session, orders)
  const notifications = new Notifications({ ports, orders, checks, bindings: bindingStore, customerTokens, outbox })
  const inbound = createInbound(settings, accessTokens)
  const bindings = new Bindings({ ports, session, store: bindingStore, customerTokens, returns })
  const flows = {
    bindings,
    payments: new Payments({ ports, session, orders, checks, returns, findOrder }),
    refunds: new Refunds({ ports, session, orders, checks }),
    balance: (customer: Customer) => inquireBalance(session, customer),
    webhooks: new Webhooks({ ports, inbound, notifications, outbox }),
    returns,
    parked,
    gate: new Gate(),
  } satisfies ServiceParts['flows']
  return { flows, outbox, reconciler: new Reconciler(ports, [checks, bindings]) }
}

function createInbound(settings: Settings, accessTokens: AccessTokens): Inbound {
  const { windowMs: notificationWindowMs, ...webhooks } = settings.webhooks
  const currentAccessToken = () => accessTokens.get()
  return new Inbound({ ...settings, ...webhooks, notificationWindowMs, currentAccessToken })
}
