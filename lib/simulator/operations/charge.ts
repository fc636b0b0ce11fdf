import { paymentMessage } from '../notifications/bodies.ts'
import { fromSen, sum } from '../protocol/money.ts'
import { deduct, type PayMethod } from '../state/accounts.ts'
import { isOpen, type LedgerEntry, type Payment, type PaymentStatus } from '../state/payments.ts'
import type { World } from '../world.ts'

/**
 * The only place where money leaves an account. Deducts, writes the ledger, and tells the merchant; an account that is
 * unlinked or too poor makes the payment fail. Returns whether it is paid.
 */
export function charge(world: World, payment: Payment): boolean {
  if (!isOpen(payment)) return false
  const { account, status } = payment.binding
  const isPaid = status === 'linked' && deduct(account, payment.parts)
  if (isPaid) enterIntoLedger(world, payment)
  finish(world, payment, isPaid ? '00' : '06')
  return isPaid
}

/** Ends a payment and tells the merchant so. */
export function finish(world: World, payment: Payment, status: PaymentStatus): void {
  payment.status = status
  world.notifier.announce(paymentMessage(payment))
}

function enterIntoLedger({ payments, settings }: World, payment: Payment): void {
  payment.paidAt = settings.clock()
  payments.ledger.push(ledgerEntry(payment, payment.paidAt))
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
