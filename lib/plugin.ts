import type { Router } from 'express'
import { DokuClient } from './doku/client.ts'
import { Inbound } from './doku/inbound.ts'
import { createTransport } from './doku/transport.ts'
import { AccessTokens } from './flows/access-token.ts'
import { type Balance, inquireBalance } from './flows/balance.ts'
import { Bindings } from './flows/binding.ts'
import type { Binding } from './flows/binding-record.ts'
import { CustomerTokens } from './flows/customer-token.ts'
import { type BindingInput, customerOutput, type PaymentInput, parseOutput } from './flows/input.ts'
import { Notifications } from './flows/notification.ts'
import { Orders } from './flows/orders.ts'
import { Outbox } from './flows/outbox.ts'
import { Payments, type PayResult } from './flows/payment.ts'
import { PaymentChecks } from './flows/payment-check.ts'
import type { Payment } from './flows/payment-record.ts'
import type { Customer, Ports } from './flows/ports.ts'
import { ReturnStates } from './flows/return-state.ts'
import { Session } from './flows/session.ts'
import { Webhooks } from './flows/webhook.ts'
import type { DokuOvoOptions, Settings } from './options.ts'
import { parseOptions } from './parse-options.ts'
import { createRouter, type Flows } from './routes/router.ts'
import { recordKeys } from './storage/records.ts'
import { createVault } from './storage/vault.ts'

/** The largest answer of DOKU that is read, in bytes. */
const maxAnswerBytes = 256 * 1024

/** The same capabilities as the routes, for host code. Each method throws what its route would answer. */
export interface DokuOvoService {
  bind(customer: Customer, input: BindingInput): Promise<Binding>
  binding(customer: Customer): Promise<Binding>
  unbind(customer: Customer): Promise<Binding>
  balance(customer: Customer): Promise<Balance>
  pay(customer: Customer, input: PaymentInput): Promise<PayResult>
  payment(customer: Customer, partnerReferenceNo: string): Promise<Payment>
}

/** An `express.Router` with the payments behind it. */
export type DokuOvo = Router & {
  readonly service: DokuOvoService
  /** Waits for hooks that are running, and closes the connections to DOKU and the storage. */
  close(): Promise<void>
}

/**
 * Puts OVO payments through DOKU's SNAP API into an Express app: `app.use('/ovo', dokuOvo({ … }))`.
 * @throws ConfigurationError with every problem of the options at once
 */
export function dokuOvo(options: DokuOvoOptions): DokuOvo {
  const settings = parseOptions(options)
  const { baseUrl, dispatcher } = settings
  const transport = createTransport({ baseUrl, maxAnswerBytes, ...(dispatcher && { dispatcher }) })
  const ports: Ports = { ...settings, doku: new DokuClient({ ...settings, transport }), ...createKeeping(settings) }
  const outbox = new Outbox(settings)
  const flows = createFlows(settings, ports, outbox)
  const close = async () => {
    await outbox.drain()
    await transport.close()
    await settings.storage.close?.()
  }
  return Object.assign(createRouter(settings, flows), { service: createService(flows), close })
}

function createKeeping({ clientId, encryptionKeys }: Settings): Pick<Ports, 'keys' | 'vault'> {
  return { keys: recordKeys(clientId), vault: createVault({ keys: encryptionKeys }) }
}

function createFlows(settings: Settings, ports: Ports, outbox: Outbox): Flows {
  const { publicUrl, secretKey, clientId, clock, findOrder } = settings
  const accessTokens = new AccessTokens(ports)
  const customerTokens = new CustomerTokens(ports, outbox)
  const session = new Session(ports, accessTokens, customerTokens)
  const returns = new ReturnStates(publicUrl, secretKey, clientId, clock)
  const orders = new Orders(ports, outbox)
  const checks = new PaymentChecks(ports, session, orders)
  const notifications = new Notifications({ ports, orders, checks, customerTokens, outbox })
  const inbound = createInbound(settings, accessTokens)
  return {
    bindings: new Bindings({ ports, session, customerTokens, returns }),
    payments: new Payments({ ports, session, orders, checks, returns, findOrder }),
    balance: (customer) => inquireBalance(session, customer),
    webhooks: new Webhooks({ ports, inbound, notifications, outbox }),
    returns,
  }
}

function createInbound(settings: Settings, accessTokens: AccessTokens): Inbound {
  const { windowMs: notificationWindowMs, ...webhooks } = settings.webhooks
  const currentAccessToken = () => accessTokens.get()
  return new Inbound({ ...settings, ...webhooks, notificationWindowMs, currentAccessToken })
}

function createService({ bindings, payments, balance }: Flows): DokuOvoService {
  const who = (customer: Customer) => parseOutput(customerOutput, 'customer', customer)
  return Object.freeze({
    bind: async (customer: Customer, input: BindingInput) => bindings.start(who(customer), input),
    binding: async (customer: Customer) => bindings.find(who(customer)),
    unbind: async (customer: Customer) => bindings.end(who(customer)),
    balance: async (customer: Customer) => balance(who(customer)),
    pay: async (customer: Customer, input: PaymentInput) => payments.pay(who(customer), input),
    payment: async (customer: Customer, partnerReferenceNo: string) => payments.find(who(customer), partnerReferenceNo),
  })
}
