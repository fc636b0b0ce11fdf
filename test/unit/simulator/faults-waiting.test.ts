import { expect } from 'chai'
import type { SimulatorEvent } from '../../../lib/simulator/index.ts'
import { FaultScene } from './faults-scene.ts'

describe('a call that a fault holds back', () => {
  let scene: FaultScene
  let slept: number[]
  let wake: () => void
  beforeEach(async () => {
    slept = []
    const sleep = (ms: number) =>
      new Promise<void>((resolve) => {
        slept.push(ms)
        wake = resolve
      })
    scene = await FaultScene.open({ sleep })
  })
  afterEach(() => scene.simulator.close())

  it('is charged at once and answered when it is released', async () => {
    const { simulator } = scene
    simulator.faults.next('payment', { kind: 'latency' })
    const answer = scene.charge()
    await simulator.until(() => simulator.faults.held('payment') === 1)
    expect(scene.charges).to.equal(1)
    simulator.faults.release('balance')
    expect(simulator.faults.held()).to.equal(1)
    simulator.faults.release('payment')
    expect((await answer).status).to.equal(200)
    expect(simulator.faults.held()).to.equal(0)
  })

  it('is not charged before it is released, when it is held before it is carried out', async () => {
    const { simulator } = scene
    simulator.faults.next('payment', { kind: 'latency', before: 'carrying-out' })
    const answer = scene.charge()
    await simulator.until(() => simulator.faults.held() === 1)
    expect(scene.charges).to.equal(0)
    expect(await scene.statusOf('INV-1')).to.include({ responseCode: '4045501' })
    simulator.faults.release()
    expect((await answer).status).to.equal(200)
    expect(scene.charges).to.equal(1)
  })

  it('goes on by itself after its time', async () => {
    scene.simulator.faults.next('payment', { kind: 'latency', ms: 45_000 })
    const answer = scene.charge()
    await scene.simulator.until(() => scene.simulator.faults.held() === 1)
    expect(slept).to.deep.equal([45_000])
    wake()
    expect((await answer).status).to.equal(200)
  })

  it('is released once, when its time comes after its release', async () => {
    const { simulator } = scene
    simulator.faults.next('payment', { kind: 'latency', ms: 45_000, before: 'carrying-out' })
    const answer = scene.charge()
    await simulator.until(() => simulator.faults.held() === 1)
    simulator.faults.release()
    wake()
    expect((await answer).status).to.equal(200)
    expect(scene.charges).to.equal(1)
  })

  it('is charged though the merchant has hung up', async () => {
    const { simulator } = scene
    simulator.faults.next('payment', { kind: 'latency', before: 'carrying-out' })
    const hangUp = new AbortController()
    const answer = scene.outcomeOfCharge('INV-1', { signal: hangUp.signal })
    await simulator.until(() => simulator.faults.held() === 1)
    hangUp.abort()
    expect(await answer).to.equal('This operation was aborted')
    simulator.faults.release()
    await simulator.until(() => scene.charges === 1)
    expect(await scene.statusOf('INV-1')).to.include({ latestTransactionStatus: '00' })
  })

  for (const carriesOut of [false, true]) {
    it(`is never answered when it hangs, ${carriesOut ? 'charged' : 'not charged'}, until the simulator closes`, async () => {
      const { simulator } = scene
      simulator.faults.next('payment', { kind: 'hang', carriesOut })
      const answer = scene.outcomeOfCharge()
      await simulator.until(() => simulator.calls.some(({ operation }) => operation === 'payment'))
      expect(scene.charges).to.equal(carriesOut ? 1 : 0)
      simulator.faults.release()
      expect(await scene.statusOf('INV-0')).to.include({ responseCode: '4045501' })
      await simulator.close()
      expect(await answer).to.equal('fetch failed')
    })
  }

  it('never happens when the simulator closes first', async () => {
    const { simulator } = scene
    simulator.faults.next('payment', { kind: 'latency', before: 'carrying-out', ms: 1 })
    const answer = scene.outcomeOfCharge()
    await simulator.until(() => simulator.faults.held() === 1)
    await simulator.close()
    expect(await answer).to.equal('fetch failed')
    wake()
    await new Promise(setImmediate)
    expect(scene.charges).to.equal(0)
  })
})

describe('a test that waits for something in the simulator', () => {
  let scene: FaultScene
  beforeEach(async () => {
    scene = await FaultScene.open()
  })
  afterEach(() => scene.simulator.close())

  it('learns that a call has arrived, though it is never answered', async () => {
    const { simulator } = scene
    simulator.faults.always('payment', { kind: 'hang' })
    const first = scene.outcomeOfCharge('INV-1')
    await simulator.arrived('payment')
    const second = scene.outcomeOfCharge('INV-2')
    await simulator.arrived('payment', 2)
    await simulator.arrived('payment')
    const bodies = simulator.arrivals.filter(({ operation }) => operation === 'payment').map(({ body }) => body)
    expect(bodies.map((body) => JSON.parse(body).partnerReferenceNo)).to.deep.equal(['INV-1', 'INV-2'])
    await simulator.close()
    expect(await Promise.all([first, second])).to.deep.equal(['fetch failed', 'fetch failed'])
  })

  it('is told each moment of a payment, in order, as it happens', async () => {
    const { simulator } = scene
    const moments: [string, number][] = []
    const stop = simulator.observe(({ moment }: SimulatorEvent) => moments.push([moment, scene.charges]))
    await scene.charge()
    stop()
    await scene.charge('INV-2')
    expect(moments).to.deep.equal([
      ['arrived', 0],
      ['charged', 1],
      ['decided', 1],
      ['answered', 1],
    ])
  })

  it('does no harm when its listener throws', async () => {
    scene.simulator.observe(() => {
      throw new Error('a bug in the test')
    })
    expect((await scene.charge()).status).to.equal(200)
  })

  it('waits in vain when the simulator closes, and is told so', async () => {
    const { simulator } = scene
    const outcome = simulator.until(() => false).catch((error: Error) => error.message)
    await simulator.close()
    expect(await outcome).to.equal('the simulator was closed before the condition became true')
    const later = await simulator.arrived('refund').catch((error: Error) => error.message)
    expect(later).to.equal('the simulator was closed before the condition became true')
    await simulator.until(() => true)
  })

  it('is told of an error in its own question', async () => {
    let asked = 0
    const outcome = scene.simulator.until(() => {
      asked += 1
      if (asked > 1) throw new Error('a bug in the question')
      return false
    })
    const message = outcome.catch((error: Error) => error.message)
    await scene.charge()
    expect(await message).to.equal('a bug in the question')
  })
})
