import type { HookEvent } from '../../../lib/model/events.ts'
import type { Journal } from '../engine/journal.ts'
import type { ToldCheck } from './told.ts'
import { isForward } from './writes.ts'

interface Transition {
  readonly subject: string
  readonly from: string | undefined
  readonly to: string
}

/** What has to follow upon what: each event begins where the one before it ended, so that a lost one shows. */
function transitionOf(event: HookEvent): Transition | undefined {
  if (event.type === 'paymentChanged') {
    return { subject: event.payment.partnerReferenceNo, from: event.previousStatus, to: event.payment.status }
  }
  if (event.type === 'refundChanged') {
    return { subject: event.refund.partnerRefundNo, from: event.previousStatus, to: event.refund.status }
  }
  if (event.type === 'bindingChanged') {
    return { subject: event.customerId, from: event.previousStatus, to: event.binding.status }
  }
  return undefined
}

/** Looks at what the hooks are told: in order, without gaps, and never of what did not happen. */
export class EventCheck {
  readonly #journal: Journal
  readonly #told: ToldCheck
  /** The status that each subject had when its hook was last told something new. */
  readonly latest = new Map<string, string>()
  /** The events whose hooks have begun, and whether one has done its work. */
  readonly events = new Map<string, { readonly event: HookEvent; isDelivered: boolean }>()
  /** The references of the payments of every order that was told to be paid twice. */
  readonly paidTwice: string[][] = []

  constructor(journal: Journal, told: ToldCheck) {
    this.#journal = journal
    this.#told = told
  }

  /** A hook is called: for the first time, or again. */
  begins(event: HookEvent): void {
    if (this.events.has(event.id)) {
      this.#journal.count('hooks called again')
      return
    }
    this.events.set(event.id, { event, isDelivered: false })
    const transition = transitionOf(event)
    if (transition) this.#follow(event, transition)
    this.#checkTruth(event)
  }

  ends(event: HookEvent): void {
    const known = this.events.get(event.id)
    if (known) known.isDelivered = true
  }

  #follow(event: HookEvent, { subject, from, to }: Transition): void {
    const first = event.type === 'bindingChanged' ? undefined : 'sending'
    const before = this.latest.get(subject) ?? first
    const name = event.type === 'bindingChanged' ? subject : this.#journal.name(subject, 'p')
    if (before !== from) this.#journal.violate(`${event.type} of ${name} says ${from} -> ${to}, but it was ${before}`)
    if (event.type === 'paymentChanged' && !isForward(from ?? '', to)) {
      this.#journal.violate(`${event.type} of ${name} goes back from ${from} to ${to}`)
    }
    this.latest.set(subject, to)
  }

  #checkTruth(event: HookEvent): void {
    if (event.type === 'paymentChanged' || event.type === 'refundChanged') this.#told.payment(event.payment)
    if (event.type === 'bindingChanged') this.#told.binding(event.customerId, event.binding.status)
    if (event.type !== 'orderPaidTwice') return
    for (const payment of event.payments) this.#told.payment(payment)
    this.paidTwice.push(event.payments.map(({ partnerReferenceNo }) => partnerReferenceNo))
  }
}
