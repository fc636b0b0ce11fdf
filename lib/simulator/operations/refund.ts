import { paymentMessage } from '../notifications/bodies.ts'
import { Refusal } from '../protocol/answers.ts'
import { type JsonObject, requiredText, textAt } from '../protocol/bodies.ts'
import { amountOf, jakartaTime, sum, toSen } from '../protocol/values.ts'
import { credit, type Part } from '../state/accounts.ts'
import type { Refund } from '../state/payments.ts'
import { moveTo, type Payment } from '../state/payments.ts'
import type { World } from '../world.ts'
import type { Call, Handler } from './call.ts'

/**
 * Refunds the whole payment or a part of it, at once. DOKU's pages leave most details open. This simulator chose:
 * - A partnerRefundNo belongs to one refund forever. The same request again (payment and amount) moves no money and gets the
 *   first answer. Another payment or amount gets 4045818 Inconsistent Request, which ASPI tells merchants to read as done.
 * - More than the unrefunded rest of the payment: 4045813 Invalid Amount. A payment that was never paid: 4045800.
 * - A payment of another customer than the token's: 4045801, as if it did not exist.
 * - A refund without a customer token is refused or carried out, as `dialect.refundWithoutCustomer` says.
 * - Cash goes back before points, each up to the part that it paid.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#10
 */
export const refund: Handler = (world, call) => {
  const payment = refundablePayment(world, call)
  const sen = toSen(requiredText(call.body, 'refundAmount.value'))
  if (sen === 0n) throw new Refusal('invalidFieldFormat', 'refundAmount.value')
  const before = earlierRefund(world, payment, sen, requiredText(call.body, 'partnerRefundNo'))
  return answerOf(payment, before ?? makeRefund(world, payment, sen, call.body))
}

function refundablePayment({ payments }: World, call: Call): Payment {
  const payment = payments.byPartnerReferenceNo(requiredText(call.body, 'originalPartnerReferenceNo'))
  const isForeign = call.customer && payment?.binding.custIdMerchant !== call.customer.binding.custIdMerchant
  if (!payment || isForeign) throw new Refusal('transactionNotFound')
  const externalId = textAt(call.body, 'originalExternalId') ?? payment.externalId
  if (externalId !== payment.externalId) throw new Refusal('transactionNotFound')
  if (payment.paidAt === undefined) throw new Refusal('invalidTransactionStatus')
  return payment
}

function earlierRefund(world: World, payment: Payment, sen: bigint, partnerRefundNo: string): Refund | undefined {
  const made = world.settings.deduplicates ? world.refunds.byPartnerRefundNo(partnerRefundNo) : undefined
  if (made && (made.payment !== payment || made.refund.sen !== sen)) throw new Refusal('inconsistentRequest')
  return made?.refund
}

function makeRefund(world: World, payment: Payment, sen: bigint, body: JsonObject): Refund {
  const left = payment.sen - sum(payment.refunds.map((one) => one.sen))
  if (sen > left) throw new Refusal('invalidAmount')
  const given = newRefund(world, payment, sen, body)
  credit(payment.binding.account, given.parts)
  const entry = world.refunds.add(payment, given)
  world.journal.emit({ moment: 'refunded', entry })
  if (sen === left) markRefunded(world, payment)
  return given
}

/** Only a full refund is notified. After a part the status stays 00, and only `refundHistory` shows the refund. */
function markRefunded(world: World, payment: Payment): void {
  moveTo(payment, '04', world.settings.clock())
  world.notifier.announce(paymentMessage(payment))
}

function newRefund({ ids, settings }: World, payment: Payment, sen: bigint, body: JsonObject): Refund {
  return {
    partnerRefundNo: requiredText(body, 'partnerRefundNo'),
    refundNo: ids.digits(32),
    sen,
    parts: partsOf(payment, sen),
    reason: textAt(body, 'reason'),
    at: settings.clock(),
  }
}

function partsOf(payment: Payment, sen: bigint): readonly Part[] {
  const cashLeft = cashIn(payment.parts) - sum(payment.refunds.map((one) => cashIn(one.parts)))
  const cash = sen < cashLeft ? sen : cashLeft
  return [
    { payMethod: 'CASH', sen: cash },
    { payMethod: 'POINTS', sen: sen - cash },
  ]
}

function cashIn(parts: readonly Part[]): bigint {
  return sum(parts.filter(({ payMethod }) => payMethod === 'CASH').map((part) => part.sen))
}

function answerOf(payment: Payment, { sen, refundNo, partnerRefundNo, at }: Refund): Record<string, unknown> {
  return {
    refundAmount: amountOf(sen),
    originalPartnerReferenceNo: payment.partnerReferenceNo,
    originalReferenceNo: payment.referenceNo,
    originalExternalId: payment.externalId,
    refundNo,
    partnerRefundNo,
    refundTime: jakartaTime(at),
  }
}
