import { fromSen } from '../protocol/money.ts'
import type { Part } from './accounts.ts'
import type { Payment } from './payments.ts'

/** One amount that was given back. */
export interface Refund {
  readonly partnerRefundNo: string
  /** DOKU's own number for it. */
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

/** What is known of refunds: by partnerRefundNo, and oldest first. */
export interface RefundMemory {
  readonly ledger: RefundEntry[]
  readonly made: Map<string, Made>
}

export function noRefunds(): RefundMemory {
  return { ledger: [], made: new Map() }
}

/** The refunds that were ever made. */
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
