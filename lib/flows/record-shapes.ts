import { parseAmountValue } from '../primitives/money.ts'
import { absentOr, type Check, count, listOf, matching, oneOf, shapeOf, text, time } from '../records/shape.ts'
import { paymentStatuses } from './orders/payment-state.ts'

/**
 * What each kind of record has to look like, checked at every read: whoever can write to the store must not be able to
 * crash the process or to have money moved by what is half a record. What it says is not proven by that.
 */

const reference = matching(/^[A-Za-z0-9_.-]{1,32}$/)
const customerId = matching(/^[\x21-\x7e]{1,64}$/)
const amount: Check = (value) => typeof value === 'string' && parseAmountValue(value) !== undefined
const times = { createdAt: time, updatedAt: time }
const failure = shapeOf({ code: text, message: text })
/** Far more than any record ever gets: one of ours must never be refused. */
const many = 10_000

const checks = shapeOf({ since: time, at: listOf(time, many), count, notFound: count })

const event = shapeOf({ id: text, type: text, occurredAt: text })
/** Without an attempt there would be no order; without an event no outbox. */
const some = (check: Check) => listOf(check, many, 1)

const outbox = shapeOf({
  events: some(shapeOf({ event, tries: count, notBefore: time })),
  claimedBy: text,
  claimedUntil: time,
})

const refund = shapeOf({
  partnerRefundNo: matching(/^[A-Za-z0-9_.-]{1,64}$/),
  externalId: text,
  status: oneOf(['sending', 'unknown', 'processing', 'failed', 'succeeded']),
  amount,
  reason: absentOr(text),
  refundNo: absentOr(text),
  failure: absentOr(failure),
  ...times,
})

const payment = shapeOf({
  partnerReferenceNo: reference,
  externalId: text,
  customerId,
  status: oneOf(paymentStatuses),
  amount,
  payMethod: text,
  webRedirectUrl: absentOr(text),
  referenceNo: absentOr(text),
  failure: absentOr(failure),
  checks: absentOr(checks),
  isDoubted: absentOr(oneOf([true])),
  refunds: absentOr(listOf(refund, many)),
  ...times,
})

export const orderShape = shapeOf({ orderId: text, attempts: some(payment), outbox: absentOr(outbox) })

export const referenceShape = shapeOf({ digest: matching(/^[0-9A-HJKMNP-TV-Z]{20}$/) })

/** Nothing about what is sealed: whatever does not open means that the customer has to link again. */
export const bindingShape = shapeOf({
  customerId,
  status: oneOf(['pending', 'active', 'failed', 'unlinked', 'unbound']),
  maskedPhoneNo: text,
  externalId: text,
  customerTokenExpiresAt: absentOr(time),
  endingSince: absentOr(time),
  checks: absentOr(checks),
  outbox: absentOr(outbox),
  ...times,
})

export const accessTokenShape = shapeOf({
  token: absentOr(text),
  expiresAt: absentOr(time),
  refreshAt: absentOr(time),
  fetchingUntil: absentOr(time),
})

export const parkedShape = shapeOf({ events: listOf(event, many) })
