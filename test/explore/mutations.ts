import type { HttpAnswer } from '../../lib/doku/transport.ts'
import type { OrderRecord } from '../../lib/flows/orders/payment-record.ts'
import type { Json, JsonObject } from '../../lib/primitives/json.ts'
import { type Mutation, untouched } from '../simulation/mutations.ts'

/** The storage writes over whatever is there. */
const brokenCompareAndSet: Mutation = {
  ...untouched,
  storage: (port) => ({
    ...port,
    update: async (key, value, _version, options) => {
      const now = await port.read(key)
      return now && port.update(key, value, now.version, options)
    },
  }),
}

/** A status inquiry is answered with another payment, one that was paid. */
const answeredAbout = (reference: JsonObject): Mutation => ({
  ...untouched,
  transport: (port) => ({ ...port, post: async (request) => aboutAnother(await port.post(request), reference) }),
})

function aboutAnother(answer: HttpAnswer, reference: JsonObject): HttpAnswer {
  const { originalPartnerReferenceNo, ...body } = JSON.parse(answer.body)
  if (!originalPartnerReferenceNo || !body.latestTransactionStatus) return answer
  return { ...answer, body: JSON.stringify({ ...body, ...reference, latestTransactionStatus: '00' }) }
}

/** It does not say that it speaks of another payment: so it looks to code that does not compare what DOKU repeats. */
const missingEchoCheck = answeredAbout({})
/** It says so, and nothing may come of it. */
export const answersAboutAnother = answeredAbout({ originalPartnerReferenceNo: 'ANOTHER' })

/** Each attempt looks as if DOKU had not known it long ago: one answer is enough then. */
const forgottenWitness: Mutation = {
  ...untouched,
  storage: (port) => ({
    ...port,
    update: (key, value, version, options) => port.update(key, withWitness(value), version, options),
  }),
}

function withWitness(value: Json): Json {
  const order = value as unknown as OrderRecord
  const attempts = order.attempts?.map((one) => {
    const firstNotFound = { dokuTime: one.createdAt, process: '', monotonicMs: 0 }
    return one.checks ? { ...one, checks: { ...one.checks, firstNotFound } } : one
  })
  return attempts ? ({ ...order, attempts } as unknown as Json) : value
}

export const mutations = { brokenCompareAndSet, missingEchoCheck, forgottenWitness } as const
