import type { Simulator } from 'express-doku-ovo/simulator'
import { orderDigest, recordKeys } from '../../lib/records/records.ts'
import type { Storage } from '../../lib/storage/storage.ts'
import type { Customers } from './driver/customers.ts'
import { linesOf } from './host/journal.ts'
import type { JournalLine } from './host/messages.ts'
import { orderIn } from './host/orders.ts'

/** As the storage keeps them, told by their order. */
export interface StoredPayment {
  readonly orderId: string
  readonly partnerReferenceNo: string
  readonly status: string
}

export interface Evidence {
  readonly doku: Simulator
  readonly customers: Customers
  readonly payments: readonly StoredPayment[]
  readonly journal: readonly JournalLine[]
}

/** What went wrong, by name: each a list of what it happened to. All are empty when money is safe. */
export type Findings = Readonly<Record<string, readonly string[]>>

type PaymentEvent = Extract<JournalLine, { type: 'paymentChanged' }>

const final = ['paid', 'failed', 'cancelled', 'partially-refunded', 'refunded']
const statusesInOrder = ['sending', 'unknown', 'processing', 'awaiting-customer', 'failed', 'cancelled', 'paid']

/** Every attempt to pay every order that customers ever clicked on. */
export async function readPayments(storage: Storage, clientId: string, orders: Iterable<string>) {
  const payments: StoredPayment[] = []
  for (const orderId of orders) {
    const stored = await storage.read(recordKeys(clientId).order(orderDigest(clientId, orderId)))
    const { attempts = [] } = (stored?.value ?? {}) as unknown as { attempts?: StoredPayment[] }
    payments.push(...attempts.map(({ partnerReferenceNo, status }) => ({ orderId, partnerReferenceNo, status })))
  }
  return payments
}

export function isFinal({ status }: StoredPayment): boolean {
  return final.includes(status)
}

/** Judges by what DOKU's ledger says, and by nobody's memory of it. */
export function audit(evidence: Evidence): Findings {
  const { doku, customers, payments } = evidence
  const events = firstTold(evidence.journal)
  const charged = new Set(doku.ledger.map(({ partnerReferenceNo }) => partnerReferenceNo))
  const told = new Set([...customers.toldPaid, ...events.filter(({ to }) => to === 'paid').map(referenceOf)])
  const byPayment = groupByPayment(events)
  const eventsOf = (payment: StoredPayment) => byPayment.get(payment.partnerReferenceNo) ?? []
  const known = new Map(payments.map((payment) => [payment.partnerReferenceNo, payment]))
  return {
    'double charges': doubleCharges(doku),
    'charges without a record': [...charged].filter((reference) => !known.has(reference)),
    'charges not known as paid': [...charged].filter((reference) => known.get(reference)?.status !== 'paid'),
    'told paid, not charged': [...told].filter((reference) => !charged.has(reference)),
    'kept as paid, not charged': payments
      .filter(({ status }) => status === 'paid')
      .map(referenceOf)
      .filter((reference) => !charged.has(reference)),
    'not final': payments
      .filter((payment) => !isFinal(payment))
      .map((payment) => `${payment.partnerReferenceNo} ${payment.status}`),
    'lost events': payments.flatMap((payment) => missingEvents(payment, eventsOf(payment))),
    'events out of order': payments.filter((payment) => goesBackwards(eventsOf(payment))).map(referenceOf),
    'orders told to be paid twice': linesOf(evidence.journal, 'orderPaidTwice').map(({ orderId }) => orderId),
    'errors left to the host': linesOf(evidence.journal, 'surprise').map(({ error }) => error),
  }
}

/** Orders, by what DOKU was asked to charge for, with more than one deduction. */
function doubleCharges(doku: Simulator): string[] {
  const requests = doku.calls.filter(({ operation, isAuthentic }) => operation === 'payment' && isAuthentic)
  const orders = new Map(requests.map(({ body }) => [JSON.parse(body).partnerReferenceNo, orderIn(body)]))
  const counts = new Map<string, number>()
  for (const { partnerReferenceNo } of doku.ledger) {
    const order = orders.get(partnerReferenceNo) ?? 'nobody’s order'
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  return [...counts].filter(([, count]) => count > 1).map(([order]) => order)
}

/** Delivery is at least once: an event counts where it was told first. */
function firstTold(journal: readonly JournalLine[]): PaymentEvent[] {
  const seen = new Set<string>()
  return linesOf(journal, 'paymentChanged').filter(({ eventId }) => !seen.has(eventId) && seen.add(eventId))
}

function groupByPayment(events: readonly PaymentEvent[]): Map<string, PaymentEvent[]> {
  const groups = new Map<string, PaymentEvent[]>()
  for (const event of events) {
    const group = groups.get(event.partnerReferenceNo)
    if (group) group.push(event)
    else groups.set(event.partnerReferenceNo, [event])
  }
  return groups
}

/** Each event goes on where the one before it ended, from the start to what is stored: else one is missing. */
function missingEvents({ partnerReferenceNo, status }: StoredPayment, events: readonly PaymentEvent[]): string[] {
  const steps = [...events.map(({ from, to }) => [from, to]), [status, undefined]]
  const expected = ['sending', ...events.map(({ to }) => to)]
  const broken = steps.flatMap(([from], index) => (from === expected[index] ? [] : [`${expected[index]} to ${from}`]))
  return broken.map((step) => `${partnerReferenceNo}: ${step}`)
}

function goesBackwards(events: readonly PaymentEvent[]): boolean {
  const ranks = events.map(({ to }) => statusesInOrder.indexOf(to))
  return ranks.some((rank, index) => index > 0 && rank <= (ranks[index - 1] ?? -1))
}

function referenceOf({ partnerReferenceNo }: { readonly partnerReferenceNo: string }): string {
  return partnerReferenceNo
}
