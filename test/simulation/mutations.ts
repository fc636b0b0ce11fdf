import { type HttpAnswer, type Transport, TransportError } from '../../lib/doku/transport.ts'
import type { OrderRecord, PaymentRecord } from '../../lib/flows/orders/payment-record.ts'
import type { Json } from '../../lib/primitives/json.ts'
import type { Storage } from '../../lib/storage/storage.ts'

/** Something broken on purpose, so that the checks are seen to be able to fail. */
export interface Mutation {
  storage(port: Storage): Storage
  transport(port: Transport): Transport
}

export const untouched: Mutation = { storage: (port) => port, transport: (port) => port }

const brokenStorage = (storage: Mutation['storage']): Mutation => ({ ...untouched, storage })
const brokenTransport = (transport: Mutation['transport']): Mutation => ({ ...untouched, transport })

/** Looks, and then writes: two callers can both find nothing there. */
const insertAfterLooking = brokenStorage((port) => ({
  ...port,
  async insert(key, value, options) {
    if (await port.read(key)) return undefined
    await port.remove(key)
    return port.insert(key, value, options)
  },
}))

/** Compares, and then writes: the last writer wins. */
const updateAfterLooking = brokenStorage((port) => ({
  ...port,
  async update(key, value, version, options) {
    const known = await port.read(key)
    if (known?.version !== version) return undefined
    const now = await port.read(key)
    return now && port.update(key, value, now.version, options)
  },
}))

function withStored(change: (order: OrderRecord) => OrderRecord): Mutation {
  const stored = (key: string, value: Json) =>
    key.includes('/order/') ? (change(value as unknown as OrderRecord) as unknown as Json) : value
  return brokenStorage((port) => ({
    ...port,
    insert: (key, value, options) => port.insert(key, stored(key, value), options),
    update: (key, value, version, options) => port.update(key, stored(key, value), version, options),
  }))
}

const withAttempts = (change: (payment: PaymentRecord) => PaymentRecord) =>
  withStored((order) => ({ ...order, attempts: order.attempts.map(change) }))

const outboxForgotten = withStored(({ outbox: _lost, ...order }) => order)

/** Nobody is told when an order needs work again. */
const dueForgotten = brokenStorage((port) => ({
  ...port,
  insert: (key, value, { dueAt: _lost, ...options } = {}) => port.insert(key, value, options),
  update: (key, value, version, { dueAt: _lost, ...options } = {}) => port.update(key, value, version, options),
}))

const refundsNotReserved = withAttempts(({ refunds = [], ...payment }) => {
  const sent = refunds.filter(({ status }) => status !== 'sending')
  return sent.length > 0 ? { ...payment, refunds: sent } : payment
})

/** What may have been carried out counts as never sent. */
const unknownIsFailed = brokenTransport((port) => ({
  ...port,
  post: (request) =>
    port.post(request).catch((error) => {
      throw error instanceof TransportError ? new TransportError('not-sent', 'mutated') : error
    }),
}))

const rewritten = (rewrite: (answer: HttpAnswer) => HttpAnswer) =>
  brokenTransport((port) => ({ ...port, post: (request) => port.post(request).then(rewrite) }))

const pendingIsPaid = rewritten((answer) => ({
  ...answer,
  body: answer.body.replace('"latestTransactionStatus":"03"', '"latestTransactionStatus":"00"'),
}))

const notFoundIsFailed = rewritten((answer) => {
  if (!answer.body.includes('"4045501"')) return answer
  const body = JSON.stringify({ responseCode: '2005500', latestTransactionStatus: '06' })
  return { ...answer, httpStatus: 200, body }
})

/** A transport that helps: what was lost is sent again. */
const sentAgain = brokenTransport((port) => ({
  ...port,
  post: (request) => port.post(request).catch(() => port.post(request)),
}))

export const mutations = {
  insertAfterLooking,
  updateAfterLooking,
  outboxForgotten,
  dueForgotten,
  refundsNotReserved,
  unknownIsFailed,
  pendingIsPaid,
  notFoundIsFailed,
  sentAgain,
} as const satisfies Record<string, Mutation>

export type MutationName = keyof typeof mutations
