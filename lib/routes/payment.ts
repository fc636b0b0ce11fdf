import type { Response } from 'express'
import { ProblemError } from '../errors.ts'
import type { PaymentInput, RefundInput } from '../model/input.ts'
import { sendJson } from './middleware/answer.ts'
import { readJson } from './middleware/body.ts'
import { type CountedRoute, dokuProblems, minuteMs } from './route.ts'

const pathParts = { partnerReferenceNo: { description: 'Names the payment.', schema: { type: 'string' } } } as const

const confirmPage = 'With `webRedirectUrl`, send the customer there to confirm.'

/** The customer's payments, and the refunds that staff of the shop make. */
export const paymentRoutes: Readonly<Record<'pay' | 'payment' | 'refund', CountedRoute>> = {
  pay: {
    method: 'post',
    path: '/payments',
    caller: 'customer',
    limit: { limit: 20, windowMs: minuteMs, needsCounting: true },
    handler:
      ({ flows, identify }) =>
      async (req, res) => {
        const customer = await identify(req)
        // The flow checks it. Until then it can be anything.
        const input = (await readJson(req)) as PaymentInput
        const { payment, created } = await flows.payments.pay(customer, input)
        sendOutcome(res, created, payment)
      },
    operation: {
      summary: 'Pay an order',
      description:
        'An order has one live attempt. While one is live, or after one has paid, that attempt is the answer.',
      body: ['PaymentInput'],
      answers: {
        200: { description: `The live attempt, or the one that has paid the order. ${confirmPage}`, schema: 'Payment' },
        201: { description: `A new attempt. ${confirmPage}`, schema: 'Payment' },
        202: { description: 'A new attempt whose outcome is not known yet. Ask again.', schema: 'Payment' },
      },
      problems: ['ORDER_NOT_FOUND', 'ORDER_BUSY', 'ORDER_CHANGED', 'BINDING_REQUIRED', ...dokuProblems],
    },
  },
  payment: {
    method: 'get',
    path: '/payments/:partnerReferenceNo',
    caller: 'customer',
    limit: { limit: 120, windowMs: minuteMs },
    handler:
      ({ flows, identify }) =>
      async (req, res) => {
        const customer = await identify(req)
        sendJson(res, 200, await flows.payments.find(customer, String(req.params.partnerReferenceNo)))
      },
    operation: {
      summary: 'The state of a payment',
      description: 'Only for the customer who owns the payment.',
      pathParts,
      answers: {
        200: { description: 'The last known state. If a check is due, the router asks DOKU first.', schema: 'Payment' },
      },
      problems: ['PAYMENT_NOT_FOUND'],
    },
  },
  refund: {
    method: 'post',
    path: '/payments/:partnerReferenceNo/refunds',
    caller: 'staff',
    limit: { limit: 60, windowMs: minuteMs, needsCounting: true },
    handler:
      ({ flows, isStaff }) =>
      async (req, res) => {
        if (!(await isStaff(req))) throw new ProblemError('FORBIDDEN', 'Only staff of the shop may refund.')
        // The flow checks it. Until then it can be anything.
        const input = (await readJson(req)) as RefundInput
        const { refund, created } = await flows.refunds.refund(String(req.params.partnerReferenceNo), input)
        sendOutcome(res, created, refund)
      },
    operation: {
      summary: 'Refund a payment, whole or part',
      pathParts,
      body: ['RefundInput'],
      answers: {
        200: { description: 'The earlier refund with this `partnerRefundNo`.', schema: 'Refund' },
        201: { description: 'A new refund.', schema: 'Refund' },
        202: { description: 'A new refund whose outcome is not known yet. Ask again.', schema: 'Refund' },
      },
      problems: [
        'FORBIDDEN',
        'PAYMENT_NOT_FOUND',
        'PAYMENT_NOT_PAID',
        'REFUND_TOO_LARGE',
        'BINDING_REQUIRED',
        ...dokuProblems,
      ],
      withoutRefunds: {
        description: 'DOKU’s api in use has no refunds. Refund in DOKU’s dashboard.',
        answers: {},
        problems: ['FORBIDDEN', 'REFUND_NOT_SUPPORTED'],
      },
    },
  },
}

/** 201 for a new payment or refund, 202 if DOKU has not confirmed the new one yet, 200 for one that existed before. */
function sendOutcome(res: Response, created: boolean, view: { readonly status: string }): void {
  const createdStatus = view.status === 'unknown' ? 202 : 201
  sendJson(res, created ? createdStatus : 200, view)
}
