import { z } from 'zod'
import { bindingInput, paymentInput, refundInput } from '../../model/input.ts'
import type { JsonObject } from '../../primitives/json.ts'
import type { SchemaName } from '../route.ts'
import * as answers from './answer-schemas.ts'
import * as webhooks from './webhook-schemas.ts'
import { says, words } from './words.ts'

// The schemas of requests are those that the flows parse them with. Only their words are added here.

/** The numbers that `normalisePhoneNo` accepts. */
const phonePattern = String.raw`^\s*(\+[\s().-]*6[\s().-]*2|6[\s().-]*2|0)[\s().-]*[1-9]([\s().-]*\d){6,13}[\s().-]*$`

const { phoneNo, dateOfBirth } = bindingInput.shape

phoneNo.register(words, {
  ...says(
    'The phone number of the OVO account: 08…, +62… or 62…, with or without blanks and hyphens.',
    '0812-0000-0001',
  ),
  pattern: phonePattern,
})

dateOfBirth.register(words, says('YYYYMMDD', '19900131'))

bindingInput.register(words, says('The phone number, and whatever else the shop knows.'))

const { orderId, payMethod } = paymentInput.shape

orderId.register(words, says('The router asks the shop what it costs.', 'order-1'))

payMethod.register(words, says('The purse of the account that pays. Default: the shop’s choice, else CASH.'))

const { amount: refundAmount, reason, partnerRefundNo } = refundInput.shape

refundAmount.register(words, says('Rupiah with two decimals, as text. Default: the rest of the payment.', '2500.00'))

reason.register(words, says('For people.', 'Out of stock'))

partnerRefundNo.register(words, says('The same number means the same refund. Default: a new number.'))

refundInput.register(words, says('`{}` refunds the rest of the payment.'))

const components = {
  Amount: answers.amount,
  Failure: answers.failure,
  Binding: answers.binding,
  Balance: answers.balance,
  Refund: answers.refund,
  Payment: answers.payment,
  Problem: answers.problem,
  Health: answers.health,
  OpenApi: answers.openApi,
  BindingInput: bindingInput,
  PaymentInput: paymentInput,
  RefundInput: refundInput,
  TokenRequest: webhooks.tokenRequest,
  PaymentNotification: webhooks.paymentNotification,
  BindingNotification: webhooks.bindingNotification,
  SnapReply: webhooks.snapReply,
  SnapToken: webhooks.snapToken,
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
