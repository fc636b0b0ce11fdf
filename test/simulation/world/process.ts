import { apis } from '../../../lib/doku/api.ts'
import { DokuClient } from '../../../lib/doku/client.ts'
import type { Transport } from '../../../lib/doku/transport.ts'
import { Bindings } from '../../../lib/flows/binding.ts'
import { BindingStore } from '../../../lib/flows/bindings/binding-store.ts'
import { CustomerTokens } from '../../../lib/flows/bindings/customer-token.ts'
import { Notifications } from '../../../lib/flows/notification.ts'
import { Clearance } from '../../../lib/flows/orders/clearance.ts'
import { Orders } from '../../../lib/flows/orders/orders.ts'
import { PaymentChecks } from '../../../lib/flows/orders/payment-check.ts'
import { ReferenceKey } from '../../../lib/flows/orders/reference-key.ts'
import { UnmatchedNotifications } from '../../../lib/flows/orders/unmatched.ts'
import { Outbox } from '../../../lib/flows/outbox/outbox.ts'
import { ParkedEvents } from '../../../lib/flows/outbox/parked-events.ts'
import { type FindOrder, Payments } from '../../../lib/flows/payment.ts'
import type { Ports } from '../../../lib/flows/ports.ts'
import { Reconciler } from '../../../lib/flows/reconcile.ts'
import { Refunds } from '../../../lib/flows/refund.ts'
import { ReturnStates } from '../../../lib/flows/return-state.ts'
import { AccessTokens } from '../../../lib/flows/session/access-token.ts'
import { Session } from '../../../lib/flows/session/session.ts'
import type { Hooks } from '../../../lib/model/events.ts'
import type { RandomBytes } from '../../../lib/primitives/ids.ts'
import { recordKeys } from '../../../lib/records/records.ts'
import type { Storage } from '../../../lib/storage/storage.ts'
import { silentLogger } from '../../../lib/telemetry.ts'
import type { Life } from './life.ts'
import { merchant } from './merchant.ts'
import { plainVault } from './vault.ts'

/** What a process of the host is given: everything through which it meets the world. */
export interface ProcessParts {
  readonly life: Pick<Life, 'name' | 'clock' | 'after'>
  readonly storage: Storage
  readonly transport: Transport
  readonly hooks: Hooks
  readonly findOrder: FindOrder
  /** For jitter. */
  readonly random: () => number
  /** Default: the machine's. */
  readonly randomBytes?: RandomBytes
  /** Default: never. */
  readonly releaseAfterMs?: number
}

/** The flows of one process. */
export interface Flows {
  readonly bindings: Bindings
  readonly clearance: Clearance
  readonly outbox: Outbox
  readonly payments: Payments
  readonly refunds: Refunds
  readonly notifications: Notifications
  readonly reconciler: Reconciler
}

export interface Process extends Flows {
  readonly life: Life
}

/** As `lib/options/schema.ts` has them. */
export const hookDeadlineMs = 5000
const hookRetriesMs = [1, 5, 30, 120, 600, 3600, 3 * 3600, 6 * 3600].map((seconds) => seconds * 1000)

function createPorts({ life, storage, transport, randomBytes }: ProcessParts): Ports {
  const { clock } = life
  const endpoints = apis['core-v1']
  return {
    clientId: merchant.clientId,
    baseUrl: 'https://doku.example',
    endpoints,
    doku: new DokuClient({ ...merchant, endpoints, transport, clock }),
    storage,
    keys: recordKeys(merchant.clientId),
    vault: plainVault,
    clock,
    monotonic: clock,
    processId: life.name,
    sleep: (ms) => new Promise((resolve) => life.after(ms, resolve)),
    ...(randomBytes && { randomBytes }),
    logger: silentLogger,
  }
}

/** One set of flows with a memory of its own, wired as `lib/plugin.ts` wires it. */
export function startProcess(parts: ProcessParts): Flows {
  const { life, hooks, findOrder, random, releaseAfterMs = false } = parts
  const { clock } = life
  const ports = createPorts(parts)
  const delivery = { ...ports, hooks, hookDeadlineMs, hookRetriesMs, random }
  const outbox = new Outbox(delivery, new ParkedEvents(ports))
  const store = new BindingStore(ports, outbox)
  const accessTokens = new AccessTokens(ports)
  const customerTokens = new CustomerTokens(ports, store, accessTokens)
  const session = new Session(ports, accessTokens, customerTokens, store)
  const returns = new ReturnStates('https://shop.example/ovo', [merchant.secretKey], merchant.clientId, clock)
  const orders = new Orders(ports, outbox)
  const checks = new PaymentChecks(ports, session, orders)
  const clearance = new Clearance({ ports, orders, checks, releaseAfterMs })
  const unmatched = new UnmatchedNotifications(ports, outbox)
  const referenceKey = new ReferenceKey(ports)
  const bindings = new Bindings({ ports, session, store, customerTokens, returns })
  return {
    bindings,
    clearance,
    outbox,
    payments: new Payments({ ports, session, orders, checks, clearance, unmatched, referenceKey, returns, findOrder }),
    refunds: new Refunds({ ports, session, orders, checks }),
    notifications: new Notifications({
      ports,
      orders,
      checks,
      bindings: store,
      customerTokens,
      outbox,
      unmatched,
      confirmPaid: 'signature',
      inBackground: (work) => void work().catch(() => undefined),
    }),
    reconciler: new Reconciler(ports, [checks, bindings, unmatched]),
  }
}
