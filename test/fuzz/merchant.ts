import type { DokuOvoOptions, Json, Storage } from 'express-doku-ovo'
import { memoryStorage } from 'express-doku-ovo'
import { DokuClient } from '../../lib/doku/client.ts'
import { Inbound } from '../../lib/doku/inbound.ts'
import { TransportError } from '../../lib/doku/transport.ts'
import { BindingStore } from '../../lib/flows/bindings/binding-store.ts'
import { CustomerTokens } from '../../lib/flows/bindings/customer-token.ts'
import { Notifications } from '../../lib/flows/notification.ts'
import { Orders } from '../../lib/flows/orders/orders.ts'
import { PaymentChecks } from '../../lib/flows/orders/payment-check.ts'
import { UnmatchedNotifications } from '../../lib/flows/orders/unmatched.ts'
import { Outbox } from '../../lib/flows/outbox/outbox.ts'
import { ParkedEvents } from '../../lib/flows/outbox/parked-events.ts'
import type { Ports } from '../../lib/flows/ports.ts'
import { AccessTokens } from '../../lib/flows/session/access-token.ts'
import { Session } from '../../lib/flows/session/session.ts'
import { Webhooks } from '../../lib/flows/webhook.ts'
import { parseOptions } from '../../lib/options/settings.ts'
import { orderDigest, recordKeys } from '../../lib/records/records.ts'
import { createVault } from '../../lib/records/vault.ts'
import { silentLogger } from '../../lib/telemetry.ts'
import { decorate } from '../support/decorate.ts'
import { testOptions } from '../support/shop.ts'

export const now = Date.parse('2026-03-01T05:00:00Z')
export const reference = 'INV-0008'
export const amount = '99000.00'
export const authCode = 'auth-code-of-alice'

/** What an attacker wants to change, counted. */
interface Effects {
  writes: number
  /** Requests to DOKU. */
  sent: number
}

/** The webhooks of one merchant over memory, without a socket: alice has a live payment and a binding that is not agreed to yet. */
export interface Merchant {
  readonly webhooks: Webhooks
  readonly effects: Effects
  readonly storage: Storage
  readonly ports: Ports
  status(kind: 'payment' | 'binding'): Promise<string>
  settled(): Promise<void>
}

/** The storage, with its writes counted. */
function counting(storage: Storage, effects: Effects): Storage {
  return decorate(storage, {
    before: ({ method }) => {
      if (method !== 'read' && method !== 'lease') effects.writes++
    },
  })
}

function createPorts(options: Partial<DokuOvoOptions>, effects: Effects) {
  const settings = parseOptions({
    ...testOptions('http://127.0.0.1:1', 'https://shop.example/ovo'),
    clock: () => now,
    storage: memoryStorage({ clock: () => now }),
    logger: silentLogger,
    ...options,
  })
  const transport = {
    post: () => {
      effects.sent++
      return Promise.reject(new TransportError('not-sent', 'there is no DOKU here'))
    },
    close: async () => {},
  }
  const ports: Ports = {
    ...settings,
    storage: counting(settings.storage, effects),
    doku: new DokuClient({ ...settings, transport }),
    keys: recordKeys(settings.clientId),
    vault: createVault({ keys: settings.encryptionKeys }),
  }
  return { settings, ports }
}

async function fill({ storage, keys, vault, clientId }: Ports): Promise<void> {
  const digest = orderDigest(clientId, 'order-1')
  const times = { createdAt: now, updatedAt: now }
  const attempt = { partnerReferenceNo: reference, externalId: '1', customerId: 'alice', status: 'processing', amount }
  const order: Json = { orderId: 'order-1', attempts: [{ ...attempt, payMethod: 'CASH', ...times }] }
  await storage.insert(keys.order(digest), order)
  await storage.insert(keys.reference(reference), { digest })
  const seal = (field: string, text: string) => vault.seal(`${keys.binding('alice')}#${field}`, text)
  const binding: Json = {
    ...{ customerId: 'alice', status: 'pending', maskedPhoneNo: '62*******0001', externalId: '2', ...times },
    phoneNo: await seal('phoneNo', '6281200000001'),
    authCode: await seal('authCode', authCode),
  }
  await storage.insert(keys.binding('alice'), binding)
}

export async function openMerchant(options: Partial<DokuOvoOptions> = {}, isNew = true): Promise<Merchant> {
  const effects = { writes: 0, sent: 0 }
  const { settings, ports } = createPorts(options, effects)
  if (isNew) await fill(ports)
  const outbox = new Outbox({ ...settings, random: Math.random }, new ParkedEvents(ports))
  const accessTokens = new AccessTokens(ports)
  const bindings = new BindingStore(ports, outbox)
  const customerTokens = new CustomerTokens(ports, bindings, accessTokens)
  const orders = new Orders(ports, outbox)
  const checks = new PaymentChecks(ports, new Session(ports, accessTokens, customerTokens, bindings), orders)
  const notifications = new Notifications({
    ports,
    orders,
    checks,
    bindings,
    customerTokens,
    outbox,
    unmatched: new UnmatchedNotifications(ports, outbox),
    confirmPaid: settings.confirmPaid,
    inBackground: (work) => void work(),
  })
  const { windowMs: notificationWindowMs, ...webhooks } = settings.webhooks
  const currentAccessToken = () => accessTokens.get()
  const inbound = new Inbound({ ...settings, ...webhooks, notificationWindowMs, currentAccessToken })
  effects.writes = 0
  return {
    webhooks: new Webhooks({ ports, inbound, notifications, outbox }),
    effects,
    storage: settings.storage,
    ports,
    async status(kind) {
      if (kind === 'binding') return String((await bindings.read('alice'))?.status)
      return String((await orders.findByReference(reference))?.payment.status)
    },
    settled: () => outbox.drain(),
  }
}
