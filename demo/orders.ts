import type { Payment } from 'express-doku-ovo'

/** What a customer has ordered. Amounts are rupiah with two decimals. */
export interface ShopOrder {
  readonly id: string
  readonly customerId: string
  readonly title: string
  readonly amount: string
  /** The newest attempt to pay it, or the one that did. */
  readonly payment?: Pick<Payment, 'partnerReferenceNo' | 'status'>
}

const samples: readonly ShopOrder[] = [
  { id: 'A-1001', customerId: 'alice', title: 'Gayo coffee beans, 250 g', amount: '85000.00' },
  { id: 'A-1002', customerId: 'alice', title: 'Batik scarf', amount: '240000.00' },
  { id: 'A-1003', customerId: 'alice', title: 'Espresso machine', amount: '2750000.00' },
  { id: 'B-2001', customerId: 'bob', title: 'Rattan basket', amount: '120000.00' },
  { id: 'B-2002', customerId: 'bob', title: 'Teak chopping board', amount: '175000.00' },
]

/** The shop's orders, in memory. */
export class Orders {
  readonly #orders = new Map(samples.map((order) => [order.id, order]))

  of(customerId: string): ShopOrder[] {
    return [...this.#orders.values()].filter((order) => order.customerId === customerId)
  }

  /** Nothing for somebody else's order. */
  find(orderId: string, customerId: string): ShopOrder | undefined {
    const order = this.#orders.get(orderId)
    return order?.customerId === customerId ? order : undefined
  }

  /** News can come twice, and late news of an earlier attempt must not hide that the order is paid. */
  paymentChanged({ orderId, partnerReferenceNo, status }: Payment): void {
    const order = this.#orders.get(orderId)
    if (!order) return
    const isOther = order.payment?.partnerReferenceNo !== partnerReferenceNo
    if (order.payment?.status === 'paid' && isOther) return
    this.#orders.set(orderId, { ...order, payment: { partnerReferenceNo, status } })
  }
}
