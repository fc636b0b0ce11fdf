import { expect } from 'chai'
import { ALICE, CORE_V1 } from './paths.ts'
import { Scene } from './scene.ts'

describe('a simulator that goes on where another was', () => {
  it('knows the accounts, what is linked, what was paid, and the tokens', async () => {
    const first = await Scene.open()
    const { customerToken } = await first.bind(CORE_V1)
    const { webRedirectUrl } = (await first.pay(CORE_V1, customerToken, 'INV-1')).body
    first.simulator.approvePayment(webRedirectUrl)
    const memory = first.simulator.save()
    await first.simulator.close()

    const second = await Scene.open({ memory })
    expect(second.simulator.accounts).to.deep.equal(first.simulator.accounts)
    expect(second.simulator.ledger).to.deep.equal(first.simulator.ledger)
    expect(await second.statusOf('INV-1')).to.include({ latestTransactionStatus: '00' })
    const next = (await second.pay(CORE_V1, customerToken, 'INV-2')).body
    second.simulator.approvePayment(next.webRedirectUrl)
    expect(second.simulator.ledger).to.have.length(2)
    const cash = (one: Scene) => one.simulator.accounts.find(({ phoneNo }) => phoneNo === ALICE.phoneNo)?.cash
    expect(Number(cash(second))).to.be.lessThan(Number(cash(first)))
    await second.simulator.close()
  })

  it('is not made of anything else', async () => {
    const error = await Scene.open({ memory: 'old' as never }).catch((reason: unknown) => reason)
    expect(error)
      .to.be.instanceOf(TypeError)
      .with.property('message')
      .that.includes('memory must be the bytes that save() returned')
  })
})
