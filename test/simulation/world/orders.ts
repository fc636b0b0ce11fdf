import type { FindOrder } from '../../../lib/flows/payment.ts'
import type { Stage } from '../engine/stage.ts'

/** What the shop sells in one schedule. */
export interface ShopOrder {
  readonly orderId: string
  readonly rupiah: number
  readonly paymentType: 'SALE' | 'RECURRING'
  readonly partnerReferenceNo: string | undefined
}

export function drawOrders({ random, plan }: Stage): ShopOrder[] {
  return Array.from({ length: plan.orders }, (_, index) => ({
    orderId: `order-${index + 1}`,
    rupiah: random.between(1, 100) * 1000,
    paymentType: random.pick(['SALE', 'RECURRING']),
    partnerReferenceNo: random.chance(0.2) ? `INV-${index + 1}` : undefined,
  }))
}

/** The host's own `findOrder`. */
export function findOrderIn(orders: readonly ShopOrder[]): FindOrder {
  return async (orderId) => {
    const order = orders.find((one) => one.orderId === orderId)
    if (!order) return undefined
    const { rupiah, paymentType, partnerReferenceNo } = order
    return { amount: `${rupiah}.00`, paymentType, ...(partnerReferenceNo !== undefined && { partnerReferenceNo }) }
  }
}
