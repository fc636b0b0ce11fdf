import type { z } from 'zod'
import { inboundServiceCodes } from '../../doku/snap-reply.ts'
import type { ProblemCode } from '../../errors.ts'
import type { JsonObject } from '../../primitives/json.ts'
import type { RouteName } from '../table.ts'
import { answers, inputs, webhookAnswers, webhookBodies } from './schemas.ts'

/** One answer that is no problem. */
export interface AnswerRow {
  readonly description: string
  /** What its JSON is. */
  readonly schema?: z.ZodType
  /** It is a page for people. */
  readonly isPage?: true
  /** Besides those of the rate limits. */
  readonly headers?: readonly HeaderName[]
  /** SNAP's responseCodes that it can have, and what each means. */
  readonly codes?: Readonly<Record<string, string>>
}

export interface OperationRow {
  /** Default: the route's name. */
  readonly operationId?: string
  readonly summary: string
  readonly description?: string
  /** Where a merchant tells DOKU the route's address. */
  readonly dashboardField?: string
  /** What the body has to be, one of these. */
  readonly body?: readonly [z.ZodType, ...z.ZodType[]]
  readonly answers: Readonly<Record<string, AnswerRow>>
  /** Besides those that follow from the route's row in the route table. */
  readonly problems: readonly ProblemCode[]
}

/** What a call to DOKU can come to. */
const dokuProblems = ['OVO_REFUSED', 'DOKU_REFUSED', 'DOKU_UNAVAILABLE'] as const

const sayAgain = 'With `webRedirectUrl`, send the customer there to confirm.'

/** An answer in SNAP's shape: what each case code says, for each of the services. */
function snap(status: number, services: readonly string[], cases: Readonly<Record<string, string>>): AnswerRow {
  const codes = services.flatMap((service) =>
    Object.entries(cases).map(([caseCode, meaning]) => [`${status}${service}${caseCode}`, meaning]),
  )
  return {
    description: snapWords,
    schema: webhookAnswers.snapReply,
    headers: ['X-TIMESTAMP'],
    codes: Object.fromEntries(codes),
  }
}

const snapWords = 'In SNAP’s own shape:'

const { token, payment, binding } = inboundServiceCodes

const notifications = [payment, binding]

/** @see `refusalCases`; protocol.md §8 */
const badRequest = {
  '00': 'the body cannot be read',
  '01': 'a field is not as it has to be; the message names it',
  '02': 'a field is missing; the message names it',
}

const flood = { '00': 'too many requests from this address were refused' }

/** What the document says of each route; the rest follows from the route table. */
const operationTable = {
  bind: {
    summary: 'Start linking an OVO account',
    description: 'Send the customer to `redirectUrl`, where OVO asks for the OTP and the PIN.',
    body: [inputs.bindingInput],
    answers: { 201: { description: 'Linking has begun.', schema: answers.binding } },
    problems: ['ALREADY_BOUND', 'BINDING_REPLACED', 'DOKU_PAGE_UNTRUSTED', ...dokuProblems],
  },
  binding: {
    summary: 'The linked OVO account',
    answers: { 200: { description: 'How the link stands.', schema: answers.binding } },
    problems: ['BINDING_NOT_FOUND'],
  },
  unbind: {
    summary: 'End the link with the OVO account',
    description: 'At DOKU and here. Ending what has ended succeeds.',
    answers: { 200: { description: 'How the link stands now.', schema: answers.binding } },
    problems: ['BINDING_NOT_FOUND', ...dokuProblems],
  },
  balance: {
    summary: 'What the linked account holds',
    answers: { 200: { description: 'As OVO says right now.', schema: answers.balance } },
    problems: ['BINDING_REQUIRED', ...dokuProblems],
  },
  pay: {
    summary: 'Pay an order',
    description: 'An order has one live attempt: while there is one, or once it is paid, that one is the answer.',
    body: [inputs.paymentInput],
    answers: {
      200: { description: `The attempt that is live, or has paid the order. ${sayAgain}`, schema: answers.payment },
      201: { description: `A new attempt. ${sayAgain}`, schema: answers.payment },
      202: { description: 'A new attempt of which nobody knows yet what became. Ask again.', schema: answers.payment },
    },
    problems: ['ORDER_NOT_FOUND', 'ORDER_BUSY', 'BINDING_REQUIRED', ...dokuProblems],
  },
  payment: {
    summary: 'How a payment stands',
    description: 'Only for the customer whose payment it is.',
    answers: { 200: { description: 'As far as is known; DOKU is asked when that is due.', schema: answers.payment } },
    problems: ['PAYMENT_NOT_FOUND'],
  },
  refund: {
    summary: 'Give back a payment, whole or part',
    body: [inputs.refundInput],
    answers: {
      200: { description: 'The refund that was begun with this `partnerRefundNo` before.', schema: answers.refund },
      201: { description: 'A new refund.', schema: answers.refund },
      202: { description: 'A new refund of which nobody knows yet what became. Ask again.', schema: answers.refund },
    },
    problems: [
      'FORBIDDEN',
      'PAYMENT_NOT_FOUND',
      'PAYMENT_NOT_PAID',
      'REFUND_TOO_LARGE',
      'BINDING_REQUIRED',
      ...dokuProblems,
    ],
  },
  return: {
    operationId: 'returnFromOvo',
    summary: 'The browser comes back from OVO',
    description:
      'Not to be called by a client: DOKU gets this address from the shop. Coming back proves nothing, so DOKU is asked.',
    answers: {
      200: { description: 'How it stands, where the shop has no page of its own for that.', isPage: true },
      303: {
        description: 'To the page of the shop, with `purpose`, `status` and, of a payment, `partnerReferenceNo`.',
        headers: ['Location'],
      },
      404: { description: 'The address is not valid, or somebody else’s.', isPage: true },
    },
    problems: ['BINDING_NOT_FOUND'],
  },
  webhookToken: {
    operationId: 'issueToken',
    dashboardField: 'Token URL',
    summary: 'DOKU fetches the access token that it needs for a notification',
    body: [webhookBodies.tokenRequest],
    answers: {
      200: { description: 'The token.', schema: webhookAnswers.snapToken, headers: ['X-CLIENT-KEY', 'X-TIMESTAMP'] },
      400: snap(400, [token], badRequest),
      401: snap(401, [token], { '00': 'not signed by DOKU, not just now, or for another client' }),
      429: snap(429, [token], flood),
      500: snap(500, [token], { '00': 'it went wrong here; try again' }),
    },
    problems: [],
  },
  webhookNotification: {
    operationId: 'notify',
    dashboardField: 'Notification URL',
    summary: 'DOKU tells what became of a payment, or of linking an account',
    description:
      'Both come to this address and are told apart by their shape. What comes twice, late or for nobody changes nothing ' +
      'and is answered with 200; DOKU sends again what is answered with anything else.',
    body: [webhookBodies.paymentNotification, webhookBodies.bindingNotification],
    answers: {
      200: snap(200, notifications, { '00': 'it is stored' }),
      400: snap(400, notifications, badRequest),
      401: snap(401, notifications, {
        '00': 'not signed by DOKU, or for another client',
        '01': 'without an access token that this router has issued',
      }),
      404: snap(404, [payment], { 13: 'not the amount of the payment' }),
      429: snap(429, notifications, flood),
      500: snap(500, notifications, { '00': 'it could not be stored; send it again' }),
    },
    problems: [],
  },
  health: {
    summary: 'Whether payments can be taken',
    answers: {
      200: { description: 'They can.', schema: answers.health },
      503: { description: 'The storage cannot be reached.', schema: answers.health },
    },
    problems: [],
  },
  openapi: {
    summary: 'This document',
    answers: { 200: { description: 'OpenAPI 3.1, of exactly what is mounted.', schema: answers.openApi } },
    problems: [],
  },
} satisfies Readonly<Record<RouteName, OperationRow>>

/** `hasRefunds`: whether the api in use has them; `undefined`: that is not known. */
export function operationRow(name: RouteName, hasRefunds: boolean | undefined): OperationRow {
  const row: OperationRow = operationTable[name]
  if (name !== 'refund' || hasRefunds === true) return row
  if (hasRefunds === undefined) return { ...row, problems: [...row.problems, 'REFUND_NOT_SUPPORTED'] }
  const description = 'The api of DOKU that is in use has no refunds: refund in DOKU’s dashboard.'
  return { ...row, description, answers: {}, problems: ['FORBIDDEN', 'REFUND_NOT_SUPPORTED'] }
}

const text = { type: 'string' } as const

/** The headers of our answers on which a client can act. */
export const headerTable = {
  RateLimit: {
    description:
      'What is left of the limit, and in how many seconds it starts anew (draft-ietf-httpapi-ratelimit-headers-08).',
    schema: text,
    example: '"pay"; r=19; t=60',
  },
  'RateLimit-Policy': {
    description: 'The limit: so many requests in so many seconds.',
    schema: text,
    example: '"pay"; q=20; w=60; pk=:ZTk3YTE2YjQ3M2Vi:',
  },
  'Retry-After': { description: 'In seconds.', schema: { type: 'integer', minimum: 0 }, example: 42 },
  Location: { description: 'Where the browser goes on to.', schema: { type: 'string', format: 'uri' } },
  'X-CLIENT-KEY': { description: 'The merchant’s client id.', schema: text },
  'X-TIMESTAMP': { description: 'When it was answered.', schema: { type: 'string', format: 'date-time' } },
} as const satisfies Record<string, JsonObject>

export type HeaderName = keyof typeof headerTable

/** The headers that an answer may have. */
export function headersOf(names: readonly HeaderName[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}
