import { z } from 'zod'
import { apis } from '../../doku/api.ts'
import { problemTypes } from '../../errors.ts'
import {
  type Balance,
  type Binding,
  bindingStatuses,
  type Payment,
  type PaymentFailure,
  paymentStatuses,
  type Refund,
  refundStatuses,
} from '../../model/views.ts'
import { type Amount, amountPattern } from '../../primitives/money.ts'
import type { Health } from '../health.ts'
import type { Problem } from '../middleware/problem.ts'
import { says, schemaOf, words } from './words.ts'

// The answers of the routes. The compiler compares each with the type that the code answers with.

const time = (description: string) =>
  z.string().register(words, { ...says(description, '2026-01-31T07:30:00.000Z'), format: 'date-time' })

export const amount = schemaOf<Amount>()(
  z.object({
    value: z.string().regex(amountPattern).register(words, says('Rupiah with two decimals, as text.', '10000.00')),
    currency: z.literal('IDR'),
  }),
)

export const failure = schemaOf<PaymentFailure>()(
  z.object({
    code: z.string().register(words, says('DOKU’s responseCode, or a code of this package.', '4035414', 'NOT_SENT')),
    message: z.string(),
  }),
).register(words, says('The reason why it did not succeed.'))

export const binding = schemaOf<Binding>()(
  z.object({
    status: z.enum(bindingStatuses),
    phoneNo: z.string().register(words, says('Masked.', '62*******7890')),
    redirectUrl: z
      .url()
      .exactOptional()
      .register(words, says('OVO’s page, where the customer agrees with OTP and PIN. Only while `pending`.')),
    updatedAt: time('When the status last changed.'),
  }),
).register(words, says('A customer’s linked OVO account. Only an `active` one can pay.'))

export const balance = schemaOf<Balance>()(z.object({ cash: amount, points: amount.exactOptional() })).register(
  words,
  says('The money in the customer’s linked account.'),
)

export const refund = schemaOf<Refund>()(
  z.object({
    partnerRefundNo: z.string(),
    status: z
      .enum(refundStatuses)
      .register(
        words,
        says('A status only moves to the right. Up to `processing`, DOKU can still give the money back.'),
      ),
    amount,
    reason: z.string().exactOptional(),
    refundNo: z.string().exactOptional().register(words, says('DOKU’s own number.')),
    failure: failure.exactOptional(),
    createdAt: time('When it was requested.'),
    updatedAt: time('When it last changed.'),
  }),
).register(words, says('One refund of a payment, whole or part.'))

export const payment = schemaOf<Payment>()(
  z.object({
    partnerReferenceNo: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,32}$/)
      .register(words, says('Names the payment, here and at DOKU.', '6Q0Z4N7VX1C9H2JKMPR501AB3CD5EF7G')),
    orderId: z.string().register(words, says('The order that it pays.', 'order-1')),
    status: z
      .enum(paymentStatuses)
      .register(
        words,
        says('A status only moves to the right. Up to `awaiting-customer`, the payment can still take the money.'),
      ),
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

export const problem = schemaOf<Problem>()(
  z.object({
    type: z.url().register(words, says('Names the problem, as `code` does.')),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(problemTypes) as (keyof typeof problemTypes)[]),
    detail: z.string().register(words, says('The cause of this problem, and what to do. For people.')),
    field: z.string().exactOptional().register(words, says('The input at fault.')),
    attempt: z
      .object({
        status: z.string(),
        amount,
        releasableAt: time('From when on another attempt may replace it.').exactOptional(),
      })
      .exactOptional()
      .register(words, says('With `ORDER_CHANGED`: the attempt that stands.')),
  }),
).register(words, says('Why there is no other answer (RFC 9457). `code` is stable.'))

export const health = schemaOf<Health>()(
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
        says('How many events wait for a person because their hook failed too often. `null`: not known.'),
      ),
    paidTwice: z
      .int()
      .min(0)
      .nullable()
      .register(words, says('The number of the latest orders that were paid twice, at most 100. null: not known.')),
    routes: z.array(z.string()).register(words, says('The mounted routes.', ['POST /payments'])),
  }),
)

export const openApi = z
  .looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) })
  .register(words, says('This document.'))
