import type { OrderRecord, PaymentRecord } from '../../../lib/flows/orders/payment-record.ts'
import type { WithOutbox } from '../../../lib/flows/outbox/outbox-state.ts'
import type { Doku } from '../doku/doku.ts'
import { type Attempt, givenBack } from '../doku/ledger.ts'
import type { Stage } from '../engine/stage.ts'
import type { Disk } from '../world/disk.ts'
import type { EventCheck } from './events.ts'
import { bindingsOn, ordersOn, parkedOn } from './records.ts'
import { isLiveStatus, isPaidStatus } from './writes.ts'

export interface EndParts {
  readonly stage: Stage
  readonly disk: Disk
  readonly doku: Doku
  readonly events: EventCheck
}

/** When nothing moves any more, everything has to be final, told, and true. */
export function checkEnd(parts: EndParts): void {
  const { disk, stage } = parts
  for (const order of ordersOn(disk)) checkOrder(parts, order)
  for (const binding of bindingsOn(disk)) {
    const isOpen = binding.status === 'pending' || binding.endingSince !== undefined
    if (isOpen) stage.journal.violate(`the binding of ${binding.customerId} is ${binding.status}, for ever`)
    checkTold(parts, binding, binding.customerId, binding.status, undefined)
    stage.journal.count(`bindings ${binding.status}`)
  }
  for (const attempt of parts.doku.payments.all) checkCharge(parts, attempt)
  checkDelivery(parts)
}

function checkOrder(parts: EndParts, order: OrderRecord): void {
  const { journal } = parts.stage
  journal.count('orders')
  for (const payment of order.attempts) {
    const name = journal.name(payment.partnerReferenceNo, 'p')
    journal.count(`payments ${payment.status}`)
    if (isLiveStatus(payment.status)) journal.violate(`${name} is ${payment.status}, for ever`)
    checkTold(parts, order, payment.partnerReferenceNo, payment.status, 'sending')
    checkRefunds(parts, order, payment)
  }
  checkPaidTwice(parts, order)
}

function checkTold(parts: EndParts, record: WithOutbox, subject: string, status: string, untold: string | undefined) {
  const { stage, events } = parts
  const told = events.latest.get(subject) ?? untold
  if (record.outbox) stage.journal.violate(`${subject} still has something to tell`)
  if (told !== status) stage.journal.violate(`${subject} is ${status}, but the hook was last told ${told}`)
}

function checkRefunds(parts: EndParts, order: OrderRecord, { partnerReferenceNo, refunds = [] }: PaymentRecord): void {
  const { journal } = parts.stage
  const attempt = parts.doku.payments.find(partnerReferenceNo)
  for (const { partnerRefundNo, status } of refunds) {
    const name = journal.name(partnerRefundNo, 'r')
    const isGiven =
      attempt?.refunds.some((given) => given.partnerRefundNo === partnerRefundNo && given.isGiven) ?? false
    journal.count(`refunds ${status}`)
    if (status !== 'failed' && status !== 'succeeded') journal.violate(`refund ${name} is ${status}, for ever`)
    else if (isGiven !== (status === 'succeeded')) journal.violate(`refund ${name} is ${status}; given: ${isGiven}`)
    checkTold(parts, order, partnerRefundNo, status, 'sending')
  }
}

/** The record says what DOKU did; only what DOKU changed its mind about without our hearing of it can be missing. */
function checkCharge({ stage, disk }: EndParts, attempt: Attempt): void {
  const { journal } = stage
  const payments = ordersOn(disk).flatMap(({ attempts }) => attempts)
  const payment = payments.find(({ partnerReferenceNo }) => partnerReferenceNo === attempt.reference)
  const name = journal.name(attempt.reference, 'p')
  if (attempt.charges > 0) journal.count('charges')
  if (attempt.isOverturned) journal.count('charges after failure')
  if (!payment) {
    journal.violate(`${name} has no record at the end`)
    return
  }
  const isKnowable = !attempt.isOverturned || attempt.acknowledgedAt !== undefined
  const isPaid = isPaidStatus(payment.status)
  if (attempt.charges > 0 && !isPaid && isKnowable) journal.violate(`${name} was charged, and is ${payment.status}`)
  if (attempt.charges === 0 && isPaid) journal.violate(`${name} is ${payment.status}, and was not charged`)
  if (isPaid) checkRefundStatus(stage, attempt, payment)
}

function checkRefundStatus({ journal }: Stage, attempt: Attempt, { status }: PaymentRecord): void {
  const given = givenBack(attempt)
  const expected = given === 0 ? 'paid' : given < attempt.rupiah ? 'partially-refunded' : 'refunded'
  const name = journal.name(attempt.reference, 'p')
  if (status !== expected) journal.violate(`${name} is ${status}, and ${given} of ${attempt.rupiah} was given back`)
}

function checkPaidTwice({ stage, events }: EndParts, { orderId, attempts }: OrderRecord): void {
  const paid = attempts.filter(({ status }) => isPaidStatus(status)).map((one) => one.partnerReferenceNo)
  if (paid.length < 2) return
  stage.journal.count('orders paid twice')
  const isTold = events.paidTwice.some((told) => paid.every((reference) => told.includes(reference)))
  if (!isTold) stage.journal.violate(`${orderId} was paid twice, and nobody was told`)
}

/** Every event that was ever told was told successfully, or is parked because its hook never does its work. */
function checkDelivery({ stage, disk, events }: EndParts): void {
  const { brokenHook } = stage.plan
  const parked = parkedOn(disk)
  stage.journal.count('events', events.events.size)
  stage.journal.count('events parked', parked.length)
  for (const event of parked) {
    if (event.type !== brokenHook) stage.journal.violate(`a ${event.type} is parked, but its hook works`)
  }
  for (const { event, isDelivered } of events.events.values()) {
    const isParked = parked.some(({ id }) => id === event.id)
    if (!isDelivered && !isParked) stage.journal.violate(`a ${event.type} was never delivered, nor parked`)
  }
}
