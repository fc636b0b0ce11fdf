import type { BindingInput } from '../model/input.ts'
import { sendJson } from './middleware/answer.ts'
import { readJson } from './middleware/body.ts'
import { dokuProblems, minuteMs, type Route } from './route.ts'

/** The customer's own OVO account. */
export const bindingRoutes = {
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
      answers: { 200: { description: 'How the link stands.', schema: 'Binding' } },
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
      description: 'At DOKU and here. Ending what has ended succeeds.',
      answers: { 200: { description: 'How the link stands now.', schema: 'Binding' } },
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
      summary: 'What the linked account holds',
      answers: { 200: { description: 'As OVO says right now.', schema: 'Balance' } },
      problems: ['BINDING_REQUIRED', ...dokuProblems],
    },
  },
} satisfies Record<string, Route>
