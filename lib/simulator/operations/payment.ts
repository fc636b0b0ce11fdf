import { Refusal, responseCode } from '../protocol/answers.ts'
import { type JsonObject, objectsAt, requiredText, textAt } from '../protocol/bodies.ts'
import { GENERATIONS, OPERATIONS } from '../protocol/routes.ts'
import { sum, toSen } from '../protocol/values.ts'
import type { Part } from '../state/accounts.ts'
import type { Payment } from '../state/payments.ts'
import { pageUrl, type World } from '../world.ts'
import { type Call, customerOf, type Handler } from './call.ts'
import { charge } from './charge.ts'

const ACCEPTED: Payment['answered'] = {
  responseCode: responseCode('successful', OPERATIONS.payment.serviceCode),
  responseMessage: 'Successful',
}

/**
 * RECURRING charges at once. Every other payment waits for the customer on the page behind `webRedirectUrl`.
 * A reference belongs to one payment forever. If it comes again under another X-EXTERNAL-ID, it is refused, whether the
 * payment is pending, failed or paid ([protocol §11](https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#11): "unique per payment, forever").
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-6
 */
export const pay: Handler = (world, call) => {
  const payment = newPayment(world, call)
  const isRepeated = world.payments.byPartnerReferenceNo(payment.partnerReferenceNo) !== undefined
  if (isRepeated && world.settings.deduplicates) throw new Refusal('duplicateReference')
  world.payments.add(payment)
  if (payment.paymentType === 'RECURRING') return chargeAtOnce(world, payment)
  const webRedirectUrl = pageUrl(world, 'payment', payment.generation, payment.pageId)
  return { webRedirectUrl, referenceNo: payment.referenceNo }
}

function chargeAtOnce(world: World, payment: Payment): Record<string, unknown> {
  if (charge(world, payment)) return { referenceNo: payment.referenceNo }
  const refusal = new Refusal(payment.failsFirst ? 'doNotHonor' : 'insufficientFunds')
  const code = responseCode(refusal.caseName, OPERATIONS.payment.serviceCode)
  payment.answered = { responseCode: code, responseMessage: refusal.message }
  throw refusal
}

function newPayment({ ids, settings }: World, call: Call): Payment {
  const { body, headers, route, fault } = call
  const { binding, token } = customerOf(call)
  const sen = toSen(requiredText(body, 'amount.value'))
  return {
    partnerReferenceNo: requiredText(body, 'partnerReferenceNo'),
    referenceNo: ids.digits(32),
    externalId: headers['x-external-id'] ?? '',
    sen,
    parts: partsOf(body, sen),
    binding,
    customerToken: token,
    deviceId: headers['x-device-id'],
    generation: route.generation,
    paymentType: GENERATIONS[route.generation].hasPaymentType ? paymentTypeOf(body) : undefined,
    successUrl: requiredText(body, 'additionalInfo.successPaymentUrl'),
    failedUrl: requiredText(body, 'additionalInfo.failedPaymentUrl'),
    pageId: ids.digits(40),
    status: '01',
    history: [{ status: '01', at: settings.clock() }],
    refunds: [],
    ...(fault.kind === 'fails-first' && { failsFirst: fault }),
    answered: ACCEPTED,
  }
}

function paymentTypeOf(body: JsonObject): 'SALE' | 'RECURRING' {
  return textAt(body, 'additionalInfo.paymentType') === 'RECURRING' ? 'RECURRING' : 'SALE'
}

/**
 * The parts must add up to the amount. Fees are between DOKU and the merchant, and are not added.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-6
 */
function partsOf(body: JsonObject, sen: bigint): readonly Part[] {
  if (sen === 0n) throw new Refusal('invalidFieldFormat', 'amount.value')
  const parts = objectsAt(body, 'payOptionDetails').map(partOf)
  if (sum(parts.map((part) => part.sen)) !== sen) throw new Refusal('invalidFieldFormat', 'payOptionDetails')
  return parts
}

function partOf(option: JsonObject): Part {
  const payMethod = textAt(option, 'payMethod') === 'POINTS' ? 'POINTS' : 'CASH'
  return { payMethod, sen: toSen(requiredText(option, 'transAmount.value')) }
}
