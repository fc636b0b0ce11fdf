import { expect } from 'chai'
import { FaultScene } from './faults-scene.ts'
import { Shop, type Visit } from './shop.ts'

describe('a notification that a fault strikes', () => {
  let scene: FaultScene
  let shop: Shop
  let wake: () => void
  beforeEach(async () => {
    shop = await Shop.open()
    const sleep = () =>
      new Promise<void>((resolve) => {
        wake = resolve
      })
    scene = await FaultScene.open({ merchant: shop.urls, sleep, sendsBindingNotification: false })
  })
  afterEach(async () => {
    await scene.simulator.close()
    await shop.close()
  })

  const told = ({ body }: Visit) => {
    const { originalPartnerReferenceNo, latestTransactionStatus } = JSON.parse(body)
    return `${originalPartnerReferenceNo} ${latestTransactionStatus}`
  }
  const toldTo = () => shop.notifications.map(told)
  const delivered = (count: number) => scene.simulator.until(() => scene.simulator.notifications.length === count)

  it('is lost for good, and the next one is not', async () => {
    scene.simulator.faults.next('notification', { kind: 'lost' })
    await scene.charge('INV-1')
    await scene.charge('INV-2')
    await scene.simulator.settled()
    expect(toldTo()).to.deep.equal(['INV-2 00'])
    expect(scene.simulator.notifications[0]).to.include({ about: 'INV-1', isDelivered: false, error: 'lost' })
    expect(scene.simulator.notifications).to.have.lengthOf(2)
  })

  it('is lost like all others, when all are', async () => {
    scene.simulator.faults.always('notification', { kind: 'lost' })
    for (const name of ['INV-1', 'INV-2', 'INV-3']) await scene.charge(name)
    await scene.simulator.settled()
    expect(toldTo()).to.be.empty
  })

  it('arrives more than once, as the same notification', async () => {
    scene.simulator.faults.next('notification', [{ kind: 'duplicated' }, { kind: 'duplicated', times: 4 }])
    await scene.charge('INV-1')
    await scene.simulator.settled()
    expect(toldTo()).to.deep.equal(['INV-1 00', 'INV-1 00'])
    expect(new Set(shop.notifications.map(({ headers }) => headers['x-external-id'])).size).to.equal(1)
    await scene.charge('INV-2')
    await scene.simulator.settled()
    expect(toldTo()).to.have.lengthOf(6)
  })

  it('arrives after the one that follows it: the failure after the success', async () => {
    const { simulator } = scene
    simulator.faults.next('payment', { kind: 'fails-first' })
    simulator.faults.next('notification', { kind: 'reordered' })
    await scene.confirm()
    await simulator.settled()
    expect(toldTo()).to.be.empty
    simulator.faults.release('payment')
    await simulator.settled()
    expect(toldTo()).to.deep.equal(['INV-1 00', 'INV-1 06'])
  })

  it('is not overtaken by one that was on its way before', async () => {
    const { simulator } = scene
    simulator.faults.next('notification', [{ kind: 'none' }, { kind: 'reordered' }])
    await scene.charge('INV-1')
    await scene.charge('INV-2')
    await simulator.settled()
    expect(toldTo()).to.deep.equal(['INV-1 00'])
    simulator.faults.release('notification')
    await simulator.settled()
    expect(toldTo()).to.deep.equal(['INV-1 00', 'INV-2 00'])
  })

  it('arrives once, when it is released before the next one overtakes it', async () => {
    const { simulator } = scene
    simulator.faults.next('notification', { kind: 'reordered' })
    await scene.charge('INV-1')
    simulator.faults.release('notification')
    await scene.charge('INV-2')
    await simulator.settled()
    expect(toldTo().sort()).to.deep.equal(['INV-1 00', 'INV-2 00'])
  })

  it('is delayed until it is released, and tells what was true when it was due', async () => {
    const { simulator } = scene
    simulator.faults.next('payment', { kind: 'fails-first' })
    simulator.faults.next('notification', { kind: 'delayed' })
    await scene.charge()
    expect(simulator.faults.held('notification')).to.equal(1)
    simulator.faults.release('payment')
    await simulator.settled()
    expect(toldTo()).to.deep.equal(['INV-1 00'])
    simulator.faults.release('notification')
    await simulator.settled()
    expect(toldTo()).to.deep.equal(['INV-1 00', 'INV-1 06'])
  })

  it('is delayed for a time', async () => {
    scene.simulator.faults.next('notification', { kind: 'delayed', ms: 60_000 })
    await scene.charge()
    await scene.simulator.settled()
    expect(toldTo()).to.be.empty
    wake()
    await delivered(1)
    expect(toldTo()).to.deep.equal(['INV-1 00'])
  })

  it('carries a timestamp that is out of date, under a good signature', async () => {
    scene.simulator.faults.next('notification', [{ kind: 'stale' }, { kind: 'stale', ms: 660_000 }])
    await scene.charge('INV-1')
    await scene.charge('INV-2')
    await scene.simulator.settled()
    const timestamps = shop.notifications.map(({ headers }) => headers['x-timestamp'])
    expect(timestamps.sort()).to.deep.equal(['2026-02-28T12:00:00+07:00', '2026-03-01T11:49:00+07:00'])
  })

  it('never arrives when the simulator closes while it is held', async () => {
    scene.simulator.faults.next('notification', [{ kind: 'delayed' }, { kind: 'reordered' }])
    await scene.charge('INV-1')
    await scene.charge('INV-2')
    await scene.simulator.close()
    scene.simulator.faults.release()
    await scene.simulator.settled()
    expect(toldTo()).to.be.empty
  })
})
