import type { Payments } from '../flows/payment.ts'
import type { PaymentInput } from '../model/input.ts'
import type { Balance, Customer } from '../model/views.ts'
import { readJson } from './middleware/body.ts'
import type { WhoAsks } from './middleware/identify.ts'
import { type Handler, sendJson } from './middleware/problem.ts'

/** `GET /balance`: what the customer's own OVO account holds. */
export function balanceRoute(balance: (customer: Customer) => Promise<Balance>, whoAsks: WhoAsks): Handler {
  return async (req, res) => {
    sendJson(res, 200, await balance(await whoAsks(req)))
  }
}

/** `POST /payments` and `GET /payments/:partnerReferenceNo`: the customer's own payments. */
export function paymentRoutes(payments: Payments, whoAsks: WhoAsks): Record<'pay' | 'payment', Handler> {
  return {
    pay: async (req, res) => {
      const customer = await whoAsks(req)
      // The flow checks it: it can be anything until then.
      const input = (await readJson(req)) as PaymentInput
      const { payment, created } = await payments.pay(customer, input)
      const inDoubt = payment.status === 'unknown'
      sendJson(res, created ? (inDoubt ? 202 : 201) : 200, payment)
    },
    payment: async (req, res) => {
      const customer = await whoAsks(req)
      sendJson(res, 200, await payments.find(customer, String(req.params.partnerReferenceNo)))
    },
  }
}
