import { ProblemError, StorageError } from '../../lib/errors.ts'
import { type Act, evidence, type Statement } from '../../lib/flows/evidence.ts'
import type { OrderRecord, PaymentRecord } from '../../lib/flows/orders/payment-record.ts'
import type { HookEvent } from '../../lib/model/events.ts'
import type { Binding, Payment } from '../../lib/model/views.ts'
import {
  asBinding,
  asOrder,
  bindingsOn,
  type Found,
  findPayment,
  ordersOn,
  parkedOn,
} from '../simulation/checks/records.ts'
import { isLiveStatus } from '../simulation/checks/writes.ts'
import type { Disk, Written } from '../simulation/world/disk.ts'
import type { Doku, DokuPayment } from './doku.ts'

const minuteMs = 60_000
/** Two answers within less than this can have one cause. */
const separationMs = 15 * minuteMs
/** DOKU must know a payment by then. */
const knownAfterMs = 30 * minuteMs

const took = (status: string) => ['paid', 'partially-refunded', 'refunded'].includes(status)

const isStanding = ({ status }: PaymentRecord) => isLiveStatus(status) || took(status)

/** Says what must never be. It compares the records, the hooks and the answers with what DOKU has done, and with nothing else. */
export class Oracle {
  readonly violations: string[] = []
  /** Each event once, in the order of its first delivery. */
  readonly told: HookEvent[]
  readonly #disk: Disk
  readonly #doku: Doku

  constructor(disk: Disk, doku: Doku, told: readonly HookEvent[]) {
    this.#disk = disk
    this.#doku = doku
    this.told = [...told]
    disk.watch((before, after) => this.#wrote(before, after))
    doku.onArrival = (payment) => this.#arrived(payment)
  }

  violate(text: string): void {
    this.violations.push(text)
  }

  /** A call came to an answer: it says nothing that DOKU has not done. */
  answered(label: string, result: unknown): void {
    const { payment = result } = (result ?? {}) as { payment?: unknown }
    const { partnerReferenceNo = '', status = '' } = (payment ?? {}) as Partial<Payment>
    if (label.startsWith('is notified of the payment')) this.#acknowledged()
    if (['awaiting-customer', 'processing'].includes(status) && !this.#doku.payment(partnerReferenceNo)) {
      this.violate(`${label} was answered with a payment that DOKU does not have`)
    }
    if (took(status)) this.#mustBeCharged(partnerReferenceNo, `${label} was answered with ${status}`)
  }

  failed(label: string, error: unknown): void {
    if (error instanceof ProblemError || error instanceof StorageError) return
    this.violate(`${label} threw ${error instanceof Error ? error.stack : String(error)}`)
  }

  /** A hook is called: a second time with an old event, or in order with a new one. */
  tell(event: HookEvent): void {
    if (this.told.some(({ id }) => id === event.id)) return
    const [subject, from, to] = transitionOf(event)
    const before = this.#toldOf(subject)
    if (subject && before !== from) this.violate(`${event.type} says ${from} -> ${to}, but ${before} was told before`)
    const record = recordOf(event)
    const earlier = this.told.findLast((one) => recordOf(one) === record)
    if (earlier && earlier.sequence >= event.sequence)
      this.violate(`${event.type} has no higher sequence than the one before`)
    if (event.type === 'paymentChanged' && took(to ?? '')) this.#mustBeCharged(subject ?? '', `the hook was told ${to}`)
    this.told.push(event)
  }

  /** After reconciliation has come to rest. */
  checkRest(): void {
    for (const order of ordersOn(this.#disk)) this.#checkOrder(order)
    for (const binding of bindingsOn(this.#disk)) this.#checkTold(binding.customerId, binding.status, binding.outbox)
    if (parkedOn(this.#disk).length > 0) this.violate('an event was parked')
    for (const { reference, amount, code, arrivals, refunds } of this.#doku.state.payments) {
      const given = refunds.reduce((sum, { rupiah }) => sum + rupiah, 0)
      if (given > (code === '00' ? Number(amount.value) : 0)) this.violate(`${given} was given back of ${amount.value}`)
      if (arrivals > 1) this.violate('a payment was sent twice')
      const found = findPayment(this.#disk, reference)
      if (code === '00' && !took(found?.payment.status ?? '')) this.violate(`a charge is ${found?.payment.status} here`)
    }
  }

  #checkOrder({ orderId, attempts, outbox }: OrderRecord): void {
    const charged = attempts.filter(({ partnerReferenceNo }) => this.#doku.payment(partnerReferenceNo)?.code === '00')
    const isTold = this.told.some((event) => event.type === 'orderPaidTwice' && event.orderId === orderId)
    if (charged.length > 1 && !isTold) this.violate('the order was charged twice, and nobody was told')
    for (const { partnerReferenceNo: reference, status, failure, refunds = [] } of attempts) {
      this.#checkTold(reference, status, outbox)
      if (took(status)) this.#mustBeCharged(reference, `the record says ${status}`)
      if (failure?.code === 'NOT_SENT' && this.#doku.payment(reference))
        this.violate('a payment that was "not sent" is at DOKU')
      const given = this.#doku.payment(reference)?.refunds.map(({ partnerRefundNo }) => partnerRefundNo) ?? []
      for (const refund of refunds) {
        this.#checkTold(refund.partnerRefundNo, refund.status, outbox)
        const isGiven = given.includes(refund.partnerRefundNo)
        if (refund.status === 'failed' && isGiven) this.violate('a refund that DOKU carried out is failed here')
        if (refund.status === 'succeeded' && !isGiven) this.violate('a refund succeeded here, and not at DOKU')
      }
    }
  }

  #checkTold(subject: string, status: string, outbox: unknown): void {
    const told = this.#toldOf(subject)
    if (told !== status && !(status === 'sending' && told === undefined))
      this.violate(`${status} was never told, but ${told}`)
    if (outbox) this.violate('an event was not delivered')
  }

  #toldOf(subject: string | undefined): string | undefined {
    const transitions = this.told.map(transitionOf).filter(([one]) => one === subject)
    const first = subject?.startsWith('customer') ? undefined : 'sending'
    return transitions.at(-1)?.[2] ?? first
  }

  #acknowledged(): void {
    for (const { reference, code } of this.#doku.state.payments) {
      const payment = findPayment(this.#disk, reference)?.payment
      if (code === '00' && !took(payment?.status ?? ''))
        this.violate(`a paid notification was acknowledged as ${payment?.status}`)
    }
  }

  #mustBeCharged(reference: string, what: string): void {
    if (this.#doku.payment(reference)?.code !== '00') this.violate(`${what} without a charge`)
  }

  /** A payment comes to DOKU: written down, with its customer's own token, and no other one of its order is live. */
  #arrived({ reference, customerId }: DokuPayment): void {
    const found = findPayment(this.#disk, reference)
    if (!found) this.violate('a payment arrived at DOKU without a record')
    else this.#compare(found, customerId)
  }

  #compare(found: Found, customerId: string): void {
    if (found.payment.customerId !== customerId)
      this.violate(`${found.payment.customerId} pays with the token of ${customerId}`)
    const live = found.order.attempts.filter(({ status }) => isLiveStatus(status))
    if (live.some((one) => one !== found.payment)) this.violate('a payment arrived although another one is live')
  }

  #wrote(before: Written | undefined, after: Written): void {
    const old = asOrder(before)?.attempts ?? []
    const attempts = asOrder(after)?.attempts ?? []
    for (const payment of attempts) {
      const earlier = old.find((one) => one.partnerReferenceNo === payment.partnerReferenceNo)
      if (earlier && isLiveStatus(earlier.status)) this.#checkFreed(earlier, payment)
      if (!earlier && old.some(isStanding)) this.violate('an attempt was added although another one stands')
    }
    const isPaid = attempts.some(({ status }) => took(status))
    if (isPaid && attempts.some(({ status, webRedirectUrl }) => isLiveStatus(status) && webRedirectUrl)) {
      this.violate('the page of another attempt is shown although the order is paid')
    }
    const [link, next] = [asBinding(before), asBinding(after)]
    if (link?.authCode && link.authCode !== next?.authCode) this.#checkForgotten(link.customerId, link.authCode)
  }

  /** A live attempt was called over: DOKU has said so, as often as the row of the evidence asks. */
  #checkFreed(before: PaymentRecord, { partnerReferenceNo, status, failure, releasedBy }: PaymentRecord): void {
    if (status !== 'failed' && status !== 'cancelled') return
    const statement = statementOf(failure?.code ?? '', releasedBy)
    const allows: { readonly [act in Act]?: number } = evidence[statement].allows
    const heard = this.#witnesses(statement, partnerReferenceNo, before.createdAt)
    if (heard >= (allows['free-order'] ?? Number.POSITIVE_INFINITY)) return
    this.violate(`an order was freed by "${statement}" (${failure?.code}) with ${heard} witnesses`)
  }

  #witnesses(statement: Statement, reference: string, createdAt: number): number {
    const said = (...what: string[]) =>
      this.#doku.state.said.filter((one) => one.reference === reference && what.includes(one.what))
    if (statement === 'payment failed or cancelled') return said('06').length
    if (statement === 'payment request refused') return this.#doku.payment(reference) ? 0 : said('refused').length
    if (statement === 'payment request never left') return this.#doku.payment(reference) ? 0 : 1
    if (statement === 'payment still open') return separate(said('03').map(({ at }) => at))
    const unknown = separate(
      said('not found')
        .map(({ at }) => at)
        .filter((at) => at >= createdAt + knownAfterMs),
    )
    if (statement === 'payment not found') return unknown
    if (statement === 'released by a person') return said('03').length > 0 || unknown > 1 ? 1 : 0
    return 0
  }

  /** An authCode is the only means to end a link at DOKU: it may go when there is no link any more. */
  #checkForgotten(customerId: string, sealed: string): void {
    const link = this.#doku.state.links.find(
      (one) => one.customerId === customerId && sealed.endsWith(`|${one.authCode}`),
    )
    if (link?.state === 'agreed') this.violate('an authCode was forgotten whose link stands at DOKU')
  }
}

/** How many of these times are far enough from each other to count each. */
function separate(times: readonly number[]): number {
  let latest = Number.NEGATIVE_INFINITY
  let count = 0
  for (const at of [...times].sort((one, other) => one - other)) {
    if (at < latest + separationMs) continue
    latest = at
    count++
  }
  return count
}

function statementOf(code: string, releasedBy: string | undefined): Statement {
  if (code === 'RELEASED') return releasedBy ? 'released by a person' : 'payment still open'
  if (code === 'NOT_FOUND') return 'payment not found'
  if (code === 'NOT_SENT') return 'payment request never left'
  if (code === 'EXPIRED') return 'not confirmed for a week'
  return /^0[56]$/.test(code) ? 'payment failed or cancelled' : 'payment request refused'
}

type Transition = readonly [subject?: string | undefined, from?: string | undefined, to?: string]

function transitionOf(event: HookEvent): Transition {
  if (event.type === 'paymentChanged')
    return [event.payment.partnerReferenceNo, event.previousStatus, event.payment.status]
  if (event.type === 'refundChanged') return [event.refund.partnerRefundNo, event.previousStatus, event.refund.status]
  if (event.type === 'bindingChanged')
    return [event.customerId, event.previousStatus, (event.binding as Binding).status]
  return []
}

/** The record that an event belongs to: its sequence grows there. */
function recordOf(event: HookEvent): string {
  if (event.type === 'bindingChanged') return event.customerId
  if (event.type === 'orderPaidTwice') return event.orderId
  return 'payment' in event ? event.payment.orderId : event.type
}
