import { expect } from 'chai'
import type { HookEvent } from 'express-doku-ovo'
import { orderDigest, recordKeys } from '../../../../lib/records/records.ts'
import { type DokuPost, startDokuPost, unbearing } from '../../../support/doku-post.ts'
import { idr, refusal, statusReply } from '../../../support/fake-doku.ts'
import { clientId } from '../../../support/keys.ts'
import { alice, link, type Scene, startScene } from '../../../support/scene.ts'

const hour = 60 * 60_000

describe('the sequence of an event', () => {
  let scene: Scene
  let post: DokuPost
  beforeEach(async () => {
    scene = await startScene({ ...unbearing, reconcileEveryMs: false })
    post = await startDokuPost(scene.ovo, scene.clock)
    await link(scene)
  })
  afterEach(async () => {
    await post.close()
    await scene.close()
  })

  const pay = async (ovo = scene.ovo) => (await ovo.service.pay(alice, { orderId: 'order-1' })).payment
  const notify = (reference: string, latestTransactionStatus: string) =>
    post.send({ originalPartnerReferenceNo: reference, latestTransactionStatus, amount: idr('10000.00') })
  const told = async (type: HookEvent['type'], ovo = scene.ovo) => {
    await ovo.service.reconcile()
    return scene.events.filter((event) => event.type === type).map(({ sequence }) => sequence)
  }
  const isGrowing = (numbers: readonly number[]) => numbers.every((one, index) => one > (numbers[index - 1] ?? 0))

  it('is at least the time in ms', async () => {
    await pay()
    const [first = 0] = await told('paymentChanged')
    expect(first).to.equal(scene.clock.now)
  })

  it('grows from event to event of an order, also within one millisecond and one write', async () => {
    scene.doku.next('payment', refusal('4035414'))
    const first = await pay()
    scene.doku.next('status', statusReply('06'))
    const second = await pay()
    await notify(second.partnerReferenceNo, '00')
    await notify(first.partnerReferenceNo, '00')
    const all = [...(await told('paymentChanged')), ...(await told('orderPaidTwice'))]
    expect(all).to.have.length(5)
    expect(isGrowing(all), String(all)).to.equal(true)
    expect(all.at(-1)).to.equal((all.at(-2) ?? 0) + 1)
  })

  it('grows although the clock of the next process is an hour behind', async () => {
    const { partnerReferenceNo } = await pay()
    const [first = 0] = await told('paymentChanged')
    const late = scene.another({ clock: () => scene.clock.now - hour })
    await late.service.release(partnerReferenceNo, { by: 'rina' })
    expect(await told('paymentChanged', late)).to.deep.equal([first, first + 1])
  })

  it('grows after a restore of the order from an older copy', async () => {
    const { partnerReferenceNo } = await pay()
    const key = recordKeys(clientId).order(orderDigest(clientId, 'order-1'))
    await told('paymentChanged')
    const copy = (await scene.storage.read(key))?.value ?? null
    await notify(partnerReferenceNo, '06')
    await told('paymentChanged')
    await notify(partnerReferenceNo, '05')
    await told('paymentChanged')
    await scene.storage.remove(key)
    await scene.storage.insert(key, copy)
    scene.clock.passSeconds(1)
    await notify(partnerReferenceNo, '00')
    const all = await told('paymentChanged')
    expect(all).to.have.length(4)
    expect(isGrowing(all), String(all)).to.equal(true)
  })

  it('grows from event to event of a binding, also after another link', async () => {
    await scene.ovo.service.unbind(alice)
    await link(scene)
    const all = await told('bindingChanged')
    expect(all).to.have.length.above(3)
    expect(isGrowing(all), String(all)).to.equal(true)
  })
})
