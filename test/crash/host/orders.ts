import type { Order } from '../../../lib/model/input.ts'

/** An order that is paid at once by the customer's standing consent, or on OVO's page: its id says which. */
export function orderId(payment: 'at-once' | 'on-page', customer: number, number: number | string): string {
  return `${payment}-${customer}-${number}`
}

export function customerOf(id: string): number {
  return Number(/^(?:at-once|on-page)-(\d+)-/.exec(id)?.[1])
}

const amount = '10000.00'

/** The remarks reach DOKU: so that what was charged leads back to its order without anybody's records. */
export function findOrder(id: string): Order {
  return { amount, paymentType: id.startsWith('at-once') ? 'RECURRING' : 'SALE', remarks: id }
}

export function orderIn(paymentRequest: string): string {
  return String(JSON.parse(paymentRequest).additionalInfo?.remarks)
}
