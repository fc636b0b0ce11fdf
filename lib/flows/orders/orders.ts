import { StorageError } from '../../errors.ts'
import type { NewEvent } from '../../model/events.ts'
import { isReference } from '../../model/reference.ts'
import { orderDigest, Records, type Versioned } from '../../records/records.ts'
import { matching, shapeOf } from '../../records/shape.ts'
import type { Stored } from '../../storage/storage.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Ports } from '../ports.ts'
import { orderShape } from '../record-shapes.ts'
import { digestInReference, type OrderRecord, orderDueAt, type PaymentRecord, toPayment } from './payment-record.ts'
import { tookMoney } from './payment-state.ts'
import { toRefund } from './refund-record.ts'

/** One attempt, and the order record it was found in. */
export interface Located {
  readonly key: string
  readonly order: Versioned<OrderRecord>
  readonly payment: PaymentRecord
}

/** An order, by the host's name and by what stands for it in keys and references. */
export interface OrderName {
  readonly orderId: string
  readonly digest: string
}

/** Leads from a reference that the host chose to its order. */
interface ReferenceRecord {
  readonly digest: string
}

const referenceShape = shapeOf<ReferenceRecord>({ digest: matching(/^[0-9A-HJKMNP-TV-Z]{20}$/) })

/** The order records: each holds all attempts, so every rule about them is one compare-and-set. */
export class Orders {
  readonly #ports: Ports
  readonly #outbox: Outbox
  readonly #orders: Records<OrderRecord>
  readonly #references: Records<ReferenceRecord>

  constructor(ports: Ports, outbox: Outbox) {
    this.#ports = ports
    this.#outbox = outbox
    const keyOf = ({ orderId }: OrderRecord) => this.#keyOf(orderId)
    this.#orders = new Records(ports.storage, { dueAt: orderDueAt, shape: orderShape, keyOf })
    this.#references = new Records(ports.storage, { shape: referenceShape })
  }

  /** The order's digest, which its key and its references are made from. */
  digestOf(orderId: string): string {
    return orderDigest(this.#ports.clientId, orderId)
  }

  read(digest: string): Promise<Versioned<OrderRecord> | undefined> {
    return this.#orders.read(this.#ports.keys.order(digest))
  }

  /** One attempt of an order that was read before. */
  locate(order: Versioned<OrderRecord>, payment: PaymentRecord): Located {
    return { key: this.#keyOf(order.value.orderId), order, payment }
  }

  /** Adds an attempt, unless the order is not as it was when `earlier` was read: then `undefined`, and nothing is stored. */
  async addAttempt(
    { orderId, digest }: OrderName,
    attempt: PaymentRecord,
    earlier: Versioned<OrderRecord> | undefined,
  ): Promise<Located | undefined> {
    const key = this.#ports.keys.order(digest)
    const value = { ...earlier?.value, orderId, attempts: [...(earlier?.value.attempts ?? []), attempt] }
    const order = await this.#commit(key, value, earlier?.version, [])
    return order && { key, order, payment: attempt }
  }

  /**
   * Makes a reference lead to its order, before the reference is used.
   * @returns whether it does; `false` when it leads to another order already
   */
  async claimReference(partnerReferenceNo: string, digest: string): Promise<boolean> {
    if (digestInReference(partnerReferenceNo) === digest) return true
    const key = this.#ports.keys.reference(partnerReferenceNo)
    if (await this.#references.write(key, { digest })) return true
    return (await this.#references.read(key))?.value.digest === digest
  }

  /** Any text will do: what can be no reference leads nowhere, and never reaches the storage. */
  async findByReference(partnerReferenceNo: string): Promise<Located | undefined> {
    if (!isReference(partnerReferenceNo)) return undefined
    const own = digestInReference(partnerReferenceNo)
    const located = own && (await this.#find(this.#ports.keys.order(own), partnerReferenceNo))
    if (located) return located
    const pointer = await this.#references.read(this.#ports.keys.reference(partnerReferenceNo))
    return pointer && this.#find(this.#ports.keys.order(pointer.value.digest), partnerReferenceNo)
  }

  /**
   * Changes a payment. `change` sees it as it is stored, is called again when somebody else was first, and returns
   * `undefined` when there is nothing to change. The change and what the host is told of it are one write.
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

  /** Writes a payment, unless its order is not as it was when it was read: then `undefined`, and nothing is stored. */
  async replace({ key, order, payment }: Located, next: PaymentRecord): Promise<Located | undefined> {
    const value = { ...order.value, attempts: order.value.attempts.map((one) => (one === payment ? next : one)) }
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
   * Tells the host what the order still has to tell.
   * @returns the order
   */
  deliver(stored: Stored): Versioned<OrderRecord> {
    const order = this.#orders.accept(stored.key, stored)
    this.#outbox.deliver(this.#orders, stored.key, order)
    return order
  }

  #commit(key: string, value: OrderRecord, version: number | undefined, events: readonly NewEvent[]) {
    return this.#outbox.commit(this.#orders, { key, value, version, events })
  }

  #keyOf(orderId: string): string {
    return this.#ports.keys.order(this.digestOf(orderId))
  }

  async #find(key: string, partnerReferenceNo: string): Promise<Located | undefined> {
    const order = await this.#orders.read(key)
    const payment = order?.value.attempts.find((attempt) => attempt.partnerReferenceNo === partnerReferenceNo)
    return order && payment && { key, order, payment }
  }
}

/** What the host is to be told of the change of one payment: everything that has another status now. */
export function orderEvents(order: OrderRecord, before: PaymentRecord, after: PaymentRecord): NewEvent[] {
  return [...paymentEvents(order, before, after), ...refundEvents(order, before, after)]
}

function paymentEvents(order: OrderRecord, before: PaymentRecord, after: PaymentRecord): NewEvent[] {
  if (before.status === after.status) return []
  const { orderId, attempts } = order
  const { customerId } = after
  const payment = toPayment(orderId, after)
  const changed: NewEvent = { type: 'paymentChanged', customerId, previousStatus: before.status, payment }
  const paid = attempts.filter(({ status }) => tookMoney(status))
  const isSecond = paid.length > 1 && tookMoney(after.status) && !tookMoney(before.status)
  if (!isSecond) return [changed]
  return [changed, { type: 'orderPaidTwice', orderId, payments: paid.map((one) => toPayment(orderId, one)) }]
}

function refundEvents({ orderId }: OrderRecord, before: PaymentRecord, after: PaymentRecord): NewEvent[] {
  return (after.refunds ?? []).flatMap((record) => {
    const earlier = before.refunds?.find(({ partnerRefundNo }) => partnerRefundNo === record.partnerRefundNo)
    if (!earlier || earlier.status === record.status) return []
    const refund = toRefund(record)
    const payment = toPayment(orderId, after)
    return [{ type: 'refundChanged', customerId: after.customerId, previousStatus: earlier.status, refund, payment }]
  })
}
