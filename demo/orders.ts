import { randomUUID } from 'node:crypto'
import type { Payment } from 'express-doku-ovo'
import { findItem } from './catalogue.ts'
import { Kept } from './kept.ts'
import type { Shelf } from './shelf.ts'

/** An item and its quantity, with the title and the price of that day. */
interface Line {
  readonly itemId: string
  readonly title: string
  readonly judul: string
  readonly price: number
  readonly quantity: number
}

/** A customer's basket. Its id makes sure that it is ordered once, however often the customer clicks. */
export interface Basket {
  readonly id: string
  readonly lines: readonly Line[]
}

/** An order. Amounts are rupiah with two decimals. */
export interface ShopOrder {
  readonly id: string
  readonly basketId: string
  readonly customerId: string
  readonly lines: readonly Line[]
  readonly amount: string
  /** Charged at once, without OVO's page. Only if DOKU's api supports it. */
  readonly oneClick: boolean
  /** ISO 8601. */
  readonly orderedAt: string
  /** Every attempt to pay it, oldest first, from the hooks. */
  readonly payments: readonly Payment[]
  /** The payment that settled it, with the order's own amount. Only then it is shipped, and nothing takes that back. */
  readonly paidBy?: string
  /** Two attempts took money. */
  readonly isPaidTwice?: boolean
}

interface State {
  readonly orders: Readonly<Record<string, ShopOrder>>
  /** By the customer's id. */
  readonly baskets: Readonly<Record<string, Basket>>
}

const emptyState: State = { orders: {}, baskets: {} }
const firstNumber = 1001
const maxQuantity = 9

/** The shop's baskets and orders. */
export class Orders {
  readonly #kept: Kept<State>

  private constructor(kept: Kept<State>) {
    this.#kept = kept
  }

  static async open(shelf: Shelf): Promise<Orders> {
    return new Orders(await Kept.load(shelf, 'orders', emptyState))
  }

  /** Newest first. */
  all(): ShopOrder[] {
    return Object.values(this.#kept.value.orders).reverse()
  }

  of(customerId: string): ShopOrder[] {
    return this.all().filter((order) => order.customerId === customerId)
  }

  /** @returns undefined for another customer's order */
  find(orderId: string, customerId: string): ShopOrder | undefined {
    const order = this.#kept.value.orders[orderId]
    return order?.customerId === customerId ? order : undefined
  }

  basketOf(customerId: string): Basket {
    return this.#kept.value.baskets[customerId] ?? { id: '', lines: [] }
  }

  /** Sets the quantity of an item; 0 removes it. @returns undefined when the item or the quantity is not possible */
  async put(customerId: string, itemId: unknown, quantity: unknown): Promise<Basket | undefined> {
    const item = findItem(itemId)
    const isPossible = Number.isInteger(quantity) && Number(quantity) >= 0 && Number(quantity) <= maxQuantity
    if (!item || !isPossible) return undefined
    const { id, lines } = this.basketOf(customerId)
    const { title, judul, price } = item
    const line = { itemId: item.id, title, judul, price, quantity: Number(quantity) }
    const others = lines.filter((one) => one.itemId !== item.id)
    const next = line.quantity === 0 ? others : [...others, line]
    await this.#keepBasket(customerId, { id: id || randomUUID(), lines: inOrder(lines, next) })
    return this.basketOf(customerId)
  }

  /** Orders the basket. The same basket again returns the same order. */
  async place(customerId: string, basketId: unknown, oneClick: boolean): Promise<ShopOrder | undefined> {
    const placed = this.of(customerId).find((order) => order.basketId === basketId)
    const { id, lines } = this.basketOf(customerId)
    if (placed || id !== basketId || lines.length === 0) return placed
    const sum = lines.reduce((total, { price, quantity }) => total + price * quantity, 0)
    const order: ShopOrder = {
      id: `T-${firstNumber + Object.keys(this.#kept.value.orders).length}`,
      basketId: id,
      customerId,
      lines,
      amount: `${sum}.00`,
      oneClick,
      orderedAt: new Date().toISOString(),
      payments: [],
    }
    const { baskets, orders } = this.#kept.value
    const { [customerId]: _emptied, ...left } = baskets
    await this.#kept.change({ baskets: left, orders: { ...orders, [order.id]: order } })
    return order
  }

  /**
   * An event can come twice, and a parked event can come long after later ones. Keeps the latest state of each attempt, and
   * settles the order once. In SQL: `UPDATE orders SET paid_by = $3 WHERE id = $1 AND amount = $2 AND paid_by IS NULL`.
   * @returns false for money that is not the order's amount: the order is not shipped
   */
  async paymentChanged(payment: Payment): Promise<boolean> {
    const { orderId, partnerReferenceNo, status, amount } = payment
    const isRightAmount = this.#kept.value.orders[orderId]?.amount === amount.value
    await this.#changeOrder(orderId, ({ payments, paidBy }) => {
      const index = payments.findIndex((one) => one.partnerReferenceNo === partnerReferenceNo)
      const known = payments[index]
      const isSettling = status === 'paid' && isRightAmount && paidBy === undefined
      const settled = isSettling ? { paidBy: partnerReferenceNo } : {}
      if (!known) return { ...settled, payments: [...payments, payment] }
      return known.updatedAt > payment.updatedAt ? settled : { ...settled, payments: payments.with(index, payment) }
    })
    return isRightAmount || status !== 'paid'
  }

  async paidTwice(orderId: string): Promise<void> {
    await this.#changeOrder(orderId, () => ({ isPaidTwice: true }))
  }

  async #changeOrder(orderId: string, change: (order: ShopOrder) => Partial<ShopOrder>): Promise<void> {
    const { orders, baskets } = this.#kept.value
    const order = orders[orderId]
    if (!order) return
    await this.#kept.change({ baskets, orders: { ...orders, [orderId]: { ...order, ...change(order) } } })
  }

  async #keepBasket(customerId: string, basket: Basket): Promise<void> {
    const { orders, baskets } = this.#kept.value
    await this.#kept.change({ orders, baskets: { ...baskets, [customerId]: basket } })
  }
}

/** Keeps a line in its place when its quantity changes. */
function inOrder(before: readonly Line[], after: readonly Line[]): Line[] {
  const place = ({ itemId }: Line) => {
    const index = before.findIndex((line) => line.itemId === itemId)
    return index === -1 ? before.length : index
  }
  return [...after].sort((one, other) => place(one) - place(other))
}
