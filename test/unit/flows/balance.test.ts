import { expect } from 'chai'
import { faults, idr, refusal } from '../../support/fake-doku.ts'
import { alice, bob, link, rejection, type Scene, startScene } from '../../support/scene.ts'

describe('the balance', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await startScene()
    await link(scene)
  })
  afterEach(() => scene.close())

  const answers = (...accountInfos: { balanceType: string }[]) =>
    scene.doku.next('balance', { status: 200, body: { responseCode: '2001100', accountInfos } })

  it('is what is available, where DOKU tells it apart', async () => {
    answers(
      { balanceType: 'CASH', amount: idr('10.00'), availableBalance: idr('7.00') } as never,
      { balanceType: 'POINTS', amount: idr('3.00') } as never,
    )
    expect(await scene.ovo.service.balance(alice)).to.deep.equal({ cash: idr('7.00'), points: idr('3.00') })
  })

  it('is without points when OVO names none', async () => {
    answers({ balanceType: 'CASH', amount: idr('10.00') } as never)
    expect(await scene.ovo.service.balance(alice)).to.deep.equal({ cash: idr('10.00') })
  })

  it('is never made up: without cash there is none', async () => {
    answers({ balanceType: 'POINTS', amount: idr('10.00') } as never)
    expect((await rejection(scene.ovo.service.balance(alice))).code).to.equal('DOKU_UNAVAILABLE')
  })

  const errors: [string, string][] = [
    ['4031118', 'OVO_REFUSED'],
    ['4001101', 'DOKU_REFUSED'],
    ['4011100', 'DOKU_REFUSED'],
    ['4291100', 'DOKU_UNAVAILABLE'],
    ['2021100', 'DOKU_UNAVAILABLE'],
    ['5041100', 'DOKU_UNAVAILABLE'],
    ['4091100', 'OVO_REFUSED'],
  ]
  for (const [code, expected] of errors) {
    it(`is ${expected} when DOKU answers ${code}`, async () => {
      scene.doku.next('balance', refusal(code))
      expect((await rejection(scene.ovo.service.balance(alice))).code).to.equal(expected)
    })
  }

  it('is DOKU_UNAVAILABLE when the connection is cut', async () => {
    scene.doku.next('balance', faults['the connection is cut'] ?? refusal('5001100'))
    expect((await rejection(scene.ovo.service.balance(alice))).code).to.equal('DOKU_UNAVAILABLE')
  })

  it('is asked with the customer’s own token', async () => {
    await link(scene, bob)
    await scene.ovo.service.balance(bob)
    await scene.ovo.service.balance(alice)
    const [bobs, alices] = scene.doku.of('balance').map(({ headers }) => headers['authorization-customer'])
    expect(bobs).not.to.equal(alices)
  })
})
