import type { Received } from '../operations/call.ts'
import { Refusal } from '../protocol/answers.ts'
import { CHANNEL, PAYMENT_TYPE } from '../protocol/bodies.ts'
import { checkFields, type Field, isObject, type JsonObject } from '../protocol/fields.ts'
import { GENERATIONS, OPERATIONS, type Route } from '../protocol/routes.ts'

/** The body as an object that fits its operation's field table. Fields that no table knows are fine. */
export function readBody({ body }: Received, route: Route): JsonObject {
  const parsed = parse(body)
  checkFields(parsed, fieldsOf(route))
  return parsed
}

function parse(body: Buffer): JsonObject {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'))
    if (isObject(parsed)) return parsed
  } catch {}
  throw new Refusal('badRequest')
}

function fieldsOf({ operation, generation }: Route): readonly Field[] {
  const { needsChannel, hasPaymentType } = GENERATIONS[generation]
  const isTypedPayment = operation === 'payment' && hasPaymentType
  return [...(needsChannel ? CHANNEL : []), ...OPERATIONS[operation].fields, ...(isTypedPayment ? PAYMENT_TYPE : [])]
}
