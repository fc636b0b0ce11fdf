import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { alicesPhone, bind, startShop } from '../../support/shop.ts'

/** Bytes that look random and are the same each time. */
function countedBytes(): (size: number) => Buffer {
  let calls = 0
  return (size) => {
    calls += 1
    const hash = (part: number) => createHash('sha256').update(`${calls} ${part}`).digest()
    return Buffer.concat(Array.from({ length: Math.ceil(size / 32) }, (_, part) => hash(part))).subarray(0, size)
  }
}

async function buy(randomBytes?: (size: number) => Buffer) {
  const clock = () => Date.parse('2026-03-01T05:00:00Z')
  const options = { clock, api: 'core-v1', authorizeRefund: () => true, ...(randomBytes && { randomBytes }) } as const
  const shop = await startShop({ simulator: { clock }, options })
  await bind(shop, 'alice', alicesPhone)
  const { body } = await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
  shop.simulator.approvePayment(body.webRedirectUrl)
  await shop.simulator.settled()
  const { partnerReferenceNo } = body
  const { refund } = await shop.ovo.service.refund(partnerReferenceNo, { amount: '1.00' })
  const externalIds = shop.simulator.calls.map(({ headers }) => headers['x-external-id'])
  await shop.close()
  const events = shop.events.map(({ id, type }) => ({ id, type }))
  return { partnerReferenceNo, partnerRefundNo: refund.partnerRefundNo, externalIds, events }
}

describe('randomBytes and clock', () => {
  it('make all ids the same in each run: references, X-EXTERNAL-IDs, refunds and events', async () => {
    const once = await buy(countedBytes())
    expect(once.events).to.have.length.above(1)
    expect(once.externalIds.filter(Boolean)).to.have.length.above(2)
    expect(await buy(countedBytes())).to.deep.equal(once)
  })

  it('leave them different when the machine’s are used', async () => {
    const [one, other] = [await buy(), await buy()]
    expect(one.partnerReferenceNo).not.to.equal(other.partnerReferenceNo)
    expect(one.partnerRefundNo).not.to.equal(other.partnerRefundNo)
    expect(one.events[0]?.id).not.to.equal(other.events[0]?.id)
  })
})
