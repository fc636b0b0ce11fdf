import { orderDigest, Records, type Versioned } from '../storage/records.ts'
import type { NewEvent, Outbox } from './outbox.ts'
import {
  digestInReference,
  dueAt,
  isReference,
  type OrderRecord,
  type PaymentRecord,
  toPayment,
} from './payment-record.ts'
import { advance, type PaymentStatus, tookMoney } from './payment-state.ts'
import type { Ports } from './ports.ts'

/** What was heard of a payment, and what came with it. */
export type News = { readonly status: PaymentStatus } & Partial<
  Pick<PaymentRecord, 'webRedirectUrl' | 'referenceNo' | 'failure'>
>

/** The fields that notifications and status answers share. */
export interface DokuWords {
  readonly latestTransactionStatus: string
  readonly transactionStatusDesc?: string | undefined
  readonly originalReferenceNo?: string | undefined
}

/** What DOKU says of a payment, in a notification or when asked. @see protocol.md §7.2, §9 */
export function newsFromDoku(status: PaymentStatus, words: DokuWords): News {
  const { latestTransactionStatus: code, transactionStatusDesc: message = '', originalReferenceNo: referenceNo } = words
  return {
    status,
    ...(referenceNo && { referenceNo }),
    ...((status === 'failed' || status === 'cancelled') && { failure: { code, message } }),
  }
}

/** One attempt, and the order record it was found in. */
export interface Located {
  readonly key: string
  readonly order: Versioned<OrderRecord>
  readonly payment: PaymentRecord
}

/** Leads from a reference that the host chose to its order. */
interface ReferenceRecord {
  readonly digest: string
}

/** The order records: each holds all attempts, so every rule about them is one compare-and-set. */
export class Orders {
  readonly #ports: Ports
  readonly #outbox: Outbox
  readonly #orders: Records<OrderRecord>
  readonly #references: Records<ReferenceRecord>

  constructor(ports: Ports, outbox: Outbox) {
    this.#ports = ports
    this.#outbox = outbox
    this.#orders = new Records(ports.storage)
    this.#references = new Records(ports.storage)
  }

  async read(orderId: string): Promise<Versioned<OrderRecord> | undefined> {
    return this.#orders.read(this.#ports.keys.order(orderDigest(this.#ports.clientId, orderId)))
  }

  /** Adds an attempt, unless the order is not as it was when `earlier` was read: then `undefined`, and nothing is stored. */
  async addAttempt(
    orderId: string,
    attempt: PaymentRecord,
    earlier: Versioned<OrderRecord> | undefined,
  ): Promise<Located | undefined> {
    const key = this.#ports.keys.order(orderDigest(this.#ports.clientId, orderId))
    const value = { orderId, attempts: [...(earlier?.value.attempts ?? []), attempt] }
    const order = await this.#write(key, value, earlier?.version, [])
    return order && { key, order, payment: attempt }
  }

  /**
   * Makes a reference lead to its order, before the reference is used.
   * @returns whether it does; `false` when it leads to another order already
   */
  async claimReference(partnerReferenceNo: string, orderId: string): Promise<boolean> {
    const digest = orderDigest(this.#ports.clientId, orderId)
    if (digestInReference(partnerReferenceNo) === digest) return true
    const key = this.#ports.keys.reference(partnerReferenceNo)
    if (await this.#references.write(key, { digest })) return true
    return (await this.#references.read(key))?.value.digest === digest
  }

  /** Any text will do: what can be no reference leads nowhere, and never reaches the storage. */
  async findByReference(partnerReferenceNo: string): Promise<Located | undefined> {
    if (!isReference(partnerReferenceNo)) return undefined
    const own = digestInReference(partnerReferenceNo)
    const located = own && (await this.#locate(own, partnerReferenceNo))
    if (located) return located
    const pointer = await this.#references.read(this.#ports.keys.reference(partnerReferenceNo))
    return pointer && this.#locate(pointer.value.digest, partnerReferenceNo)
  }

  /**
   * Applies news to a payment; older news than what is known changes nothing. The change and what the host is told of it
   * are one write.
   * @returns the payment as it is stored then; `undefined` when there is no such payment
   */
  async apply(partnerReferenceNo: string, news: News): Promise<Located | undefined> {
    for (;;) {
      const located = await this.findByReference(partnerReferenceNo)
      if (!located || advance(located.payment.status, news.status) === undefined) return located
      const changed = await this.#change(located, news)
      if (changed) return changed
    }
  }

  async #change({ key, order, payment }: Located, news: News): Promise<Located | undefined> {
    const next = { ...payment, ...news, updatedAt: this.#ports.clock() }
    const value = { ...order.value, attempts: order.value.attempts.map((one) => (one === payment ? next : one)) }
    const event: NewEvent = {
      type: 'paymentChanged',
      customerId: payment.customerId,
      previousStatus: payment.status,
      payment: toPayment(value.orderId, next),
    }
    const written = await this.#write(key, value, order.version, [event])
    if (written && tookMoney(next.status) && !tookMoney(payment.status)) this.#warnWhenPaidTwice(value)
    return written && { key, order: written, payment: next }
  }

  #write(key: string, value: OrderRecord, version: number | undefined, events: readonly NewEvent[]) {
    const due = dueAt(value)
    const options = due === undefined ? {} : { dueAt: due }
    return this.#outbox.commit(this.#orders, { key, value, version, events, options })
  }

  async #locate(digest: string, partnerReferenceNo: string): Promise<Located | undefined> {
    const key = this.#ports.keys.order(digest)
    const order = await this.#orders.read(key)
    const payment = order?.value.attempts.find((attempt) => attempt.partnerReferenceNo === partnerReferenceNo)
    return order && payment && { key, order, payment }
  }

  #warnWhenPaidTwice({ orderId, attempts }: OrderRecord): void {
    const paid = attempts.filter(({ status }) => tookMoney(status)).map(({ partnerReferenceNo }) => partnerReferenceNo)
    if (paid.length > 1) this.#ports.logger.error({ orderId, paid }, 'an order was paid more than once')
  }
}
