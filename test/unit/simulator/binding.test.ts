import { expect } from 'chai'
import { ALICE, APIS, BLOCKED, BOB, bindingBody } from './paths.ts'
import { Scene } from './scene.ts'

for (const api of APIS) {
  describe(`binding an OVO account (${api.name})`, () => {
    let scene: Scene
    beforeEach(async () => {
      scene = await Scene.open()
    })
    afterEach(() => scene.simulator.close())

    const bind = (phoneNo = ALICE.phoneNo, custIdMerchant = 'alice') =>
      scene.merchant.call(api.binding, bindingBody(api, phoneNo, custIdMerchant))
    const accountOf = (phoneNo: string) => scene.simulator.accounts.find((account) => account.phoneNo === phoneNo)

    it('answers PENDING, an authCode, and a page of the simulator’s own', async () => {
      const { status, body } = await bind()
      expect(status).to.equal(200)
      expect(body).to.include({ responseCode: '2000700', responseMessage: 'Successful' })
      expect(body.referenceNo).to.match(/^\d{12}$/)
      expect(body.redirectUrl).to.match(api.bindingPage).and.to.include(scene.simulator.url)
      const { authCode, ...rest } = body.additionalInfo
      expect(rest).to.deep.equal({ custIdMerchant: 'alice', accountStatus: 'PENDING' })
      expect(body.redirectUrl).not.to.include(authCode)
    })

    it('links the account when the customer has entered OTP and PIN', async () => {
      const { body } = await bind()
      expect(accountOf(ALICE.phoneNo)?.linkedTo).to.equal(undefined)
      const standing = scene.simulator.approveBinding(body.redirectUrl)
      expect(standing).to.deep.equal({ status: 'succeeded', returnUrl: 'https://shop.example/bound?s=1&t=2' })
      expect(accountOf(ALICE.phoneNo)?.linkedTo).to.equal('alice')
    })

    it('waits for the right OTP and the right PIN', async () => {
      const { body } = await bind()
      const { simulator } = scene
      expect(simulator.approveBinding(body.redirectUrl, { otp: '0' })).to.include({ message: 'Wrong OTP' })
      expect(simulator.approveBinding(body.redirectUrl, { pin: '0' })).to.deep.equal({
        status: 'open',
        message: 'Wrong PIN',
      })
      expect((await scene.merchant.customerToken(body.additionalInfo.authCode)).status).to.equal(401)
      expect(simulator.approveBinding(body.redirectUrl)).to.include({ status: 'succeeded' })
      expect((await scene.merchant.customerToken(body.additionalInfo.authCode)).status).to.equal(200)
    })

    it('fails when the customer declines, for good', async () => {
      const { body } = await bind()
      const failed = { status: 'failed', returnUrl: 'https://shop.example/not-bound' }
      expect(scene.simulator.declineBinding(body.redirectUrl)).to.deep.equal(failed)
      expect(scene.simulator.approveBinding(body.redirectUrl)).to.deep.equal(failed)
      expect((await scene.merchant.customerToken(body.additionalInfo.authCode)).status).to.equal(401)
    })

    const REFUSED: [what: string, phoneNo: string, custIdMerchant: string, reason: string][] = [
      ['an account of another customer', ALICE.phoneNo, 'bob', 'OVO account already registered by another customer'],
      ['an account that is linked already', ALICE.phoneNo, 'alice', 'Account Already Registered'],
      ['a second account of one customer', BOB.phoneNo, 'alice', 'Account Already Registered'],
      ['a phone without OVO', '6281299999999', 'bob', 'OVO account not available please register to ovo'],
      ['a blocked account', BLOCKED.phoneNo, 'bob', 'OVO account blocked temporary'],
    ]
    for (const [what, phoneNo, custIdMerchant, reason] of REFUSED) {
      it(`is not permitted for ${what}`, async () => {
        await scene.bind(api)
        const { status, body } = await bind(phoneNo, custIdMerchant)
        expect(status).to.equal(403)
        expect(body).to.deep.equal({
          responseCode: '4030715',
          responseMessage: `Transaction Not Permitted. ${reason}`,
        })
      })
    }

    it('goes to whoever finishes first when two customers want one account', async () => {
      const alice = await bind(ALICE.phoneNo, 'alice')
      const bob = await bind(ALICE.phoneNo, 'bob')
      expect(scene.simulator.approveBinding(bob.body.redirectUrl)).to.include({ status: 'succeeded' })
      expect(scene.simulator.approveBinding(alice.body.redirectUrl)).to.include({ status: 'failed' })
      expect(accountOf(ALICE.phoneNo)?.linkedTo).to.equal('bob')
    })

    it('ends by unbinding: code and tokens die, and another customer may bind the account', async () => {
      const { authCode, customerToken } = await scene.bind(api)
      const { body: sibling } = await scene.merchant.customerToken(authCode)
      const body = { tokenId: customerToken, additionalInfo: api.channel }
      const answer = await scene.merchant.call(api.unbinding, body)
      expect(answer.body).to.include({ responseCode: '2000900', responseMessage: 'Successful' })
      expect(answer.body.referenceNo).to.match(/^\d{32}$/)
      expect((await scene.merchant.customerToken(authCode)).body.responseCode).to.equal('4017400')
      for (const token of [customerToken, sibling.accessToken]) {
        const balance = await scene.merchant.call(
          api.balance,
          { additionalInfo: api.channel },
          { customerToken: token },
        )
        expect(balance.body.responseCode).to.equal('4011102')
      }
      expect((await scene.merchant.call(api.unbinding, body)).body.responseCode).to.equal('4010902')
      expect((await bind(ALICE.phoneNo, 'bob')).status).to.equal(200)
    })
  })
}
