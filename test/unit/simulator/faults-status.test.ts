import { expect } from 'chai'
import { FaultScene, RECURRING } from './faults-scene.ts'
import { CORE_V1 } from './paths.ts'

const HOUR_MS = 3_600_000

describe('a status that lags', () => {
  let scene: FaultScene
  beforeEach(async () => {
    scene = await FaultScene.open({ accessTokenSeconds: 86_400, customerTokenSeconds: 86_400 })
  })
  afterEach(() => scene.simulator.close())

  const statusNow = async () => (await scene.statusOf('INV-1')).latestTransactionStatus
  const lagBy = (ms: number) => scene.simulator.faults.always('status', { kind: 'lag', ms })

  it('shows a paid payment as initiated, for as many calls as it is told', async () => {
    await scene.charge()
    const lag = { kind: 'lag' } as const
    scene.simulator.faults.next('status', [lag, lag])
    const stale = await scene.statusOf('INV-1')
    expect(stale).to.include({ responseCode: '2005500', latestTransactionStatus: '01' })
    expect(stale).to.not.have.property('paidTime')
    expect([await statusNow(), await statusNow()]).to.deep.equal(['01', '00'])
  })

  it('shows a payment as it was some time ago, and not at all when there was none', async () => {
    scene.passSeconds(7200)
    const { body } = await scene.pay(CORE_V1, scene.customerToken, 'INV-1')
    scene.passSeconds(3600)
    scene.simulator.approvePayment(body.webRedirectUrl)
    scene.passSeconds(3600)
    lagBy(HOUR_MS)
    expect(await scene.statusOf('INV-1')).to.include({
      latestTransactionStatus: '00',
      paidTime: '2026-03-01T15:00:00+07:00',
    })
    lagBy(HOUR_MS + 1)
    expect(await statusNow()).to.equal('01')
    expect(await scene.statusOf('INV-1')).to.not.have.property('paidTime')
    lagBy(2 * HOUR_MS + 1)
    expect(await scene.statusOf('INV-1')).to.include({ responseCode: '4045501' })
    scene.simulator.faults.clear('status')
    expect(await statusNow()).to.equal('00')
  })

  it('finds nothing at first, when it is told so', async () => {
    await scene.charge()
    const notFound = { kind: 'refusal', code: '404xx01' } as const
    scene.simulator.faults.next('status', [notFound, notFound])
    const codes: string[] = []
    while (codes.length < 3) codes.push((await scene.statusOf('INV-1')).responseCode)
    expect(codes).to.deep.equal(['4045501', '4045501', '2005500'])
  })
})

describe('a payment that fails first and succeeds later', () => {
  let scene: FaultScene
  beforeEach(async () => {
    scene = await FaultScene.open()
  })
  afterEach(() => scene.simulator.close())

  const statusNow = async () => (await scene.statusOf('INV-1')).latestTransactionStatus

  it('is refused at once when it is RECURRING, and charged when it is released', async () => {
    const { simulator } = scene
    simulator.faults.next('payment', { kind: 'fails-first' })
    const { status, text } = await scene.charge()
    expect(status).to.equal(403)
    expect(JSON.parse(text)).to.include({ responseCode: '4035405', responseMessage: 'Do Not Honor' })
    expect([await statusNow(), scene.charges]).to.deep.equal(['06', 0])
    simulator.faults.release('payment')
    expect([await statusNow(), scene.charges]).to.deep.equal(['00', 1])
  })

  it('fails when the customer confirms it, and is charged when it is released', async () => {
    const { simulator } = scene
    simulator.faults.next('payment', { kind: 'fails-first' })
    expect(await scene.confirm()).to.equal('failed')
    expect([await statusNow(), scene.charges]).to.deep.equal(['06', 0])
    simulator.faults.release()
    simulator.faults.release()
    expect([await statusNow(), scene.charges]).to.deep.equal(['00', 1])
  })

  it('is paid twice over when its order was tried anew in between', async () => {
    const { simulator } = scene
    simulator.faults.next('payment', { kind: 'fails-first' })
    await scene.confirm('INV-1')
    await scene.confirm('INV-2')
    simulator.faults.release()
    expect(simulator.ledger.map(({ partnerReferenceNo }) => partnerReferenceNo)).to.deep.equal(['INV-2', 'INV-1'])
  })

  it('can be any payment: declined, or still open; but it is charged once only', async () => {
    const { simulator } = scene
    const { body } = await scene.pay(CORE_V1, scene.customerToken, 'INV-1')
    simulator.declinePayment(body.webRedirectUrl)
    expect([await statusNow(), simulator.succeedLate('INV-1'), await statusNow()]).to.deep.equal(['05', true, '00'])
    expect(simulator.succeedLate('INV-1')).to.equal(false)
    await scene.pay(CORE_V1, scene.customerToken, 'INV-2')
    expect(simulator.succeedLate('INV-2')).to.equal(true)
    expect(scene.charges).to.equal(2)
    expect(() => simulator.succeedLate('INV-3')).to.throw('no payment INV-3')
  })

  it('stays failed when the money has gone', async () => {
    const { simulator } = scene
    await scene.pay(CORE_V1, scene.customerToken, 'INV-1', '10000000.00', RECURRING)
    expect([await statusNow(), simulator.succeedLate('INV-1'), await statusNow()]).to.deep.equal(['06', false, '06'])
  })
})

describe('a ledger that does not deduplicate', () => {
  let scene: FaultScene
  beforeEach(async () => {
    scene = await FaultScene.open({ deduplicates: false })
  })
  afterEach(() => scene.simulator.close())

  it('charges a payment again that is sent again, and so exposes a merchant who calls first and stores later', async () => {
    expect((await scene.charge('INV-1')).status).to.equal(200)
    expect((await scene.charge('INV-1')).status).to.equal(200)
    expect(scene.simulator.ledger.map(({ partnerReferenceNo }) => partnerReferenceNo)).to.deep.equal(['INV-1', 'INV-1'])
  })

  it('charges again under the same X-EXTERNAL-ID, too', async () => {
    await scene.charge('INV-1', { externalId: '77' })
    expect((await scene.charge('INV-1', { externalId: '77' })).status).to.equal(200)
    expect(scene.charges).to.equal(2)
  })
})
