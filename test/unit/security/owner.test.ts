import { expect } from 'chai'
import { routeTable } from '../../../lib/routes/table.ts'
import type { Answer } from '../../support/shop.ts'
import { ask, nameOf, type Slot, slots, startTown, type Town } from './owner-matrix.ts'

const polluting = JSON.parse('{"__proto__":{"id":"bob"},"constructor":{"prototype":{"id":"bob"}}}') as object

/** Everything but the customer's own and the other's: what names nobody, in every shape. */
const nobodys: Record<string, (bobs: string, own: string) => unknown> = {
  'nobody’s': () => '0123456789ABCDEFGHJKMNPQRSTVWXYZ',
  'an array of both': (bobs, own) => [own, bobs],
  'an array of the other’s': (bobs) => [bobs],
  'an object': (bobs) => ({ $eq: bobs, toString: bobs, id: bobs }),
  'an object with __proto__': () => polluting,
  'the text __proto__': () => '__proto__',
  'the text constructor': () => 'constructor',
  '10 kB': (bobs) => bobs.padEnd(10_240, 'x'),
  'the other’s in lower case': (bobs) => bobs.toLowerCase(),
  'the other’s with a blank': (bobs) => `${bobs} `,
  'the other’s with a NUL': (bobs) => `${bobs}\u0000`,
  'the other’s below our own': (bobs, own) => `${own}/../${bobs}`,
}

const title = ({ route, place, name }: Slot) => `${route}, ${name} in the ${place}`

/** What an answer says, without the moment at which it said so. */
function seen({ status, headers, body }: Answer) {
  const fields = [...headers].filter(([name]) => name !== 'date' && name !== 'x-timestamp').sort()
  return { status, body, fields }
}

describe('what one customer can name of another’s', () => {
  let town: Town
  let untouched: Awaited<ReturnType<typeof bobs>>
  before(async () => {
    town = await startTown()
    untouched = await bobs()
  })
  after(() => town.shop.close())

  /** All of Bob's that is kept here or at DOKU. */
  const bobs = async () => {
    const { shop, bob } = town
    const binding = (await shop.ovo.service.binding({ id: 'bob' })) as object
    const payment = (await shop.ovo.service.payment({ id: 'bob' }, bob.partnerReferenceNo)) as object
    return { binding, payment, ledger: shop.simulator.ledger.length, refunds: shop.simulator.refunds.length }
  }
  const secretsOf = (answer: Answer) => {
    const text = JSON.stringify([answer.body, [...answer.headers]])
    const { partnerReferenceNo, state } = town.bob
    return [partnerReferenceNo, state, '*0002', 'order-of-bob'].filter((secret) => text.includes(secret))
  }
  const expectNothingOfBobs = async (slot: Slot, value: unknown) => {
    const { shop, writes, bob } = town
    const before = { calls: shop.simulator.calls.length, writes: writes.length }
    const answer = await ask(town, slot, value)
    expect(secretsOf(answer)).to.deep.equal([])
    expect(answer.status).to.be.below(500)
    const calls = shop.simulator.calls.slice(before.calls).map(({ body }) => String(body))
    expect(calls.filter((body) => body.includes(bob.partnerReferenceNo) || body.includes('"bob"'))).to.deep.equal([])
    expect(writes.slice(before.writes).filter((key) => key.includes('bob'))).to.deep.equal([])
    expect(await bobs()).to.deep.equal(untouched)
    expect(shop.errors).to.deep.equal([])
    return answer
  }

  it('is tried on every route of the table', () => {
    expect(new Set(slots.map(({ route }) => route))).to.have.property('size', Object.keys(routeTable).length)
  })

  async function expectLikeNobodys(slot: Slot): Promise<void> {
    const foreign = await expectNothingOfBobs(slot, nameOf(slot, town.bob))
    const absent = await expectNothingOfBobs(slot, nameOf(slot, { ...town.bob, ...nobody }))
    expect(seen(foreign)).to.deep.equal(seen(absent))
  }

  /** What is wrong at a route when each of its slots is filled with the other's, and with every shape of it. */
  async function violationsAt(route: string, tryOthers: (slot: Slot) => Promise<unknown>): Promise<string[]> {
    const violations: string[] = []
    for (const slot of slots.filter((one) => one.route === route)) {
      const attempt = (what: string, act: Promise<unknown>) =>
        act.catch((error: Error) => void violations.push(`${title(slot)}, ${what}: ${error.message}`))
      await attempt('the other’s', tryOthers(slot))
      for (const [what, make] of Object.entries(nobodys)) {
        await attempt(what, expectNothingOfBobs(slot, make(nameOf(slot, town.bob), nameOf(slot, town.alice))))
        if (({} as Record<string, unknown>).id !== undefined) violations.push(`${title(slot)}, ${what}: a prototype`)
      }
    }
    return violations
  }
  const endsOwnLink = (name: string) => name === 'bind' || name === 'unbind'
  const routes = Object.keys(routeTable)

  for (const route of routes.filter((name) => !endsOwnLink(name))) {
    it(`${route}: answers the other’s like nobody’s, and neither it nor any shape of it does anything to the other`, async () => {
      expect(await violationsAt(route, expectLikeNobodys)).to.deep.equal([])
    })
  }

  it('is 404 for a payment of the other, and for one of nobody', async () => {
    const slot = { route: 'payment', place: 'path', name: 'partnerReferenceNo' } as const
    for (const reference of [town.bob.partnerReferenceNo, nobody.partnerReferenceNo]) {
      const { status, body } = await ask(town, slot, reference)
      expect([status, body.code]).to.deep.equal([404, 'PAYMENT_NOT_FOUND'])
    }
  })

  it('does not keep customers from their own', async () => {
    const { alice } = town
    const own = { place: 'path', name: 'partnerReferenceNo' } as const
    expect((await ask(town, { route: 'payment', ...own }, alice.partnerReferenceNo)).status).to.equal(200)
    const paid = await ask(town, { route: 'pay', place: 'body', name: 'orderId' }, alice.orderId)
    expect([paid.status, paid.body.partnerReferenceNo]).to.deep.equal([200, alice.partnerReferenceNo])
    expect((await ask(town, { route: 'return', place: 'path', name: 'state' }, alice.state)).status).to.equal(200)
    for (const route of ['binding', 'balance'] as const) {
      const { status, body } = await ask(town, { route, place: 'query', name: 'x' }, 'y')
      expect([status, body.phoneNo ?? body.cash.value]).to.deep.equal([
        200,
        route === 'binding' ? '62*******0001' : body.cash.value,
      ])
    }
  })

  // These end or replace Alice's own link, so they come last, and are not answered alike.
  for (const route of routes.filter(endsOwnLink)) {
    it(`${route}: neither the other’s nor any shape of it does anything to the other`, async () => {
      const tryOthers = (slot: Slot) => expectNothingOfBobs(slot, nameOf(slot, town.bob))
      expect(await violationsAt(route, tryOthers)).to.deep.equal([])
    })
  }
})

/** Well-formed, and of nobody. */
const nobody = {
  id: 'nobody',
  orderId: 'order-of-nobody',
  partnerReferenceNo: '0123456789ABCDEFGHJKMNPQRSTVWXYZ',
  state: 'A'.repeat(150),
}
