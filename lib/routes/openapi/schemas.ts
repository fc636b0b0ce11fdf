import { z } from 'zod'
import { apis } from '../../doku/api.ts'
import type { SnapReply, SnapToken } from '../../doku/snap-reply.ts'
import { problemTypes } from '../../errors.ts'
import { bindingInput, paymentInput, refundInput } from '../../model/input.ts'
import type { Balance, Binding, Payment, PaymentFailure, Refund } from '../../model/views.ts'
import { paymentStatuses } from '../../model/views.ts'
import type { JsonObject } from '../../primitives/json.ts'
import { type Amount, amountPattern } from '../../primitives/money.ts'
import type { Health } from '../health.ts'
import type { Problem } from '../middleware/problem.ts'
import type { SchemaName } from '../route.ts'

/** The words of a schema in the document, besides its type. */
interface Words {
  readonly id?: string
  readonly description?: string
  readonly examples?: readonly unknown[]
  readonly format?: string
  readonly pattern?: string
}

/** A registry of this document alone. In zod's global one, our names could meet those of the host's own schemas. */
const words = z.registry<Words>()

function says(description: string, ...examples: unknown[]): Words {
  return { description, ...(examples.length > 0 && { examples }) }
}

type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T

type Same<A, B> = (<T>() => T extends Mutable<A> ? 1 : 2) extends <T>() => T extends Mutable<B> ? 1 : 2 ? true : false

/** The schema of exactly this type: a field, or a value of a field, that only one of the two knows does not compile. */
const schemaOf =
  <T>() =>
  <S extends z.ZodType>(schema: S & (Same<z.output<S>, T> extends true ? unknown : 'schema and type differ')): S =>
    schema

const time = (description: string) =>
  z.string().register(words, { ...says(description, '2026-01-31T07:30:00.000Z'), format: 'date-time' })

const amount = schemaOf<Amount>()(
  z.object({
    value: z.string().regex(amountPattern).register(words, says('Rupiah with two decimals, as text.', '10000.00')),
    currency: z.literal('IDR'),
  }),
)

const failure = schemaOf<PaymentFailure>()(
  z.object({
    code: z.string().register(words, says('DOKU’s responseCode, or a word of this package’s.', '4035414', 'NOT_SENT')),
    message: z.string(),
  }),
).register(words, says('Why it did not succeed.'))

const binding = schemaOf<Binding>()(
  z.object({
    status: z.enum(['pending', 'active', 'failed', 'unlinked', 'unbound']),
    phoneNo: z.string().register(words, says('Masked.', '62*******7890')),
    redirectUrl: z
      .url()
      .exactOptional()
      .register(words, says('OVO’s page, where the customer agrees with OTP and PIN. Only while `pending`.')),
    updatedAt: time('When the status last changed.'),
  }),
).register(words, says('A customer’s linked OVO account. Only an `active` one can pay.'))

const balance = schemaOf<Balance>()(z.object({ cash: amount, points: amount.exactOptional() })).register(
  words,
  says('What the customer has in the linked account.'),
)

const refund = schemaOf<Refund>()(
  z.object({
    partnerRefundNo: z.string(),
    status: z
      .enum(['sending', 'unknown', 'processing', 'failed', 'succeeded'])
      .register(words, says('Only ever moves to the right. Up to `processing`, DOKU can still give the money back.')),
    amount,
    reason: z.string().exactOptional(),
    refundNo: z.string().exactOptional().register(words, says('DOKU’s own number.')),
    failure: failure.exactOptional(),
    createdAt: time('When it was asked for.'),
    updatedAt: time('When it last changed.'),
  }),
).register(words, says('One refund of a payment, whole or part.'))

const payment = schemaOf<Payment>()(
  z.object({
    partnerReferenceNo: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,32}$/)
      .register(words, says('Names the payment, here and at DOKU.', '6Q0Z4N7VX1C9H2JKMPR501AB3CD5EF7G')),
    orderId: z.string().register(words, says('The order that it pays.', 'order-1')),
    status: z
      .enum(paymentStatuses)
      .register(words, says('Only ever moves to the right. Up to `awaiting-customer` it can still take the money.')),
    amount,
    webRedirectUrl: z
      .url()
      .exactOptional()
      .register(words, says('OVO’s page, where the customer confirms with the PIN. Only while `awaiting-customer`.')),
    referenceNo: z.string().exactOptional().register(words, says('DOKU’s own reference.')),
    failure: failure.exactOptional(),
    refunds: z.array(refund).exactOptional().register(words, says('Oldest first; absent when there are none.')),
    createdAt: time('When the attempt began.'),
    updatedAt: time('When it last changed.'),
  }),
).register(words, says('One attempt to pay an order.'))

const problem = schemaOf<Problem>()(
  z.object({
    type: z.url().register(words, says('Names the problem, as `code` does.')),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(problemTypes) as (keyof typeof problemTypes)[]),
    detail: z.string().register(words, says('What went wrong this time, and what to do. For people.')),
    field: z.string().exactOptional().register(words, says('The input at fault.')),
  }),
).register(words, says('Why there is no other answer (RFC 9457). `code` is stable.'))

const health = schemaOf<Health>()(
  z.object({
    status: z.enum(['ok', 'unavailable']),
    api: z.enum(Object.keys(apis) as (keyof typeof apis)[]).register(words, says('The generation of DOKU’s paths.')),
    environment: z.enum(['sandbox', 'production', 'custom']),
    storage: z.object({ scope: z.enum(['process', 'cluster']), reachable: z.boolean() }),
    parkedEvents: z
      .int()
      .min(0)
      .nullable()
      .register(
        words,
        says('How many events wait for a person, because their hook failed too often. null: not known.'),
      ),
    paidTwice: z
      .int()
      .min(0)
      .nullable()
      .register(words, says('How many of the latest orders were paid twice, at most 100. null: not known.')),
    routes: z.array(z.string()).register(words, says('What is mounted.', ['POST /payments'])),
  }),
)

const openApi = z
  .looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) })
  .register(words, says('This document.'))

// The schemas of requests are those that the flows parse them with. Only their words are added here.

/** What `normalisePhoneNo` takes. */
const phonePattern = String.raw`^\s*(\+[\s().-]*6[\s().-]*2|6[\s().-]*2|0)[\s().-]*[1-9]([\s().-]*\d){6,13}[\s().-]*$`

const { phoneNo, dateOfBirth } = bindingInput.shape

phoneNo.register(words, {
  ...says('The OVO account’s: 08…, +62… or 62…, with or without blanks and hyphens.', '0812-0000-0001'),
  pattern: phonePattern,
})

dateOfBirth.register(words, says('YYYYMMDD', '19900131'))

bindingInput.register(words, says('Beyond the phone number, whatever the shop knows.'))

const { orderId, payMethod } = paymentInput.shape

orderId.register(words, says('What it costs is not asked for: the shop knows.', 'order-1'))

payMethod.register(words, says('Which of the account’s two purses pays. Default: what the shop says, else CASH.'))

paymentInput

const { amount: refundAmount, reason, partnerRefundNo } = refundInput.shape

refundAmount.register(
  words,
  says('Rupiah with two decimals, as text. Default: what is left of the payment.', '2500.00'),
)

reason.register(words, says('For people.', 'Out of stock'))

partnerRefundNo.register(words, says('With the same number it is the same refund again. Default: a new one.'))

refundInput.register(words, says('`{}` gives back what is left.'))

/** What DOKU posts to us, and what SNAP says to answer. New fields may come at any time (protocol.md §7.2). */

const text = (description: string, ...examples: unknown[]) =>
  z
    .string()
    .min(1)
    .max(2048)
    .register(words, says(description, ...examples))

/** What only informs stops nothing: when it is no text, it is not read. */
const information = (description: string, ...examples: unknown[]) =>
  z
    .unknown()
    .optional()
    .register(words, says(`${description} What is no text is not read.`, ...examples))

const tokenRequest = z.looseObject({ grantType: z.literal('client_credentials') })

/** @see protocol.md §7.2 */
const paymentNotification = z
  .looseObject({
    originalPartnerReferenceNo: text('The payment.', '6Q0Z4N7VX1C9H2JKMPR501AB3CD5EF7G'),
    latestTransactionStatus: z
      .string()
      .regex(/^0[0-7]$/)
      .register(
        words,
        says('00 paid, 01 initiated, 02 paying, 03 pending, 04 refunded, 05 cancelled, 06 failed, 07 not found.', '00'),
      ),
    amount: amount.optional().register(words, says('Has to be there with 00, and to be the amount of the payment.')),
    originalReferenceNo: information('DOKU’s own reference.'),
    transactionStatusDesc: information('For people.', 'Success'),
  })
  .register(words, says('What became of a payment.'))

/** @see protocol.md §6.1 */
const bindingNotification = z
  .looseObject({
    additionalInfo: z.looseObject({
      custIdMerchant: text('The customer, as the shop calls it.', 'cust-001'),
      authCode: text('Of the answer to the binding request.'),
      status: z.enum(['SUCCESS', 'PENDING', 'FAILED']),
    }),
    originalExternalId: information('X-EXTERNAL-ID of the binding request.'),
  })
  .register(words, says('Whether the customer agreed to link the account.'))

const snap = {
  responseCode: z
    .string()
    .regex(/^\d{7}$/)
    .register(words, says('HTTP status, service and case.', '2005600')),
  responseMessage: z.string(),
}

const snapReply = schemaOf<SnapReply>()(z.object(snap)).register(words, says('SNAP’s own shape.'))

/** @see protocol.md §7.1 */
const snapToken = schemaOf<SnapToken>()(
  z.object({
    ...snap,
    accessToken: z.string().max(2048).register(words, says('To be sent as `Authorization: Bearer …`.')),
    tokenType: z.literal('Bearer'),
    expiresIn: z.int().register(words, says('In seconds.', 900)),
    additionalInfo: z.literal(''),
  }),
)

const components = {
  Amount: amount,
  Failure: failure,
  Binding: binding,
  Balance: balance,
  Refund: refund,
  Payment: payment,
  Problem: problem,
  Health: health,
  OpenApi: openApi,
  BindingInput: bindingInput,
  PaymentInput: paymentInput,
  RefundInput: refundInput,
  TokenRequest: tokenRequest,
  PaymentNotification: paymentNotification,
  BindingNotification: bindingNotification,
  SnapReply: snapReply,
  SnapToken: snapToken,
} satisfies Readonly<Record<SchemaName, z.ZodType>> & Readonly<Record<string, z.ZodType>>

const named: readonly (readonly [string, z.ZodType])[] = Object.entries(components)

for (const [id, schema] of named) schema.register(words, { id, ...words.get(schema) })

/** A reference to a schema of the document. */
export function refTo(name: keyof typeof components): JsonObject {
  return { $ref: componentAt(name) }
}

function componentAt(name: string): string {
  return `#/components/schemas/${name}`
}

/** The JSON Schema of every component. If an input has a default, its schema says what may be sent. */
export function componentSchemas(): Record<string, JsonObject> {
  const { schemas } = z.toJSONSchema(words, { io: 'input', metadata: words, uri: componentAt })
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _dialect, $id: _id, ...schema }]) => [id, schema as JsonObject]),
  )
}
