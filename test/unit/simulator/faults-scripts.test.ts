import { expect } from 'chai'
import type { Fault, FaultTarget } from '../../../lib/simulator/index.ts'
import { FaultScene } from './faults-scene.ts'
import { CORE_V1 } from './paths.ts'

describe('the simulator’s faults', () => {
  let scene: FaultScene
  beforeEach(async () => {
    scene = await FaultScene.open()
  })
  afterEach(() => scene.simulator.close())

  const balance = async () => {
    const body = { additionalInfo: CORE_V1.channel }
    return (await scene.merchant.callRaw(CORE_V1.balance, body, { customerToken: scene.customerToken })).status
  }
  const balances = async (count: number) => {
    const statuses: number[] = []
    while (statuses.length < count) statuses.push(await balance())
    return statuses
  }
  const error = (status: number) => ({ kind: 'http-error', status }) as const

  it('strike the next calls in the order of the script, and then no more', async () => {
    const { faults } = scene.simulator
    faults.next('balance', [error(500), { kind: 'none' }, error(502)])
    faults.next('balance', error(504))
    expect(await balances(5)).to.deep.equal([500, 200, 502, 504, 200])
  })

  it('strike one operation and leave the others alone', async () => {
    scene.simulator.faults.next('payment', error(500))
    expect(await balance()).to.equal(200)
    expect((await scene.charge()).status).to.equal(500)
  })

  it('strike always, after what was scripted, until they are cleared', async () => {
    const { faults } = scene.simulator
    faults.always('balance', error(502))
    faults.next('balance', error(504))
    expect(await balances(3)).to.deep.equal([504, 502, 502])
    faults.clear('payment')
    expect(await balance()).to.equal(502)
    faults.clear('balance')
    expect(await balance()).to.equal(200)
  })

  it('are all gone when they are cleared without a name', async () => {
    const { faults } = scene.simulator
    faults.next('balance', [error(500), error(500)])
    faults.always('payment', error(500))
    faults.random({ seed: 1, rate: 1, faults: [error(500)] })
    faults.clear()
    expect(await balances(2)).to.deep.equal([200, 200])
    expect((await scene.charge()).status).to.equal(200)
  })

  const randomly = async (seed: number | string, rate = 0.5) => {
    scene.simulator.faults.random({ seed, rate, faults: [error(500), error(502)], operations: ['balance'] })
    return balances(24)
  }

  it('come by chance, and the same ones for the same seed', async () => {
    const first = await randomly(7)
    expect(await randomly(7)).to.deep.equal(first)
    expect(await randomly('another')).to.not.deep.equal(first)
    expect(new Set(first)).to.deep.equal(new Set([200, 500, 502]))
  })

  it('come by chance as often as the rate says', async () => {
    expect(new Set(await randomly(1, 0))).to.deep.equal(new Set([200]))
    expect(await randomly(1, 1)).to.not.include(200)
  })

  it('come by chance to each operation independently of the calls to others', async () => {
    const plan = { seed: 3, rate: 0.5, faults: [error(500)] }
    scene.simulator.faults.random(plan)
    const alone = await balances(12)
    scene.simulator.faults.random(plan)
    const between: number[] = []
    for (const index of alone.keys()) {
      await scene.charge(`INV-${index}`)
      between.push(await balance())
    }
    expect(between).to.deep.equal(alone)
  })

  it('come by chance only where they can be', async () => {
    const { faults } = scene.simulator
    faults.random({ seed: 1, rate: 1, faults: [{ kind: 'lost' }, { kind: 'fails-first' }, { kind: 'lag' }] })
    expect(await balance()).to.equal(200)
    expect(JSON.parse((await scene.charge()).text)).to.include({ responseCode: '4035405' })
  })

  it('are refused where they cannot be, or when there is no such thing', () => {
    const set = (target: string, fault: object) => () =>
      scene.simulator.faults.next(target as 'payment', fault as Fault & { kind: 'cut' })
    expect(set('payment', { kind: 'lost' })).to.throw(TypeError, 'faults: {"kind":"lost"} does not fit payment')
    expect(set('notification', { kind: 'cut' })).to.throw(TypeError, 'does not fit notification')
    expect(set('balance', { kind: 'lag' })).to.throw(TypeError, 'does not fit balance')
    expect(set('balance', { kind: 'fails-first' })).to.throw(TypeError, 'does not fit balance')
    expect(set('balance', { kind: 'toString' })).to.throw(TypeError, 'does not fit balance')
    expect(set('balances', { kind: 'cut' })).to.throw(TypeError, 'there is no target "balances"')
    const clear = () => scene.simulator.faults.clear('balances' as FaultTarget)
    expect(clear).to.throw(TypeError, 'there is no target "balances"')
  })

  it('can be set by a listener for the very call that has arrived', async () => {
    scene.simulator.observe((event) => {
      const isSecond = event.moment === 'arrived' && event.arrival.body.includes('INV-2')
      if (isSecond) scene.simulator.faults.next('payment', error(500))
    })
    const statuses: number[] = []
    for (const name of ['INV-1', 'INV-2', 'INV-3']) statuses.push((await scene.charge(name)).status)
    expect(statuses).to.deep.equal([200, 500, 200])
  })

  it('revoke every access token, from the struck call on', async () => {
    scene.simulator.faults.next('balance', { kind: 'revoked-tokens' })
    expect(await balance()).to.equal(401)
    expect(JSON.parse((await scene.charge()).text)).to.include({ responseCode: '4015401' })
    await scene.merchant.logIn()
    expect(await balance()).to.equal(200)
    scene.simulator.revokeAccessTokens()
    expect(await balance()).to.equal(401)
  })
})
