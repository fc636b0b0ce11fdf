import { foreignPage, isDokuPage } from '../../doku/pages.ts'
import { StorageError } from '../../errors.ts'
import type { HookEvent, NewEvent } from '../../model/events.ts'
import { isReference } from '../../model/reference.ts'
import type { Payment } from '../../model/views.ts'
import { withDeadline } from '../../primitives/deadline.ts'
import { orderDigest, Records, type Versioned } from '../../records/records.ts'
import { listOf, matching, shapeOf, text, time } from '../../records/shape.ts'
import type { Stored } from '../../storage/storage.ts'
import { EventRecords, type Outbox } from '../outbox/outbox.ts'
import type { Ports } from '../ports.ts'
import { orderShape } from '../record-shapes.ts'
import {
  digestInReference,
  type OrderRecord,
  orderDueAt,
  type PaymentRecord,
  toPayment,
  type UnmatchedPayment,
  unmatchedAtMost,
  withoutPage,
} from './payment-record.ts'
import { isLive, tookMoney } from './payment-state.ts'
import { toRefund } from './refund-record.ts'

/** One attempt, and the order record it was found in. */
export interface Located {
  readonly key: string
  readonly order: Versioned<OrderRecord>
  readonly payment: PaymentRecord
}

/** Names an order: the host's id, and its digest, which keys and references contain. */
export interface OrderName {
  readonly orderId: string
  readonly digest: string
}

/** Leads from a reference that the host chose to its order. */
interface ReferenceRecord {
  readonly digest: string
}

const referenceShape = shapeOf<ReferenceRecord>({ digest: matching(/^[0-9A-HJKMNP-TV-Z]{20}$/) })

/** The orders that took money twice, for `/health`. */
interface PaidTwiceRecord {
  readonly orders: readonly { readonly orderId: string; readonly at: number }[]
}

const paidTwiceAtMost = 100

const paidTwiceShape = shapeOf<PaidTwiceRecord>({
  orders: listOf(shapeOf<PaidTwiceRecord['orders'][number]>({ orderId: text, at: time }), paidTwiceAtMost),
})

/** A customer waits so long for an outcome to be stored, in ms; the tries go on without the customer. */
const answerWithinMs = 3_000

/** The pauses before the outcome of a request is written again, in ms. */
const retriesMs = [100, 300, 900, 2700]

/** The order records. Each holds all attempts of an order, so every rule about them is one compare-and-set. */
export class Orders {
  readonly #ports: Ports
  readonly #outbox: Outbox
  readonly #orders: EventRecords<OrderRecord>
  readonly #references: Records<ReferenceRecord>
  readonly #paidTwice: Records<PaidTwiceRecord>

  constructor(ports: Ports, outbox: Outbox) {
    this.#ports = ports
    this.#outbox = outbox
    const keyOf = ({ orderId, digest }: OrderRecord) =>
      orderId === '' && digest ? ports.keys.order(digest) : this.#keyOf(orderId)
    this.#orders = new EventRecords(ports.storage, {
      dueAt: orderDueAt,
      shape: orderShape,
      keyOf,
      ownsEvent,
      trusted: (order) => this.#withTrustedPages(order),
    })
    this.#paidTwice = new Records(ports.storage, { shape: paidTwiceShape })
    this.#references = new Records(ports.storage, { shape: referenceShape })
  }

  /** The order's name, with the digest that its key and its references are made from. */
  nameOf(orderId: string): OrderName {
    return { orderId, digest: orderDigest(this.#ports.clientId, orderId) }
  }

  /**
   * The record of this order.
   * @throws StorageError if it is the record of another order: two ids can have one digest
   */
  async readNamed({ orderId, digest }: OrderName): Promise<Versioned<OrderRecord> | undefined> {
    const order = await this.read(digest)
    const found = order?.value.orderId
    if (found && found !== orderId) {
      const key = this.#ports.keys.order(digest)
      throw new StorageError(`the record at ${key} is of order ${found}, not of order ${orderId}`)
    }
    return order
  }

  read(digest: string): Promise<Versioned<OrderRecord> | undefined> {
    return this.#orders.read(this.#ports.keys.order(digest))
  }

  /** One attempt of an order that was read before. */
  locate(order: Versioned<OrderRecord>, payment: PaymentRecord): Located {
    return { key: this.#keyOf(order.value.orderId), order, payment }
  }

  /**
   * Adds an attempt.
   * @returns undefined if the order has changed since `earlier` was read; nothing is stored then
   */
  async addAttempt(
    { orderId, digest }: OrderName,
    attempt: PaymentRecord,
    earlier: Versioned<OrderRecord> | undefined,
  ): Promise<Located | undefined> {
    const key = this.#ports.keys.order(digest)
    const { digest: _known, ...known } = earlier?.value ?? { attempts: [] }
    const value = { ...known, orderId, attempts: [...known.attempts, attempt] }
    const order = await this.#commit(key, value, earlier?.version, [])
    return order && { key, order, payment: attempt }
  }

  /**
   * Makes a reference lead to its order, before the reference is used.
   * @returns false if it leads to another order already
   */
  async claimReference(partnerReferenceNo: string, digest: string): Promise<boolean> {
    if (digestInReference(partnerReferenceNo) === digest) return true
    const key = this.#ports.keys.reference(partnerReferenceNo)
    if (await this.#references.write(key, { digest })) return true
    return (await this.#references.read(key))?.value.digest === digest
  }

  /** The digest of the order that a reference of the host leads to; undefined if it leads nowhere. */
  async digestOfChosen(partnerReferenceNo: string): Promise<string | undefined> {
    if (!isReference(partnerReferenceNo)) return undefined
    return (await this.#references.read(this.#ports.keys.reference(partnerReferenceNo)))?.value.digest
  }

  /** Finds a payment. A text that cannot be a reference is not looked up in the storage. */
  async findByReference(partnerReferenceNo: string): Promise<Located | undefined> {
    if (!isReference(partnerReferenceNo)) return undefined
    const own = digestInReference(partnerReferenceNo)
    const located = own && (await this.#find(this.#ports.keys.order(own), partnerReferenceNo))
    if (located) return located
    const pointer = await this.#references.read(this.#ports.keys.reference(partnerReferenceNo))
    return pointer && this.#find(this.#ports.keys.order(pointer.value.digest), partnerReferenceNo)
  }

  /**
   * Changes a payment. `change` gets it as it is stored, and again if another process wrote first; it returns undefined if
   * there is nothing to change. The change and its events are one write.
   * @returns the payment as it is stored then
   */
  async change(located: Located, change: (payment: PaymentRecord) => PaymentRecord | undefined): Promise<Located> {
    let current = located
    for (;;) {
      const next = change(current.payment)
      const isChange = next !== undefined && next !== current.payment
      const changed = isChange ? await this.replace(current, next) : current
      if (changed) return changed
      current = await this.reread(current)
    }
  }

  /**
   * The same for the outcome of a request that nobody else knows: if the storage fails, it is tried again, up to five
   * times. A status only moves forward, so a write that was carried out although it failed does no harm.
   * @throws StorageError after 3 s, so that the customer gets an answer; the tries go on in the background
   */
  changeWithRetry(located: Located, change: (payment: PaymentRecord) => PaymentRecord | undefined): Promise<Located> {
    const late = () => new StorageError('the storage takes too long; the outcome is tried again in the background')
    return withDeadline(this.#changeWithRetry(located, change), answerWithinMs, late)
  }

  async #changeWithRetry(
    located: Located,
    change: (payment: PaymentRecord) => PaymentRecord | undefined,
  ): Promise<Located> {
    for (const pauseMs of retriesMs) {
      try {
        return await this.change(located, change)
      } catch (error) {
        this.#ports.logger.warn(
          { err: error, key: located.key },
          'an outcome could not be stored yet; it is tried again',
        )
        await this.#ports.sleep(pauseMs)
      }
    }
    return this.change(located, change)
  }

  /**
   * Keeps a paid notification whose payment no record knows, and tells the host, in one write, unless it was told. The
   * next charge of the order asks DOKU about it first.
   * @returns false if the order has too many of them already, or has the payment after all
   */
  async addUnmatched(digest: string, unmatched: UnmatchedPayment, isTold = false): Promise<boolean> {
    const key = this.#ports.keys.order(digest)
    const isIt = (one: { partnerReferenceNo: string }) => one.partnerReferenceNo === unmatched.partnerReferenceNo
    for (;;) {
      const order = await this.#orders.read(key)
      const value = order?.value ?? { orderId: '', digest, attempts: [] }
      if (value.unmatched?.some(isIt)) return true
      if (value.attempts.some(isIt) || (value.unmatched?.length ?? 0) >= unmatchedAtMost) return false
      const next = { ...value, unmatched: [...(value.unmatched ?? []), unmatched] }
      const reference = unmatched.partnerReferenceNo
      const event = { type: 'notificationUnmatched', subject: 'payment', reference } as const
      if (await this.#commit(key, next, order?.version, isTold ? [] : [event])) return true
    }
  }

  /**
   * Changes one of the order's unmatched payments: into itself with more known about it, or into an attempt that DOKU has
   * decided about.
   */
  async changeUnmatched(
    { orderId, digest }: OrderName,
    reference: string,
    change: (unmatched: UnmatchedPayment) => UnmatchedPayment | PaymentRecord | undefined,
  ): Promise<void> {
    const key = this.#ports.keys.order(digest)
    for (;;) {
      const order = await this.#orders.read(key)
      const before = order?.value.unmatched?.find((one) => one.partnerReferenceNo === reference)
      const after = before && change(before)
      if (!order || !after) return
      const { digest: _known, unmatched = [], ...known } = order.value
      const others = unmatched.filter((one) => one !== before)
      const isDecided = 'status' in after
      const left = isDecided ? others : [...others, after]
      const attempts = isDecided ? withPagesHidden([...known.attempts, after]) : known.attempts
      const value = { ...known, orderId, attempts, ...(left.length > 0 && { unmatched: left }) }
      const events = isDecided ? orderEvents(value, { ...after, status: 'unknown' }, after) : []
      if (await this.#commit(key, value, order.version, events)) return
    }
  }

  /** Whether a parked event belongs to an order here. A forged one, written into the store, must not reach a hook. */
  async ownsEvent(event: HookEvent): Promise<boolean> {
    const reference =
      event.type === 'orderPaidTwice'
        ? event.payments[0]?.partnerReferenceNo
        : event.type === 'notificationUnmatched'
          ? event.reference
          : 'payment' in event
            ? event.payment.partnerReferenceNo
            : undefined
    if (reference === undefined) return false
    const digest = digestInReference(reference)
    const order = (await this.findByReference(reference))?.order ?? (digest && (await this.read(digest)))
    return order ? ownsEvent(order.value, event) : false
  }

  /** Writes a payment. @returns undefined if its order has changed since it was read; nothing is stored then */
  async replace({ key, order, payment }: Located, next: PaymentRecord): Promise<Located | undefined> {
    const attempts = withPagesHidden(order.value.attempts.map((one) => (one === payment ? next : one)))
    const value = { ...order.value, attempts }
    const written = await this.#commit(key, value, order.version, orderEvents(value, payment, next))
    const stored = written?.value.attempts.find((one) => one.partnerReferenceNo === next.partnerReferenceNo)
    return written && stored && { key, order: written, payment: stored }
  }

  /** The payment as it is stored now. */
  async reread({ key, payment }: Located): Promise<Located> {
    const found = await this.#find(key, payment.partnerReferenceNo)
    if (found) return found
    throw new StorageError(`the order of payment ${payment.partnerReferenceNo} has disappeared from the storage`)
  }

  /**
   * Delivers the order's waiting events.
   * @returns the order
   */
  deliver(stored: Stored): Versioned<OrderRecord> {
    const order = this.#orders.accept(stored.key, stored)
    this.#outbox.deliver(this.#orders, stored.key, order)
    return order
  }

  async #commit(key: string, value: OrderRecord, version: number | undefined, events: readonly NewEvent[]) {
    const written = await this.#outbox.commit(this.#orders, { key, value, version, events })
    if (written && events.some(({ type }) => type === 'orderPaidTwice')) await this.#notePaidTwice(value.orderId)
    return written
  }

  /** The latest orders that were paid twice, newest last, each with its time in ms since the epoch. */
  async paidTwice(): Promise<PaidTwiceRecord['orders']> {
    return (await this.#paidTwice.read(this.#ports.keys.paidTwice))?.value.orders ?? []
  }

  /** A person must refund one of the payments. The log and `/health` say so even if the host has no hook for it. */
  async #notePaidTwice(orderId: string): Promise<void> {
    const { clock, keys, logger } = this.#ports
    logger.error({ orderId }, 'an order was paid twice; refund one of its payments')
    try {
      for (;;) {
        const stored = await this.#paidTwice.read(keys.paidTwice)
        const others = (stored?.value.orders ?? []).filter((one) => one.orderId !== orderId)
        const orders = [...others, { orderId, at: clock() }].slice(-paidTwiceAtMost)
        if (await this.#paidTwice.write(keys.paidTwice, { orders }, stored?.version)) return
      }
    } catch (error) {
      logger.error({ err: error, orderId }, 'an order that was paid twice could not be noted for /health')
    }
  }

  /** A page that is not DOKU's own is not shown, although it lies in the store. */
  #withTrustedPages(order: OrderRecord): OrderRecord {
    const { baseUrl, logger } = this.#ports
    const isForeign = ({ webRedirectUrl }: PaymentRecord) =>
      webRedirectUrl !== undefined && !isDokuPage(webRedirectUrl, baseUrl)
    if (!order.attempts.some(isForeign)) return order
    const trusted = (one: PaymentRecord) => {
      if (!isForeign(one)) return one
      logger.error({ partnerReferenceNo: one.partnerReferenceNo }, foreignPage)
      return withoutPage(one)
    }
    return { ...order, attempts: order.attempts.map(trusted) }
  }

  #keyOf(orderId: string): string {
    return this.#ports.keys.order(this.nameOf(orderId).digest)
  }

  async #find(key: string, partnerReferenceNo: string): Promise<Located | undefined> {
    const order = await this.#orders.read(key)
    const payment = order?.value.attempts.find((attempt) => attempt.partnerReferenceNo === partnerReferenceNo)
    return order && payment && { key, order, payment }
  }
}

/** Once an attempt has taken the money, the pages of the others are not kept. */
function withPagesHidden(attempts: readonly PaymentRecord[]): readonly PaymentRecord[] {
  const isPaid = attempts.some(({ status }) => tookMoney(status))
  return isPaid ? attempts.map((one) => (isLive(one.status) ? withoutPage(one) : one)) : attempts
}

/** The events of one payment's change: one for each status that changed, and one if the order was paid twice by it. */
export function orderEvents(order: OrderRecord, before: PaymentRecord, after: PaymentRecord): NewEvent[] {
  return [...paymentEvents(order, before, after), ...refundEvents(order, before, after)]
}

function paymentEvents({ orderId, attempts }: OrderRecord, before: PaymentRecord, after: PaymentRecord): NewEvent[] {
  const { customerId } = after
  const payment = toPayment(orderId, after)
  const changed: NewEvent = { type: 'paymentChanged', customerId, previousStatus: before.status, payment }
  const paid = attempts.filter(({ status }) => tookMoney(status)).flatMap(charges)
  const isSecond =
    tookMoney(after.status) && charges(after).length > (tookMoney(before.status) ? charges(before).length : 0)
  const payments = paid.map((one) => toPayment(orderId, one))
  return [
    ...(before.status === after.status ? [] : [changed]),
    ...(isSecond && paid.length > 1 ? [{ type: 'orderPaidTwice', orderId, payments } as const] : []),
  ]
}

/** Each charge of an attempt that took money, with the number that DOKU gave to it. */
function charges(payment: PaymentRecord): PaymentRecord[] {
  const { paidReferenceNos = [] } = payment
  return paidReferenceNos.length < 2 ? [payment] : paidReferenceNos.map((referenceNo) => ({ ...payment, referenceNo }))
}

/** Whether the event can come from the order's record: its kind, owner, order and reference are those of the record. */
function ownsEvent(order: OrderRecord, event: HookEvent): boolean {
  const attemptOf = (payment: Payment | undefined) =>
    payment?.orderId === order.orderId
      ? order.attempts.find((one) => one.partnerReferenceNo === payment.partnerReferenceNo)
      : undefined
  switch (event.type) {
    case 'paymentChanged':
      return attemptOf(event.payment)?.customerId === event.customerId
    case 'refundChanged': {
      const attempt = attemptOf(event.payment)
      const isKnown = attempt?.refunds?.some((one) => one.partnerRefundNo === event.refund?.partnerRefundNo)
      return isKnown === true && attempt?.customerId === event.customerId
    }
    case 'orderPaidTwice':
      return event.orderId === order.orderId && event.payments?.every((one) => attemptOf(one) !== undefined)
    case 'notificationUnmatched': {
      const known = [...order.attempts, ...(order.unmatched ?? [])]
      return event.subject === 'payment' && known.some((one) => one.partnerReferenceNo === event.reference)
    }
    default:
      return false
  }
}

function refundEvents({ orderId }: OrderRecord, before: PaymentRecord, after: PaymentRecord): NewEvent[] {
  return (after.refunds ?? []).flatMap((record) => {
    const earlier = before.refunds?.find(({ partnerRefundNo }) => partnerRefundNo === record.partnerRefundNo)
    // A reservation is not told; a refund that was recorded by a person has no earlier status.
    if (earlier ? earlier.status === record.status : record.status === 'sending') return []
    const refund = toRefund(record)
    const payment = toPayment(orderId, after)
    return [{ type: 'refundChanged', customerId: after.customerId, previousStatus: earlier?.status, refund, payment }]
  })
}
