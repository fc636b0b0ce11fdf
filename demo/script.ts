import type { Simulator } from 'express-doku-ovo/simulator'
import { Browser } from './browser.ts'
import { DemoError } from './demo-error.ts'
import { answered, cashIn, expectEqual, statusOf, textIn } from './expect.ts'
import type { Journal } from './journal.ts'
import type { Print } from './print.ts'
import type { Hint } from './shop-routes.ts'
import type { Demo } from './start.ts'
import { Walk } from './walk.ts'

const itemId = 'scarf'
const price = 240_000

/** Everything that the steps need: the customers, the simulator, and the shop's events. */
interface Scene {
  readonly walk: Walk
  readonly alice: Browser
  readonly bob: Browser
  readonly hint: Hint
  readonly simulator: Simulator
  readonly journal: Journal
}

/**
 * Plays a customer in the running demo over HTTP, from sign-in to unlinking.
 * @throws Deviation at the first step that fails
 */
export async function runScript(demo: Demo, journal: Journal, print: Print): Promise<void> {
  const { simulator, url } = demo
  const hint = demo.hints.alice
  if (!simulator || !hint)
    throw new DemoError("--script needs the simulator; DOKU's sandbox needs a person at its pages.")
  const scene = {
    walk: new Walk(print),
    alice: new Browser(url, print),
    bob: new Browser(url, print),
    hint,
    simulator,
    journal,
  }
  await link(scene)
  const before = await lookAtBalance(scene)
  await pay(scene)
  await lookAtMoney(scene, before)
  await unlink(scene)
  await lookBack(scene)
}

async function link({ walk, alice, hint, simulator, journal }: Scene): Promise<void> {
  await walk.step('Alice signs in', async () => {
    answered(await alice.request('POST', '/api/session', { personId: 'alice' }), 201)
  })
  const page = await walk.step('Alice asks to link her OVO account', async () => {
    const { body } = answered(await alice.request('POST', '/ovo/bindings', { phoneNo: hint.phoneNo }), 201)
    expectEqual('binding', body.status, 'pending')
    return alice.open(textIn(body, 'redirectUrl'))
  })
  const done = await walk.step('She enters OTP and PIN on OVO’s page', async () => {
    const second = await alice.send(page, { otp: hint.otp })
    return alice.send(second, { pin: hint.pin })
  })
  await walk.step('DOKU notifies the shop: the account is linked', async () => {
    await simulator.settled()
    await journal.until((event) => event.type === 'bindingChanged' && event.binding.status === 'active')
  })
  await walk.step('OVO’s page sends her back to the shop', async () => {
    expectEqual('the shop’s page', (await alice.open(done.location ?? '')).status, 200)
    expectEqual('binding', (await alice.request('GET', '/ovo/bindings')).body.status, 'active')
  })
}

async function lookAtBalance({ walk, alice }: Scene): Promise<number> {
  return walk.step('Alice looks at her balance', async () => {
    const { body } = answered(await alice.request('GET', '/ovo/balance'), 200)
    walk.say(`cash ${cashIn(body)}`)
    return cashIn(body)
  })
}

async function pay(scene: Scene): Promise<void> {
  const { walk, alice } = scene
  const orderId = await walk.step('Alice puts a scarf into her basket and orders it', () => order(alice))
  const payment = await walk.step(`Alice pays order ${orderId}`, async () => {
    const { body } = answered(await alice.request('POST', '/ovo/payments', { orderId }), 201)
    expectEqual('payment', body.status, 'awaiting-customer')
    return body
  })
  const reference = textIn(payment, 'partnerReferenceNo')
  await walk.step('She returns without paying: the shop does not trust the URL, and asks DOKU', () =>
    comeBackEarly(scene, reference),
  )
  await confirm(scene, reference, textIn(payment, 'webRedirectUrl'))
  await tryMore(scene, orderId, reference)
}

async function order(alice: Browser): Promise<string> {
  const basket = answered(await alice.request('PUT', `/api/basket/${itemId}`, { quantity: 1 }), 200)
  const { body } = answered(await alice.request('POST', '/api/orders', { basketId: textIn(basket.body, 'id') }), 201)
  return textIn(body, 'id')
}

async function confirm({ walk, alice, hint, simulator, journal }: Scene, reference: string, webRedirectUrl: string) {
  const done = await walk.step('She enters her PIN on OVO’s page', async () => {
    const page = await alice.open(webRedirectUrl)
    return alice.send(page, { pin: hint.pin })
  })
  await walk.step('DOKU notifies the shop: the order is paid', async () => {
    await simulator.settled()
    await journal.until((event) => event.type === 'paymentChanged' && event.payment.status === 'paid')
  })
  await walk.step('OVO’s page sends her back, and she sees that it is paid', async () => {
    expectEqual('the shop’s page', (await alice.open(done.location ?? '')).status, 200)
    expectEqual('payment', await statusOf(alice, reference), 'paid')
  })
}

/** Tries to charge her again, and to see her payment as another customer. Both must fail. */
async function tryMore({ walk, alice, bob }: Scene, orderId: string, reference: string): Promise<void> {
  await walk.step('She clicks Pay again: the order stays paid once', async () => {
    const { body } = answered(await alice.request('POST', '/ovo/payments', { orderId }), 200)
    expectEqual('partnerReferenceNo', body.partnerReferenceNo, reference)
  })
  await walk.step('Bob looks for her payment and does not find it', async () => {
    answered(await bob.request('POST', '/api/session', { personId: 'bob' }), 201)
    answered(await bob.request('GET', `/ovo/payments/${reference}`), 404)
  })
}

/** Opens the URL that the plug-in gave DOKU for a successful payment. */
async function comeBackEarly({ alice, simulator }: Scene, reference: string): Promise<void> {
  const call = simulator.calls.findLast(({ operation }) => operation === 'payment')
  const { additionalInfo } = JSON.parse(call?.body ?? '{}')
  await alice.open(textIn(additionalInfo, 'successPaymentUrl'))
  expectEqual('status calls', simulator.calls.at(-1)?.operation, 'status')
  expectEqual('payment', await statusOf(alice, reference), 'awaiting-customer')
}

async function lookAtMoney({ walk, alice, simulator }: Scene, before: number): Promise<void> {
  await walk.step('Alice looks at her balance again: she was charged once', async () => {
    const { body } = answered(await alice.request('GET', '/ovo/balance'), 200)
    expectEqual('cash', cashIn(body), before - price)
    expectEqual('ledger', simulator.ledger.length, 1)
    walk.say(`cash ${cashIn(body)}`)
  })
}

async function unlink({ walk, alice }: Scene): Promise<void> {
  await walk.step('Alice unlinks her OVO account', async () => {
    const { body } = answered(await alice.request('DELETE', '/ovo/bindings'), 200)
    expectEqual('binding', body.status, 'unbound')
    expectEqual('balance', (await alice.request('GET', '/ovo/balance')).body.code, 'BINDING_REQUIRED')
  })
}

async function lookBack({ walk, simulator }: Scene): Promise<void> {
  await walk.step('Nothing was refused on either side', async () => {
    const refused = simulator.calls.filter(({ verdict }) => verdict !== 'accepted')
    expectEqual(
      'refused calls',
      refused.map(({ operation, code }) => `${operation} ${code}`),
      [],
    )
    expectEqual(
      'undelivered notifications',
      simulator.notifications.filter(({ isDelivered }) => !isDelivered),
      [],
    )
    walk.say(`${simulator.calls.length} signed calls, ${simulator.notifications.length} notifications`)
  })
}
