import { bindingStatuses, type PaymentFailure, paymentStatuses, refundStatuses } from '../model/views.ts'
import { parseAmountValue } from '../primitives/money.ts'
import {
  absentOr,
  type Check,
  count,
  listOf,
  matching,
  oneOf,
  shapeOf,
  text,
  time,
  unchecked,
} from '../records/shape.ts'
import type { BindingRecord, EarlierLink } from './bindings/binding-record.ts'
import { checkHistoryShape, heardShape } from './check-schedule.ts'
import type { OrderRecord, PaymentRecord, UnmatchedPayment } from './orders/payment-record.ts'
import type { RefundRecord } from './orders/refund-record.ts'
import { outboxShape } from './outbox/outbox-state.ts'

/**
 * The shape of each kind of record, checked at every read. Somebody who can write to the store must not crash the process,
 * or move money, with half a record. A shape does not prove that the values are true.
 */

const reference = matching(/^[A-Za-z0-9_.-]{1,32}$/)
const customerId = matching(/^[\x21-\x7e]{1,64}$/)
const amount: Check<string> = (value): value is string =>
  typeof value === 'string' && parseAmountValue(value) !== undefined
const times = { createdAt: time, updatedAt: time }
const failure = shapeOf<PaymentFailure>({ code: text, message: text })
/** Far more than any record ever gets: one of ours must never be refused. */
const many = 10_000

const refund = shapeOf<RefundRecord>({
  partnerRefundNo: matching(/^[A-Za-z0-9_.-]{1,64}$/),
  externalId: text,
  status: oneOf(refundStatuses),
  amount,
  reason: absentOr(text),
  by: absentOr(text),
  evidence: absentOr(text),
  refundNo: absentOr(text),
  failure: absentOr(failure),
  ...times,
})

const payment = shapeOf<PaymentRecord>({
  partnerReferenceNo: reference,
  externalId: text,
  customerId,
  status: oneOf(paymentStatuses),
  amount,
  payMethod: text,
  webRedirectUrl: absentOr(text),
  referenceNo: absentOr(text),
  failure: absentOr(failure),
  checks: absentOr(checkHistoryShape),
  isDoubted: absentOr(oneOf([true])),
  claimedPaidAt: absentOr(time),
  paidReferenceNos: absentOr(listOf(text, many)),
  questions: absentOr(listOf(time, many)),
  isRecurring: absentOr(oneOf([true])),
  releasedBy: absentOr(text),
  checksAfterFailure: absentOr(count),
  refunds: absentOr(listOf(refund, many)),
  ...times,
})

/** DOKU's word for the reference, which can be any text. */
export const unmatchedShape = shapeOf<UnmatchedPayment>({
  partnerReferenceNo: text,
  amount,
  referenceNo: absentOr(text),
  questions: absentOr(listOf(time, many)),
  checks: absentOr(checkHistoryShape),
  createdAt: time,
})

export const orderShape = shapeOf<OrderRecord>({
  orderId: text,
  digest: absentOr(text),
  attempts: listOf(payment, many),
  unmatched: absentOr(listOf(unmatchedShape, many, 1)),
  outbox: absentOr(outboxShape),
  sequence: absentOr(count),
})

const earlierLink = shapeOf<EarlierLink>({ authCode: text, phoneNo: text, maskedPhoneNo: text })

/** Sealed fields are unchecked: they open or they do not. */
export const bindingShape = shapeOf<BindingRecord>({
  customerId,
  status: oneOf(bindingStatuses),
  phoneNo: unchecked(),
  maskedPhoneNo: text,
  externalId: text,
  redirectUrl: unchecked(),
  authCode: unchecked(),
  customerToken: unchecked(),
  customerTokenExpiresAt: absentOr(time),
  endingSince: absentOr(time),
  firstRefusal: absentOr(heardShape),
  earlierLinks: absentOr(listOf(earlierLink, many)),
  droppedBy: absentOr(text),
  checks: absentOr(checkHistoryShape),
  outbox: absentOr(outboxShape),
  sequence: absentOr(count),
  ...times,
})
