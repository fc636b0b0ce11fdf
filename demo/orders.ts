import { randomUUID } from 'node:crypto'
import type { Payment } from 'express-doku-ovo'
import { findItem } from './catalogue.ts'
import { Kept } from './kept.ts'
import type { Shelf } from './shelf.ts'

/** How many of an item. The title and the price are those of the day. */
interface Line {
  readonly itemId: string
  readonly title: string
  readonly judul: string
  readonly price: number
  readonly quantity: number
}

/** What a customer is putting together. Ordered once, whoever clicks and how often: its id becomes the order's. */
export interface Basket {
  readonly id: string
  readonly lines: readonly Line[]
}

/** What a customer has ordered. Amounts are rupiah with two decimals. */
export interface ShopOrder {
  readonly id: string
  readonly basketId: string
  readonly customerId: string
  readonly lines: readonly Line[]
  readonly amount: string
  /** Charged at once, without OVO's page; only where DOKU's api can. */
  readonly oneClick: boolean
  /** ISO 8601. */
  readonly orderedAt: string
  /** Every attempt to pay it, oldest first, as the hooks have told. */
  readonly payments: readonly Payment[]
  /** The payment that settled it, with the order's own amount. Only then it is shipped, and nothing takes that back. */
  readonly paidBy?: string
  /** Two attempts took money. */
  readonly isPaidTwice?: boolean
}

interface State {
  readonly orders: Readonly<Record<string, ShopOrder>>
  /** By customer. */
  readonly baskets: Readonly<Record<string, Basket>>
}

const nobodysYet: State = { orders: {}, baskets: {} }
const firstNumber = 1001
const mostOfAnItem = 9

/** The shop's baskets and orders. */
export class Orders {
  readonly #kept: Kept<State>

  private constructor(kept: Kept<State>) {
    this.#kept = kept
  }

  static async open(shelf: Shelf): Promise<Orders> {
    return new Orders(await Kept.load(shelf, 'orders', nobodysYet))
  }

  /** Newest first. */
  all(): ShopOrder[] {
    return Object.values(this.#kept.value.orders).reverse()
  }

  of(customerId: string): ShopOrder[] {
    return this.all().filter((order) => order.customerId === customerId)
  }

  /** Nothing for somebody else's order. */
  find(orderId: string, customerId: string): ShopOrder | undefined {
    const order = this.#kept.value.orders[orderId]
    return order?.customerId === customerId ? order : undefined
  }

  basketOf(customerId: string): Basket {
    return this.#kept.value.baskets[customerId] ?? { id: '', lines: [] }
  }

  /** So many of that item, and no more; 0 takes it out. Nothing when there is no such item. */
  async put(customerId: string, itemId: unknown, quantity: unknown): Promise<Basket | undefined> {
    const item = findItem(itemId)
    const isPossible = Number.isInteger(quantity) && Number(quantity) >= 0 && Number(quantity) <= mostOfAnItem
    if (!item || !isPossible) return undefined
    const { id, lines } = this.basketOf(customerId)
    const { title, judul, price } = item
    const line = { itemId: item.id, title, judul, price, quantity: Number(quantity) }
    const others = lines.filter((one) => one.itemId !== item.id)
    const next = line.quantity === 0 ? others : [...others, line]
    await this.#keepBasket(customerId, { id: id || randomUUID(), lines: inOrder(lines, next) })
    return this.basketOf(customerId)
  }

  /** Orders what is in the basket. The same basket again is the same order. */
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
   * News can come twice, of any attempt, and a parked event long after later ones: each attempt's latest is kept. In SQL the
   * order is settled so: `UPDATE orders SET paid_by = $3 WHERE id = $1 AND amount = $2 AND paid_by IS NULL`.
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

/** A line whose number changes stays where it was. */
function inOrder(before: readonly Line[], after: readonly Line[]): Line[] {
  const place = ({ itemId }: Line) => {
    const index = before.findIndex((line) => line.itemId === itemId)
    return index === -1 ? before.length : index
  }
  return [...after].sort((one, other) => place(one) - place(other))
}
