import type { Storage } from 'express-doku-ovo'
import { memoryStorage } from 'express-doku-ovo'
import { type RouteName, routeTable } from '../../../lib/routes/table.ts'
import { decorate, isWrite, type StorageCall } from '../../support/decorate.ts'
import { type Answer, alicesPhone, bind, bobsPhone, type Shop, startShop } from '../../support/shop.ts'

/** Where a request can name something: in its path, its body or its query. */
export interface Slot {
  readonly route: RouteName
  readonly place: 'path' | 'body' | 'query'
  readonly name: string
}

/** Whatever a row of the route table could make a caller name, and names that only an attacker would try. */
const named = [
  'orderId',
  'partnerReferenceNo',
  'partnerRefundNo',
  'custIdMerchant',
  'customerId',
  'customer',
  'id',
  'authCode',
]

export const slots: readonly Slot[] = (Object.keys(routeTable) as RouteName[]).flatMap((route) => {
  const { method, path } = routeTable[route]
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({ route, place: 'path' as const, name }))
  const inBody = method === 'get' ? [] : named.map((name) => ({ route, place: 'body' as const, name }))
  return [...inPath, ...inBody, ...named.map((name) => ({ route, place: 'query' as const, name }))]
})

/** What a customer has that has a name. */
export interface Belongings {
  readonly id: string
  readonly orderId: string
  readonly partnerReferenceNo: string
  /** The address to come back to from the payment page. */
  readonly state: string
}

export interface Town {
  readonly shop: Shop
  readonly alice: Belongings
  readonly bob: Belongings
  /** The keys that were written to, in order. */
  readonly writes: string[]
}

function spiedStorage(writes: string[]): Storage {
  const before = (call: StorageCall) => {
    if (isWrite(call)) writes.push(call.args[0])
  }
  return decorate(memoryStorage(), { before })
}

async function settle(shop: Shop, id: string, phoneNo: string): Promise<Belongings> {
  await bind(shop, id, phoneNo)
  const orderId = `order-of-${id}`
  const { body } = await shop.request(id, 'POST', '/payments', { orderId })
  const sent = shop.simulator.calls.findLast((call) => String(call.body).includes('successPaymentUrl'))
  const { additionalInfo } = JSON.parse(String(sent?.body)) as { additionalInfo: { successPaymentUrl: string } }
  const state = additionalInfo.successPaymentUrl.split('/').at(-2) ?? ''
  return { id, orderId, partnerReferenceNo: body.partnerReferenceNo, state }
}

/** A shop with two customers, each with an account and a payment that waits. */
export async function startTown(): Promise<Town> {
  const writes: string[] = []
  const shop = await startShop({
    options: {
      api: 'core-v1',
      storage: spiedStorage(writes),
      reconcileEveryMs: false,
      findOrder: (orderId, { id }) => (orderId === `order-of-${id}` ? { amount: '10000.00' } : undefined),
    },
  })
  const [alice, bob] = [await settle(shop, 'alice', alicesPhone), await settle(shop, 'bob', bobsPhone)]
  return { shop, alice, bob, writes }
}

/** What the slot is filled with when it names something of this customer. */
export function nameOf(slot: Slot, { id, orderId, partnerReferenceNo, state }: Belongings): string {
  if (slot.name === 'state') return state
  if (slot.name === 'orderId') return orderId
  return /^partnerRef/.test(slot.name) ? partnerReferenceNo : id
}

/** Alice's request, with one slot filled, and everything else as it has to be. */
export function ask({ shop, alice }: Town, { route, place, name }: Slot, value: unknown): Promise<Answer> {
  const { method, path } = routeTable[route]
  const text = encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value))
  const usual: Record<string, string> = { purpose: 'payment', outcome: 'success', state: alice.state }
  const filled = path.replace(/:(\w+)/g, (_whole, part: string) => {
    return place === 'path' && part === name ? text : (usual[part] ?? alice.partnerReferenceNo)
  })
  const query = place === 'query' ? `?${name}=${text}&${name}[]=${text}&${name}[id]=${text}` : ''
  const base = route === 'pay' ? { orderId: alice.orderId } : route === 'bind' ? { phoneNo: alicesPhone } : {}
  const json = JSON.stringify({ ...base, ...(place === 'body' && { [name]: value }) })
  const body = method === 'get' || (method === 'delete' && place !== 'body') ? undefined : json
  return shop.request(alice.id, method.toUpperCase(), filled + query, body)
}
