import type { BindingInput } from '../model/input.ts'
import { sendJson } from './middleware/answer.ts'
import { readJson } from './middleware/body.ts'
import { type CountedRoute, dokuProblems, minuteMs } from './route.ts'

/** The customer's own OVO account. */
export const bindingRoutes: Readonly<Record<'bind' | 'binding' | 'unbind' | 'balance', CountedRoute>> = {
  bind: {
    method: 'post',
    path: '/bindings',
    caller: 'customer',
    limit: { limit: 10, windowMs: 10 * minuteMs, needsCounting: true },
    handler:
      ({ flows, identify }) =>
      async (req, res) => {
        const customer = await identify(req)
        // The flow checks it. Until then it can be anything.
        const input = (await readJson(req)) as BindingInput
        sendJson(res, 201, await flows.bindings.start(customer, input))
      },
    operation: {
      summary: 'Start linking an OVO account',
      description: 'Send the customer to `redirectUrl`, where OVO asks for the OTP and the PIN.',
      body: ['BindingInput'],
      answers: { 201: { description: 'Linking has begun.', schema: 'Binding' } },
      problems: ['ALREADY_BOUND', 'BINDING_REPLACED', 'DOKU_PAGE_UNTRUSTED', ...dokuProblems],
    },
  },
  binding: {
    method: 'get',
    path: '/bindings',
    caller: 'customer',
    limit: { limit: 60, windowMs: minuteMs },
    handler:
      ({ flows, identify }) =>
      async (req, res) =>
        sendJson(res, 200, await flows.bindings.find(await identify(req))),
    operation: {
      summary: 'The linked OVO account',
      answers: { 200: { description: 'The state of the link.', schema: 'Binding' } },
      problems: ['BINDING_NOT_FOUND'],
    },
  },
  unbind: {
    method: 'delete',
    path: '/bindings',
    caller: 'customer',
    limit: { limit: 10, windowMs: 10 * minuteMs },
    handler:
      ({ flows, identify }) =>
      async (req, res) =>
        sendJson(res, 200, await flows.bindings.end(await identify(req))),
    operation: {
      summary: 'End the link with the OVO account',
      description: 'Ends it at DOKU and here. A link that has ended already is answered with 200 too.',
      answers: { 200: { description: 'The new state of the link.', schema: 'Binding' } },
      problems: ['BINDING_NOT_FOUND', ...dokuProblems],
    },
  },
  balance: {
    method: 'get',
    path: '/balance',
    caller: 'customer',
    limit: { limit: 30, windowMs: minuteMs },
    handler:
      ({ flows, identify }) =>
      async (req, res) =>
        sendJson(res, 200, await flows.balance(await identify(req))),
    operation: {
      summary: 'The balance of the linked account',
      answers: { 200: { description: 'The balance right now, from OVO.', schema: 'Balance' } },
      problems: ['BINDING_REQUIRED', ...dokuProblems],
    },
  },
}
