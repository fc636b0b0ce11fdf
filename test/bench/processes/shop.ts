import type { Request } from 'express'
import type { Order } from 'express-doku-ovo'

/** Where the shop's OVO routes are: the same for every server under test. */
export const mountPath = '/ovo'
export const publicUrl = `https://shop.example${mountPath}`

/** Every customer has linked an OVO account. */
export const customerIds = Array.from({ length: 100 }, (_, number) => `customer-${number}`)

/** A shop's session, as cheap as can be: it is the same for every server. */
export function customerIdOf(req: Request): string | undefined {
  return req.get('x-customer')
}

export const orderAmount = '10000.00'

/** A shop's database, as cheap as can be. */
export function findOrder(_orderId: string): Order {
  return { amount: orderAmount, lineItems: [{ name: 'Batik scarf', price: orderAmount, quantity: 1 }] }
}
