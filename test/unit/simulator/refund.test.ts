import { expect } from 'chai'
import type { ReplyBody } from './merchant.ts'
import { ALICE, BOB, CORE_V1, paymentBody } from './paths.ts'
import { RefundScene } from './refund-scene.ts'

describe('a refund', () => {
  let scene: RefundScene
  beforeEach(async () => {
    scene = await RefundScene.open()
    await scene.charge('INV-1')
  })
  afterEach(() => scene.simulator.close())

  const codeOf = ({ body }: { body: ReplyBody }) => body.responseCode
  const statusNow = async () => (await scene.statusOf('INV-1')).latestTransactionStatus

  it('of the whole gives the money back, and says what it was for', async () => {
    const { status, body } = await scene.refund()
    const [entry] = scene.simulator.ledger
    expect(status).to.equal(200)
    expect(body).to.deep.equal({
      responseCode: '2005800',
      responseMessage: 'Successful',
      refundAmount: { value: '10000.00', currency: 'IDR' },
      originalPartnerReferenceNo: 'INV-1',
      originalReferenceNo: entry?.referenceNo,
      originalExternalId: entry?.externalId,
      refundNo: body.refundNo,
      partnerRefundNo: 'R-1',
      refundTime: '2026-03-01T12:00:00+07:00',
    })
    expect(body.refundNo).to.match(/^\d{32}$/)
    expect(scene.cashOf(ALICE.phoneNo)).to.equal('2000000.00')
  })

  it('of the whole makes the payment Refunded', async () => {
    await scene.refund()
    expect(await statusNow()).to.equal('04')
    expect(await scene.statusOf('INV-1')).to.include({ transactionStatusDesc: 'REFUNDED' })
  })

  it('of a part leaves the payment Success, until the parts are the whole', async () => {
    await scene.refund({ partnerRefundNo: 'R-1', value: '4000.00' })
    expect([await statusNow(), scene.cashOf(ALICE.phoneNo)]).to.deep.equal(['00', '1994000.00'])
    scene.passSeconds(60)
    await scene.refund({ partnerRefundNo: 'R-2', value: '6000.00', reason: 'torn' })
    expect([await statusNow(), scene.cashOf(ALICE.phoneNo)]).to.deep.equal(['04', '2000000.00'])
    const history = (await scene.statusOf('INV-1')).refundHistory
    const [first, second] = scene.simulator.refunds
    expect(history).to.deep.equal([
      {
        refundNo: first?.refundNo,
        partnerRefundNo: 'R-1',
        refundAmount: { value: '4000.00', currency: 'IDR' },
        refundStatus: '00',
        refundDate: '2026-03-01T12:00:00+07:00',
      },
      {
        refundNo: second?.refundNo,
        partnerRefundNo: 'R-2',
        refundAmount: { value: '6000.00', currency: 'IDR' },
        refundStatus: '00',
        refundDate: '2026-03-01T12:01:00+07:00',
        reason: 'torn',
      },
    ])
  })

  it('stands in a ledger of its own, and the ledger of charges stays as it was', async () => {
    await scene.refund({ value: '4000.00' })
    expect(scene.simulator.ledger).to.have.lengthOf(1)
    expect(scene.simulator.refunds).to.have.lengthOf(1)
    expect(scene.simulator.refunds[0]).to.include({
      partnerRefundNo: 'R-1',
      partnerReferenceNo: 'INV-1',
      custIdMerchant: 'alice',
      phoneNo: ALICE.phoneNo,
      amount: '4000.00',
      at: scene.now,
    })
  })

  it('is never of more than is left', async () => {
    expect(codeOf(await scene.refund({ value: '10000.01' }))).to.equal('4045813')
    await scene.refund({ partnerRefundNo: 'R-1', value: '9999.99' })
    expect(codeOf(await scene.refund({ partnerRefundNo: 'R-2', value: '0.02' }))).to.equal('4045813')
    expect(codeOf(await scene.refund({ partnerRefundNo: 'R-2', value: '0.01' }))).to.equal('2005800')
    expect(codeOf(await scene.refund({ partnerRefundNo: 'R-3', value: '0.01' }))).to.equal('4045813')
    expect(scene.cashOf(ALICE.phoneNo)).to.equal('2000000.00')
  })

  it('that comes again under its partnerRefundNo moves nothing, and is answered as it was', async () => {
    const first = await scene.refund({ value: '4000.00' })
    scene.passSeconds(60)
    const again = await scene.refund({ value: '4000.00' })
    expect(again.status).to.equal(200)
    expect(again.body).to.deep.equal(first.body)
    expect(scene.simulator.refunds).to.have.lengthOf(1)
    expect(scene.cashOf(ALICE.phoneNo)).to.equal('1994000.00')
  })

  it('that is another one under a known partnerRefundNo is an Inconsistent Request', async () => {
    await scene.charge('INV-2')
    await scene.refund({ value: '4000.00' })
    const { status, body } = await scene.refund({ value: '5000.00' })
    expect(status).to.equal(404)
    expect(body).to.deep.equal({ responseCode: '4045818', responseMessage: 'Inconsistent Request' })
    const ofAnother = await scene.refund({ value: '4000.00', originalPartnerReferenceNo: 'INV-2' })
    expect(codeOf(ofAnother)).to.equal('4045818')
    expect(scene.simulator.refunds).to.have.lengthOf(1)
  })

  it('is made again under its partnerRefundNo when nothing is deduplicated, though never beyond what was paid', async () => {
    await scene.simulator.close()
    scene = await RefundScene.open({ deduplicates: false })
    await scene.charge('INV-1')
    const codes: string[] = []
    while (codes.length < 3) codes.push(codeOf(await scene.refund({ value: '5000.00' })))
    expect(codes).to.deep.equal(['2005800', '2005800', '4045813'])
    expect(scene.simulator.refunds).to.have.lengthOf(2)
  })

  it('needs a payment that was paid', async () => {
    await scene.pay(CORE_V1, scene.customerToken, 'INV-2')
    expect(codeOf(await scene.refund({ originalPartnerReferenceNo: 'INV-2' }))).to.equal('4045800')
    expect(codeOf(await scene.refund({ originalPartnerReferenceNo: 'INV-3' }))).to.equal('4045801')
  })

  it('needs the X-EXTERNAL-ID of the payment, when it names one', async () => {
    const externalId = scene.simulator.ledger[0]?.externalId
    expect(codeOf(await scene.refund({ originalExternalId: '1' }))).to.equal('4045801')
    expect(codeOf(await scene.refund({ originalExternalId: externalId }))).to.equal('2005800')
  })

  it('needs the token of the customer who paid', async () => {
    const bob = await scene.bind(CORE_V1, BOB.phoneNo, 'bob')
    expect(codeOf(await scene.refund({}, { customerToken: bob.customerToken }))).to.equal('4045801')
    expect(codeOf(await scene.refund({}, { customerToken: undefined }))).to.equal('4015804')
    expect(codeOf(await scene.refund({}, { customerToken: 'nobodys' }))).to.equal('4015802')
    expect(scene.simulator.refunds).to.be.empty
  })

  it('gives cash back first, then points, each up to what it had paid', async () => {
    const body = paymentBody(CORE_V1, 'INV-2', '1000.00', { paymentType: 'RECURRING' })
    const amount = (value: string) => ({ transAmount: { value, currency: 'IDR' } })
    body.payOptionDetails = [
      { ...body.payOptionDetails[0], payMethod: 'POINTS', ...amount('300.00') },
      { ...body.payOptionDetails[0], payMethod: 'CASH', ...amount('700.00') },
    ] as typeof body.payOptionDetails
    await scene.merchant.call(CORE_V1.payment, body, { customerToken: scene.customerToken })
    const ofSplit = { originalPartnerReferenceNo: 'INV-2' }
    await scene.refund({ ...ofSplit, partnerRefundNo: 'R-1', value: '600.00' })
    expect(scene.simulator.accounts[0]).to.include({ cash: '1989900.00', points: '49700.00' })
    await scene.refund({ ...ofSplit, partnerRefundNo: 'R-2', value: '400.00' })
    expect(scene.simulator.accounts[0]).to.include({ cash: '1990000.00', points: '50000.00' })
  })
})
