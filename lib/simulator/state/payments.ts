import type { Generation } from '../protocol/routes.ts'
import { fromSen } from '../protocol/values.ts'
import type { Part } from './accounts.ts'
import type { Binding } from './bindings.ts'

/**
 * The values of SNAP's latestTransactionStatus that payments have here.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#9
 */
export const PAYMENT_STATUS = {
  '00': 'Success',
  '01': 'Initiated',
  '03': 'Pending',
  '04': 'Refunded',
  '05': 'Canceled',
  '06': 'Failed',
} as const

/** 01: waits for the customer. 03: the customer has opened the PIN page. 04: refunded in full. */
export type PaymentStatus = keyof typeof PAYMENT_STATUS

export interface StatusChange {
  readonly status: PaymentStatus
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface Payment {
  readonly partnerReferenceNo: string
  readonly referenceNo: string
  /** The X-EXTERNAL-ID of the payment request. */
  readonly externalId: string
  readonly sen: bigint
  readonly parts: readonly Part[]
  readonly binding: Binding
  readonly customerToken: string
  readonly deviceId: string | undefined
  readonly generation: Generation
  /** As the request said. The archived generation has none. */
  readonly paymentType: 'SALE' | 'RECURRING' | undefined
  readonly successUrl: string
  readonly failedUrl: string
  /** The last part of `webRedirectUrl`. */
  readonly pageId: string
  status: PaymentStatus
  /** Every status so far, oldest first. */
  readonly history: StatusChange[]
  /** Oldest first. */
  readonly refunds: Refund[]
  /** A fault that makes the payment fail before it succeeds. */
  readonly failsFirst?: { readonly ms?: number }
  /** The answer to the payment request. */
  answered: { readonly responseCode: string; readonly responseMessage: string }
  /** Milliseconds since the epoch. */
  paidAt?: number
}

/** One deduction from an OVO account. A payment has at most one. */
export interface LedgerEntry {
  readonly partnerReferenceNo: string
  readonly referenceNo: string
  readonly externalId: string
  readonly custIdMerchant: string
  readonly phoneNo: string
  /** Rupiah with two decimals: `'10000.00'`. Equals `cash` plus `points`. */
  readonly amount: string
  /** The part from OVO Cash, in rupiah with two decimals. */
  readonly cash: string
  /** The part from OVO Points, in rupiah with two decimals. */
  readonly points: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** The payments, by each of their three ids, and all charges, oldest first. */
export interface PaymentMemory {
  readonly ledger: LedgerEntry[]
  readonly byPartnerReferenceNo: Map<string, Payment>
  readonly byReferenceNo: Map<string, Payment>
  readonly byPageId: Map<string, Payment>
}

export function noPayments(): PaymentMemory {
  return { ledger: [], byPartnerReferenceNo: new Map(), byReferenceNo: new Map(), byPageId: new Map() }
}

/** All payments that were ever accepted, and their charges. */
export class Payments {
  readonly #memory: PaymentMemory

  constructor(memory: PaymentMemory) {
    this.#memory = memory
  }

  get ledger(): LedgerEntry[] {
    return this.#memory.ledger
  }

  add(payment: Payment): void {
    this.#memory.byPartnerReferenceNo.set(payment.partnerReferenceNo, payment)
    this.#memory.byReferenceNo.set(payment.referenceNo, payment)
    this.#memory.byPageId.set(payment.pageId, payment)
  }

  byPartnerReferenceNo(partnerReferenceNo: string): Payment | undefined {
    return this.#memory.byPartnerReferenceNo.get(partnerReferenceNo)
  }

  byReferenceNo(referenceNo: string): Payment | undefined {
    return this.#memory.byReferenceNo.get(referenceNo)
  }

  byPageId(pageId: string): Payment | undefined {
    return this.#memory.byPageId.get(pageId)
  }
}

export function moveTo(payment: Payment, status: PaymentStatus, at: number): void {
  payment.status = status
  payment.history.push({ status, at })
}

/** Whether the customer can still confirm or decline it. */
export function isOpen({ status }: Payment): boolean {
  return status === '01' || status === '03'
}

/** One refund of a payment. */
export interface Refund {
  readonly partnerRefundNo: string
  /** DOKU's own number of the refund. */
  readonly refundNo: string
  readonly sen: bigint
  readonly parts: readonly Part[]
  readonly reason: string | undefined
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** One return of money to an OVO account. A payment may have several. */
export interface RefundEntry {
  readonly partnerRefundNo: string
  readonly refundNo: string
  readonly partnerReferenceNo: string
  readonly referenceNo: string
  readonly custIdMerchant: string
  readonly phoneNo: string
  /** Rupiah with two decimals. */
  readonly amount: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

interface Made {
  readonly payment: Payment
  readonly refund: Refund
}

/** The refunds, by partnerRefundNo, and all of them, oldest first. */
export interface RefundMemory {
  readonly ledger: RefundEntry[]
  readonly made: Map<string, Made>
}

export function noRefunds(): RefundMemory {
  return { ledger: [], made: new Map() }
}

/** All refunds that were ever made. */
export class Refunds {
  readonly #memory: RefundMemory

  constructor(memory: RefundMemory) {
    this.#memory = memory
  }

  get ledger(): RefundEntry[] {
    return this.#memory.ledger
  }

  add(payment: Payment, refund: Refund): RefundEntry {
    payment.refunds.push(refund)
    this.#memory.made.set(refund.partnerRefundNo, { payment, refund })
    const entry = refundEntry(payment, refund)
    this.ledger.push(entry)
    return entry
  }

  byPartnerRefundNo(partnerRefundNo: string): Made | undefined {
    return this.#memory.made.get(partnerRefundNo)
  }
}

function refundEntry({ partnerReferenceNo, referenceNo, binding }: Payment, refund: Refund): RefundEntry {
  return {
    partnerRefundNo: refund.partnerRefundNo,
    refundNo: refund.refundNo,
    partnerReferenceNo,
    referenceNo,
    custIdMerchant: binding.custIdMerchant,
    phoneNo: binding.account.phoneNo,
    amount: fromSen(refund.sen),
    at: refund.at,
  }
}
