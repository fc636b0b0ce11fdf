import { Refusal } from '../protocol/answers.ts'
import { type JsonObject, textAt } from '../protocol/fields.ts'
import { amountOf } from '../protocol/money.ts'
import { jakartaTime } from '../protocol/timestamp.ts'
import { PAYMENT_STATUS, type Payment } from '../state/payments.ts'
import type { World } from '../world.ts'
import type { Handler } from './call.ts'

/** Whichever service code was asked for, DOKU answers with its own (protocol.md C-14). */
const ECHOED_SERVICE_CODE = '55'

/** @see protocol.md section 9 */
export const checkStatus: Handler = (world, { body }) => {
  const payment = findPayment(world, body)
  if (!payment) throw new Refusal('transactionNotFound')
  return {
    originalPartnerReferenceNo: payment.partnerReferenceNo,
    originalReferenceNo: payment.referenceNo,
    originalExternalId: payment.externalId,
    serviceCode: ECHOED_SERVICE_CODE,
    latestTransactionStatus: payment.status,
    transactionStatusDesc: PAYMENT_STATUS[payment.status].toUpperCase(),
    originalResponseCode: payment.answered.responseCode,
    originalResponseMessage: payment.answered.responseMessage,
    ...(payment.paidAt !== undefined && { paidTime: jakartaTime(payment.paidAt) }),
    transAmount: amountOf(payment.sen),
    additionalInfo: { acquirer: { id: 'OVO' } },
  }
}

/** By either reference; every one that is given has to fit. */
function findPayment({ payments }: World, body: JsonObject): Payment | undefined {
  const partnerReferenceNo = textAt(body, 'originalPartnerReferenceNo')
  const referenceNo = textAt(body, 'originalReferenceNo')
  if (partnerReferenceNo === undefined && referenceNo === undefined) {
    throw new Refusal('invalidMandatoryField', 'originalPartnerReferenceNo')
  }
  const payment =
    partnerReferenceNo === undefined
      ? payments.byReferenceNo(referenceNo ?? '')
      : payments.byPartnerReferenceNo(partnerReferenceNo)
  return referenceNo === undefined || payment?.referenceNo === referenceNo ? payment : undefined
}
