import { expect } from 'chai'
import { ALICE, APIS, CORE_V1, OVO_V1, POOR, paymentBody, STATUS } from './paths.ts'
import { Scene } from './scene.ts'

for (const api of APIS) {
  describe(`paying on the page (${api.name})`, () => {
    let scene: Scene
    let customerToken: string
    beforeEach(async () => {
      scene = await Scene.open()
      customerToken = (await scene.bind(api)).customerToken
    })
    afterEach(() => scene.simulator.close())

    const aliceHas = () => scene.simulator.accounts.find(({ phoneNo }) => phoneNo === ALICE.phoneNo)

    it('answers a page and charges nothing yet', async () => {
      const { status, body } = await scene.pay(api, customerToken, 'INV-1')
      expect(status).to.equal(200)
      expect(body).to.include({ responseCode: '2005400', responseMessage: 'Successful' })
      expect(body.webRedirectUrl).to.match(api.paymentPage).and.to.include(scene.simulator.url)
      expect(body.referenceNo).to.match(/^\d{32}$/)
      expect(scene.simulator.ledger).to.be.empty
      expect(await scene.statusOf('INV-1')).to.include({ latestTransactionStatus: '01' })
    })

    it('charges once, when the customer has entered the PIN', async () => {
      const { body } = await scene.pay(api, customerToken, 'INV-1', '12345.67')
      const paid = { status: 'succeeded', returnUrl: 'https://shop.example/paid?o=1' }
      expect(scene.simulator.approvePayment(body.webRedirectUrl)).to.deep.equal(paid)
      expect(scene.simulator.approvePayment(body.webRedirectUrl)).to.deep.equal(paid)
      expect(scene.simulator.declinePayment(body.webRedirectUrl)).to.deep.equal(paid)
      expect(scene.simulator.ledger).to.deep.equal([
        {
          partnerReferenceNo: 'INV-1',
          referenceNo: body.referenceNo,
          externalId: scene.simulator.calls.at(-1)?.headers['x-external-id'],
          custIdMerchant: 'alice',
          phoneNo: ALICE.phoneNo,
          amount: '12345.67',
          cash: '12345.67',
          points: '0.00',
          at: scene.now,
        },
      ])
      expect(aliceHas()).to.include({ cash: '1987654.33', points: '50000.00' })
    })

    it('answers the status in DOKU’s shape, echoing service code 55 to 54 and 55 alike', async () => {
      const { body } = await scene.pay(api, customerToken, 'INV-1')
      scene.simulator.approvePayment(body.webRedirectUrl)
      scene.passSeconds(61)
      for (const serviceCode of ['54', '55']) {
        const query = { originalPartnerReferenceNo: 'INV-1', originalReferenceNo: body.referenceNo, serviceCode }
        const answer = await scene.merchant.call(STATUS, query)
        expect(answer.status).to.equal(200)
        expect(answer.body).to.deep.equal({
          responseCode: '2005500',
          responseMessage: 'Successful',
          originalPartnerReferenceNo: 'INV-1',
          originalReferenceNo: body.referenceNo,
          originalExternalId: scene.simulator.ledger[0]?.externalId,
          serviceCode: '55',
          latestTransactionStatus: '00',
          transactionStatusDesc: 'SUCCESS',
          originalResponseCode: '2005400',
          originalResponseMessage: 'Successful',
          paidTime: '2026-03-01T12:00:00+07:00',
          refundHistory: [],
          transAmount: { value: '10000.00', currency: 'IDR' },
          additionalInfo: { acquirer: { id: 'OVO' } },
        })
      }
    })

    it('is pending while the page is open, and canceled when the customer declines', async () => {
      const { body } = await scene.pay(api, customerToken, 'INV-1')
      expect(scene.simulator.approvePayment(body.webRedirectUrl, { pin: '0' })).to.deep.equal({
        status: 'open',
        message: 'Wrong PIN',
      })
      expect(await scene.statusOf('INV-1')).to.include({ latestTransactionStatus: '03' })
      expect(scene.simulator.declinePayment(body.webRedirectUrl)).to.deep.equal({
        status: 'failed',
        returnUrl: 'https://shop.example/not-paid',
      })
      const status = await scene.statusOf('INV-1')
      expect(status).to.include({ latestTransactionStatus: '05', originalResponseCode: '2005400' })
      expect(status).not.to.have.property('paidTime')
      expect(scene.simulator.ledger).to.be.empty
    })

    it('fails when the account has too little', async () => {
      const poor = await scene.bind(api, POOR.phoneNo, 'poor')
      const { body } = await scene.pay(api, poor.customerToken, 'INV-1', '5000.01')
      expect(scene.simulator.approvePayment(body.webRedirectUrl)).to.include({ status: 'failed' })
      expect(await scene.statusOf('INV-1')).to.include({ latestTransactionStatus: '06' })
      expect(scene.simulator.ledger).to.be.empty
    })

    it('fails when the customer unlinks before entering the PIN', async () => {
      const { body } = await scene.pay(api, customerToken, 'INV-1')
      scene.simulator.unlink('alice')
      expect(scene.simulator.approvePayment(body.webRedirectUrl)).to.include({ status: 'failed' })
      expect(scene.simulator.ledger).to.be.empty
    })

    it('takes cash and points as payOptionDetails say, all or nothing', async () => {
      const split = (reference: string, cash: string, points: string, value: string) => ({
        ...paymentBody(api, reference, value),
        payOptionDetails: [
          { payMethod: 'CASH', transAmount: { value: cash, currency: 'IDR' } },
          { payMethod: 'POINTS', transAmount: { value: points, currency: 'IDR' } },
        ],
      })
      const options = { customerToken }
      const tooMuch = await scene.merchant.call(api.payment, split('INV-1', '1.00', '50000.01', '50001.01'), options)
      expect(scene.simulator.approvePayment(tooMuch.body.webRedirectUrl)).to.include({ status: 'failed' })
      expect(aliceHas()).to.include({ cash: '2000000.00', points: '50000.00' })
      const { body } = await scene.merchant.call(api.payment, split('INV-2', '700.00', '300.00', '1000.00'), options)
      expect(scene.simulator.approvePayment(body.webRedirectUrl)).to.include({ status: 'succeeded' })
      expect(aliceHas()).to.include({ cash: '1999300.00', points: '49700.00' })
      expect(scene.simulator.ledger[0]).to.include({ amount: '1000.00', cash: '700.00', points: '300.00' })
    })

    it('shows in the balance', async () => {
      await scene
        .pay(api, customerToken, 'INV-1')
        .then(({ body }) => scene.simulator.approvePayment(body.webRedirectUrl))
      const { status, body } = await scene.merchant.call(
        api.balance,
        { additionalInfo: api.channel },
        { customerToken },
      )
      expect(status).to.equal(200)
      expect(body.responseCode).to.equal('2001100')
      const cash = { value: '1990000.00', currency: 'IDR' }
      const points = { value: '50000.00', currency: 'IDR' }
      expect(body.accountInfos.map(({ balanceType, amount }) => ({ balanceType, amount }))).to.deep.equal([
        { balanceType: 'CASH', amount: cash },
        { balanceType: 'POINTS', amount: points },
      ])
      expect(body.accountInfos[0]?.availableBalance).to.deep.equal(api === CORE_V1 ? cash : undefined)
    })
  })
}

describe('a RECURRING payment', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await Scene.open()
  })
  afterEach(() => scene.simulator.close())

  const recurring = { paymentType: 'RECURRING' }

  it('is charged at once, without a page, in core-v1', async () => {
    const { customerToken } = await scene.bind(CORE_V1)
    const { body } = await scene.pay(CORE_V1, customerToken, 'INV-1', '10000.00', recurring)
    expect(body).to.have.all.keys('responseCode', 'responseMessage', 'referenceNo')
    expect(scene.simulator.ledger).to.have.lengthOf(1)
    expect(await scene.statusOf('INV-1')).to.include({ latestTransactionStatus: '00' })
  })

  it('is answered Insufficient Funds, and has failed, when the account has too little', async () => {
    const { customerToken } = await scene.bind(CORE_V1, POOR.phoneNo, 'poor')
    const { status, body } = await scene.pay(CORE_V1, customerToken, 'INV-1', '10000.00', recurring)
    expect(status).to.equal(403)
    expect(body).to.deep.equal({ responseCode: '4035414', responseMessage: 'Insufficient Funds' })
    expect(await scene.statusOf('INV-1')).to.include({
      latestTransactionStatus: '06',
      originalResponseCode: '4035414',
    })
    expect(scene.simulator.ledger).to.be.empty
  })

  it('does not exist in ovo-v1.0: the customer always confirms', async () => {
    const { customerToken } = await scene.bind(OVO_V1)
    const { body } = await scene.pay(OVO_V1, customerToken, 'INV-1', '10000.00', recurring)
    expect(body.webRedirectUrl).to.match(OVO_V1.paymentPage)
    expect(scene.simulator.ledger).to.be.empty
  })
})

describe('check status', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await Scene.open()
  })
  afterEach(() => scene.simulator.close())

  it('answers 4045501 for a payment that nobody made', async () => {
    const { status, body } = await scene.merchant.call(STATUS, {
      originalPartnerReferenceNo: 'INV-none',
      serviceCode: '55',
    })
    expect(status).to.equal(404)
    expect(body).to.deep.equal({ responseCode: '4045501', responseMessage: 'Transaction Not Found' })
  })

  it('finds a payment by either reference, and only when both fit', async () => {
    const { customerToken } = await scene.bind(CORE_V1)
    const { referenceNo } = (await scene.pay(CORE_V1, customerToken, 'INV-1')).body
    const codeFor = async (query: object) =>
      (await scene.merchant.call(STATUS, { serviceCode: '55', ...query })).body.responseCode
    expect(await codeFor({ originalReferenceNo: referenceNo })).to.equal('2005500')
    expect(await codeFor({ originalReferenceNo: '1' })).to.equal('4045501')
    expect(await codeFor({ originalPartnerReferenceNo: 'INV-1', originalReferenceNo: '1' })).to.equal('4045501')
  })
})
