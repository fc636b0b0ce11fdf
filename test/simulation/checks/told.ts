import type { Payment, Refund } from '../../../lib/model/views.ts'
import type { Doku } from '../doku/doku.ts'
import type { Attempt } from '../doku/ledger.ts'
import type { Journal } from '../engine/journal.ts'
import { isPaidStatus } from './writes.ts'

/** Looks at what people and hooks are told: never of money that did not move. */
export class ToldCheck {
  readonly #journal: Journal
  readonly #doku: () => Doku
  readonly #refused = new Set<string>()
  readonly #arrived = new Set<string>()

  constructor(journal: Journal, doku: () => Doku) {
    this.#journal = journal
    this.#doku = doku
  }

  payment({ partnerReferenceNo, status, refunds = [] }: Payment): void {
    const charged = (this.#doku().payments.find(partnerReferenceNo)?.charges ?? 0) > 0
    if (isPaidStatus(status) && !charged) {
      this.#journal.violate(`somebody was told that ${this.#name(partnerReferenceNo)} is ${status}, without a charge`)
    }
    for (const refund of refunds) this.refund(partnerReferenceNo, refund)
  }

  refund(reference: string, { status, partnerRefundNo }: Refund): void {
    if (status !== 'succeeded') return
    const given = this.#doku()
      .payments.find(reference)
      ?.refunds.some((refund) => refund.partnerRefundNo === partnerRefundNo && refund.isGiven)
    const name = this.#journal.name(partnerRefundNo, 'r')
    if (!given) this.#journal.violate(`somebody was told that refund ${name} succeeded, and nothing was given back`)
  }

  binding(customerId: string, status: string): void {
    if (status !== 'active') return
    const wasAgreed = this.#doku().links.all.some((link) => link.customerId === customerId && link.wasAgreed)
    if (!wasAgreed) this.#journal.violate(`somebody was told that ${customerId} is linked, who never agreed`)
  }

  /** A click that ended in an error has sent nothing, and never will. */
  refused(clickId: string): void {
    this.#refused.add(clickId)
    this.#checkClick(clickId)
  }

  arrived({ clickId }: Attempt): void {
    this.#arrived.add(clickId)
    this.#checkClick(clickId)
  }

  #checkClick(clickId: string): void {
    const isBoth = this.#refused.has(clickId) && this.#arrived.has(clickId)
    if (isBoth) this.#journal.violate(`${clickId} was told that nothing was sent, and it was`)
  }

  #name(reference: string): string {
    return this.#journal.name(reference, 'p')
  }
}
