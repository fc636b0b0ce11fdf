import { expect } from 'chai'
import type { Simulator } from 'express-doku-ovo/simulator'
import { until } from '../../support/private-server.ts'
import { alicesPhone } from '../../support/shop.ts'

export interface Visit {
  /** Where the shop is, as the world sees it. */
  readonly shop: string
  readonly simulator: Simulator
}

interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  readonly body: any
}

/** What Alice's browser does, with her session's cookie. */
export async function visit(shop: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(shop + path, {
    method,
    redirect: 'manual',
    headers: { cookie: 'session=session-of-alice', ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  return { status: response.status, body: isJson ? JSON.parse(text) : text }
}

/** Links her OVO account on OVO's page; DOKU's notification says so. */
async function linkOvo({ shop, simulator }: Visit): Promise<void> {
  const started = await visit(shop, 'POST', '/ovo/bindings', { phoneNo: alicesPhone })
  expect(started, 'binding').to.deep.include({ status: 201 })
  simulator.approveBinding(started.body.redirectUrl)
  await simulator.settled()
  expect((await visit(shop, 'GET', '/ovo/bindings')).body).to.include({ status: 'active' })
}

/** Orders coffee through the shop's own route, and asks to pay it. */
export async function order({ shop }: Visit): Promise<{ orderId: string; reference: string; webRedirectUrl: string }> {
  const { status, body } = await visit(shop, 'POST', '/orders', { product: 'coffee' })
  expect(status, 'order').to.equal(201)
  const paying = await visit(shop, 'POST', '/ovo/payments', { orderId: body.id })
  expect(paying, 'payment').to.deep.include({ status: 201 })
  const { partnerReferenceNo: reference, webRedirectUrl } = paying.body
  return { orderId: body.id, reference, webRedirectUrl }
}

/** From nothing to an order that the shop itself calls paid, because DOKU's notification came through. */
export async function buyCoffee(to: Visit): Promise<void> {
  const { shop, simulator } = to
  await linkOvo(to)
  const { orderId, reference, webRedirectUrl } = await order(to)
  const { returnUrl = '' } = simulator.approvePayment(webRedirectUrl)
  await simulator.settled()
  expect(simulator.notifications.map(({ kind, status }) => ({ kind, status }))).to.deep.equal([
    { kind: 'binding', status: 200 },
    { kind: 'payment', status: 200 },
  ])
  expect((await visit(shop, 'GET', `/ovo/payments/${reference}`)).body).to.include({ status: 'paid' })
  await until(async () => (await visit(shop, 'GET', `/orders/${orderId}`)).body.status === 'paid')
  expect(simulator.ledger.map(({ amount }) => amount)).to.deep.equal(['25000.00'])
  const back = await fetch(returnUrl, { headers: { cookie: 'session=session-of-alice' } })
  expect(back.status, 'coming back from OVO').to.equal(200)
  expect(await back.text()).to.include('The payment succeeded.')
}
