// Compiled, never run: what a host in TypeScript writes, and what the compiler has to refuse it. `test/package/install.ts`
// compiles it against the packed package.
import express from 'express'
import {
  type CallMessage,
  ConfigurationError,
  type Customer,
  type DokuOvo,
  DokuOvoError,
  type DokuOvoOptions,
  dokuOvo,
  type HookEvent,
  keepRawBody,
  keyvStorage,
  type Logger,
  memoryStorage,
  type Payment,
  type PaymentStatus,
  ProblemError,
  problemTypes,
  type Storage,
  type Stored,
} from 'express-doku-ovo'
import { storageConformance } from 'express-doku-ovo/conformance'
import { postgresStorage } from 'express-doku-ovo/postgres'
import { redisStorage } from 'express-doku-ovo/redis'
import { createSimulator, SAMPLE_ACCOUNTS } from 'express-doku-ovo/simulator'
import Keyv from 'keyv'
import pg from 'pg'
import { pino } from 'pino'
import { createClient, createCluster } from 'redis'

const required = {
  clientId: 'BRN-1',
  secretKey: 'SK-1',
  privateKey: 'pem',
  dokuPublicKey: ['pem', Buffer.from('der')],
  environment: 'sandbox',
  publicUrl: 'https://shop.example/ovo',
  identify: (req) => (req.get('x-customer') ? { id: 'alice' } : undefined),
  findOrder: async (orderId, customer) => (orderId === customer.id ? { amount: '10000.00' } : undefined),
} satisfies DokuOvoOptions

// What a host may give.
dokuOvo({ ...required, environment: { baseUrl: 'http://127.0.0.1:4100' }, secretKey: ['SK-2', 'SK-1'] })
dokuOvo({ ...required, logger: pino(), storage: new Keyv() })
dokuOvo({ ...required, storage: keyvStorage(new Keyv()), reconcileEveryMs: false })
dokuOvo({ ...required, storage: memoryStorage(), routes: { refund: false }, rateLimit: { limits: { pay: false } } })
dokuOvo({ ...required, storage: redisStorage(createClient()), requireCluster: true })
dokuOvo({ ...required, storage: redisStorage(createCluster({ rootNodes: [] })) })
dokuOvo({ ...required, storage: postgresStorage(new pg.Pool()), authorizeRefund: async () => true })
dokuOvo({ ...required, endpoints: { unbinding: { path: '/x' } }, webhooks: { signedWith: ['bearer', 'empty'] } })

// What the compiler refuses.
// @ts-expect-error: an option is missing
dokuOvo({ clientId: 'BRN-1' })
// @ts-expect-error: there is no such option
dokuOvo({ ...required, stroage: memoryStorage() })
// @ts-expect-error: there is no such environment
dokuOvo({ ...required, environment: 'staging' })
// @ts-expect-error: an amount is text, because rupiah have two decimals and floating point does not
dokuOvo({ ...required, findOrder: () => ({ amount: 10000 }) })
// @ts-expect-error: there is no such hook
dokuOvo({ ...required, hooks: { paymentChange: () => {} } })
// @ts-expect-error: there is no such route
dokuOvo({ ...required, routes: { refunds: false } })
// @ts-expect-error: a customer has an id
dokuOvo({ ...required, identify: () => ({ name: 'Alice' }) })

// The router is one, and has the service.
const ovo: DokuOvo = dokuOvo({
  ...required,
  hooks: {
    paymentChanged: ({ id, payment, previousStatus }) => {
      const status: PaymentStatus = payment.status
      return [id, status, previousStatus, payment.amount.value, payment.failure?.code]
    },
    orderPaidTwice: ({ payments }) => payments.map(({ partnerReferenceNo }) => partnerReferenceNo),
  },
})
express()
  .use(express.json({ verify: keepRawBody }))
  .use('/ovo', ovo)

export async function useService(customer: Customer): Promise<Payment> {
  const { redirectUrl } = await ovo.service.bind(customer, { phoneNo: '6281200000001' })
  const { payment } = await ovo.service.pay(customer, { orderId: 'order-1', payMethod: 'CASH' })
  const { refund } = await ovo.service.refund(payment.partnerReferenceNo, { amount: '1.00' })
  const parked: readonly HookEvent[] = await ovo.service.parkedEvents()
  // @ts-expect-error: what comes back is not to be written to
  payment.status = 'paid'
  await ovo.close()
  return redirectUrl && refund.status && parked.length > 0 ? payment : ovo.service.payment(customer, 'reference')
}

// Errors narrow by class, and problems by code.
export function describe(error: unknown): string {
  if (error instanceof ConfigurationError) return error.problems.join()
  if (error instanceof ProblemError) {
    const known: number = problemTypes[error.code].status
    return error.code === 'ORDER_BUSY' ? `${known} ${error.detail}` : (error.field ?? error.message)
  }
  return error instanceof DokuOvoError ? error.code : String(error)
}

// Events narrow by type.
export function subjectOf(event: HookEvent): string {
  switch (event.type) {
    case 'paymentChanged':
      return event.payment.partnerReferenceNo
    case 'bindingChanged':
      return event.binding.phoneNo
    case 'refundChanged':
      return event.refund.partnerRefundNo
    case 'orderPaidTwice':
      return event.orderId
    case 'notificationRejected':
      return event.reason
    case 'notificationUnmatched':
      return event.reference
  }
}

// What a host may write itself.
export const storage: Storage = {
  scope: 'cluster',
  read: async (): Promise<Stored | undefined> => undefined,
  insert: async (key, value) => ({ key, value, version: 1 }),
  update: async () => undefined,
  remove: async () => {},
  lease: async () => [],
}
export const logger: Logger = console
export const outcomeOf = ({ outcome, httpStatus }: CallMessage): string => `${outcome} ${httpStatus ?? ''}`

// Tests of a host.
const test = {
  describe: (_title: string, body: () => void) => body(),
  it: (_title: string, _body: () => unknown) => {},
}
storageConformance(test, async () => storage)
const { clientId, secretKey } = required
const simulator = createSimulator({ clientId, secretKey, merchantPublicKey: 'pem', dokuPrivateKey: 'pem' })
simulator.faults.next('payment', { kind: 'cut', carriesOut: true })
// @ts-expect-error: only a status can lag
simulator.faults.next('payment', { kind: 'lag' })
export const phones: readonly string[] = SAMPLE_ACCOUNTS.map(({ phoneNo }) => phoneNo)
