import type { SampleAccount } from '../options.ts'
import { fromSen, sum, toSen } from '../protocol/values.ts'

export type PayMethod = 'CASH' | 'POINTS'

/** The part of a payment that one balance pays, in sen. */
export interface Part {
  readonly payMethod: PayMethod
  readonly sen: bigint
}

/** A customer's OVO account. */
export interface Account {
  readonly phoneNo: string
  readonly pin: string
  readonly otp: string
  readonly balances: Record<PayMethod, bigint>
  readonly blocked: boolean
  /** The custIdMerchant that the account is linked to. Absent when it is not linked. */
  linkedTo?: string | undefined
}

/** An OVO account as tests and pages see it. */
export interface AccountView {
  readonly phoneNo: string
  /** OVO Cash, in rupiah with two decimals: `'10000.00'`. */
  readonly cash: string
  /** OVO Points, in rupiah with two decimals. */
  readonly points: string
  readonly blocked: boolean
  /** The custIdMerchant that the account is linked to. Undefined when it is not linked. */
  readonly linkedTo: string | undefined
}

export function createAccounts(samples: readonly SampleAccount[]): ReadonlyMap<string, Account> {
  return new Map(samples.map((sample) => [sample.phoneNo, openAccount(sample)]))
}

function openAccount({ phoneNo, pin, otp, cash, points, blocked = false }: SampleAccount): Account {
  return { phoneNo, pin, otp, blocked, balances: { CASH: toSen(cash), POINTS: toSen(points) } }
}

export function viewAccount({ phoneNo, balances, blocked, linkedTo }: Account): AccountView {
  return { phoneNo, cash: fromSen(balances.CASH), points: fromSen(balances.POINTS), blocked, linkedTo }
}

/** Takes all parts from the account. Takes nothing and returns false if one balance is too small. */
export function deduct(account: Account, parts: readonly Part[]): boolean {
  const due = { CASH: dueFrom(parts, 'CASH'), POINTS: dueFrom(parts, 'POINTS') }
  if (account.balances.CASH < due.CASH || account.balances.POINTS < due.POINTS) return false
  account.balances.CASH -= due.CASH
  account.balances.POINTS -= due.POINTS
  return true
}

/** Gives parts back to the balances that they came from. */
export function credit(account: Account, parts: readonly Part[]): void {
  for (const { payMethod, sen } of parts) account.balances[payMethod] += sen
}

function dueFrom(parts: readonly Part[], payMethod: PayMethod): bigint {
  return sum(parts.filter((part) => part.payMethod === payMethod).map((part) => part.sen))
}
