import { expect } from 'chai'
import { CORE_V1, paymentBody } from './paths.ts'
import { Scene } from './scene.ts'

describe('an X-EXTERNAL-ID', () => {
  let scene: Scene
  let customerToken: string
  beforeEach(async () => {
    scene = await Scene.open()
    customerToken = (await scene.bind(CORE_V1)).customerToken
  })
  afterEach(() => scene.simulator.close())

  const recurring = (reference: string) => paymentBody(CORE_V1, reference, '10000.00', { paymentType: 'RECURRING' })
  const charge = (reference: string, externalId: string) =>
    scene.merchant.call(CORE_V1.payment, recurring(reference), { customerToken, externalId })

  it('that comes again with the same body gets the same body again, with 409, and charges nothing', async () => {
    const first = await charge('INV-1', '500')
    const again = await charge('INV-1', '500')
    expect(first.status).to.equal(200)
    expect(again.status).to.equal(409)
    expect(again.body).to.deep.equal(first.body)
    expect(again.body.responseCode).to.equal('2005400')
    expect(scene.simulator.ledger).to.have.lengthOf(1)
    expect(scene.simulator.calls.at(-1)).to.include({ verdict: 'replayed', status: 409, code: '2005400' })
  })

  it('that comes again with another body is a conflict', async () => {
    await charge('INV-1', '500')
    const { status, body } = await charge('INV-2', '500')
    expect(status).to.equal(409)
    expect(body).to.deep.equal({ responseCode: '4095400', responseMessage: 'Conflict' })
    expect(scene.simulator.ledger).to.have.lengthOf(1)
  })

  it('that comes again for another operation is a conflict', async () => {
    await charge('INV-1', '500')
    const body = { additionalInfo: CORE_V1.channel }
    const answer = await scene.merchant.call(CORE_V1.balance, body, { customerToken, externalId: '500' })
    expect(answer.body).to.include({ responseCode: '4091100' })
  })

  it('is used up by a refused request, too, whose refusal is replayed', async () => {
    const options = { externalId: '500', customerToken: 'made-up' }
    await scene.merchant.call(CORE_V1.payment, recurring('INV-1'), options)
    const again = await scene.merchant.call(CORE_V1.payment, recurring('INV-1'), options)
    expect(again.status).to.equal(409)
    expect(again.body).to.include({ responseCode: '4015402' })
  })

  it('is not used up by a request that was not the merchant’s', async () => {
    await scene.merchant.call(CORE_V1.payment, recurring('INV-1'), { externalId: '500', secretKey: 'SK-other' })
    expect((await charge('INV-1', '500')).status).to.equal(200)
  })

  it('may be used again on the next day of Jakarta, for another payment', async () => {
    await charge('INV-1', '500')
    scene.passSeconds(12 * 3600 - 1)
    await scene.merchant.logIn()
    customerToken = (await renewed()).body.accessToken
    expect((await charge('INV-2', '500')).status).to.equal(409)
    scene.passSeconds(1)
    expect((await charge('INV-2', '500')).status).to.equal(200)
    expect(scene.simulator.ledger).to.have.lengthOf(2)
  })

  const renewed = async () => {
    const { body } = scene.simulator.calls.find(({ operation }) => operation === 'customer-token') ?? { body: '{}' }
    return scene.merchant.tokenCall('b2b2c', JSON.parse(body))
  }
})

describe('a partnerReferenceNo', () => {
  let scene: Scene
  let customerToken: string
  beforeEach(async () => {
    scene = await Scene.open()
    customerToken = (await scene.bind(CORE_V1)).customerToken
  })
  afterEach(() => scene.simulator.close())

  const refused = { responseCode: '4095401', responseMessage: 'Duplicate partnerReferenceNo' }

  it('is refused again when its payment is paid', async () => {
    await scene.pay(CORE_V1, customerToken, 'INV-1', '10000.00', { paymentType: 'RECURRING' })
    const { status, body } = await scene.pay(CORE_V1, customerToken, 'INV-1', '10000.00', { paymentType: 'RECURRING' })
    expect(status).to.equal(409)
    expect(body).to.deep.equal(refused)
    expect(scene.simulator.ledger).to.have.lengthOf(1)
  })

  it('is refused again when its payment awaits the customer, or has failed', async () => {
    const { body } = await scene.pay(CORE_V1, customerToken, 'INV-1')
    expect((await scene.pay(CORE_V1, customerToken, 'INV-1')).body).to.deep.equal(refused)
    scene.simulator.declinePayment(body.webRedirectUrl)
    expect((await scene.pay(CORE_V1, customerToken, 'INV-1')).body).to.deep.equal(refused)
  })

  it('is not used up by a request that was refused before it became a payment', async () => {
    await scene.pay(CORE_V1, customerToken, 'INV-1', '10000.0')
    expect((await scene.pay(CORE_V1, customerToken, 'INV-1')).status).to.equal(200)
  })
})
