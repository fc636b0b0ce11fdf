import { paymentMessage } from '../notifications/bodies.ts'
import { fromSen, sum } from '../protocol/values.ts'
import { deduct, type PayMethod } from '../state/accounts.ts'
import { isOpen, type LedgerEntry, moveTo, type Payment, type PaymentStatus } from '../state/payments.ts'
import type { World } from '../world.ts'

/**
 * Deducts the money, writes the ledger and notifies the merchant. Money leaves an account only in this file. The payment
 * fails if the account is unlinked or has too little money.
 * @returns whether the payment is paid
 */
export function charge(world: World, payment: Payment): boolean {
  if (!isOpen(payment)) return false
  if (payment.failsFirst) return failFirst(world, payment, payment.failsFirst)
  const isPaid = collect(world, payment)
  finish(world, payment, isPaid ? '00' : '06')
  return isPaid
}

/** Charges a payment that is not paid, even if it was reported as failed before. */
export function succeedLate(world: World, payment: Payment): boolean {
  const isPaid = payment.paidAt === undefined && collect(world, payment)
  if (isPaid) finish(world, payment, '00')
  return isPaid
}

function failFirst(world: World, payment: Payment, { ms }: { readonly ms?: number }): false {
  finish(world, payment, '06')
  world.gate.later('payment', ms, () => succeedLate(world, payment))
  world.journal.emit({ moment: 'held' })
  return false
}

function collect(world: World, payment: Payment): boolean {
  const { account, status } = payment.binding
  const isPaid = status === 'linked' && deduct(account, payment.parts)
  if (isPaid) enterIntoLedger(world, payment)
  return isPaid
}

/** Ends a payment and notifies the merchant. */
export function finish(world: World, payment: Payment, status: PaymentStatus): void {
  moveTo(payment, status, world.settings.clock())
  world.notifier.announce(paymentMessage(payment))
}

function enterIntoLedger({ payments, settings, journal }: World, payment: Payment): void {
  payment.paidAt = settings.clock()
  const entry = ledgerEntry(payment, payment.paidAt)
  payments.ledger.push(entry)
  journal.emit({ moment: 'charged', entry })
}

function ledgerEntry(payment: Payment, at: number): LedgerEntry {
  const { partnerReferenceNo, referenceNo, externalId, binding, sen } = payment
  return {
    partnerReferenceNo,
    referenceNo,
    externalId,
    custIdMerchant: binding.custIdMerchant,
    phoneNo: binding.account.phoneNo,
    amount: fromSen(sen),
    cash: fromSen(paidBy(payment, 'CASH')),
    points: fromSen(paidBy(payment, 'POINTS')),
    at,
  }
}

function paidBy({ parts }: Payment, payMethod: PayMethod): bigint {
  return sum(parts.filter((part) => part.payMethod === payMethod).map((part) => part.sen))
}
