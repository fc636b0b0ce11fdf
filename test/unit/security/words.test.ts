import { expect } from 'chai'
import { oneLine } from '../../../lib/redaction.ts'
import { type DokuPost, startDokuPost, unbearing } from '../../support/doku-post.ts'
import { idr, refusal, statusReply } from '../../support/fake-doku.ts'
import { alice, hooksBegun, link, rejection, type Scene, startScene } from '../../support/scene.ts'
import { startShop } from '../../support/shop.ts'

/** Ends a line, colours the next one, rings, and turns what follows round. */
const hostile = 'No\r\n{"level":"info","msg":"paid"}\u001b[31m\u0007\u009b2J\u2028\u202e\u2066x\u0000'
const harmless = 'No  {"level":"info","msg":"paid"} [31m  2J   x '
const moves = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u

/** Every text in it, however deep. */
function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || depth > 8) return []
  const own = value instanceof Error ? [value.message] : []
  return [...own, ...Object.values(value).flatMap((inner) => textsIn(inner, depth + 1))]
}

describe('words of a stranger', () => {
  it('become one line, and stay as they are otherwise', () => {
    expect(oneLine(hostile)).to.equal(harmless)
    expect(oneLine('Saldo tidak cukup – “José” & <b> 支付')).to.equal('Saldo tidak cukup – “José” & <b> 支付')
  })

  describe('that come from DOKU', () => {
    let scene: Scene
    let post: DokuPost
    beforeEach(async () => {
      scene = await startScene(unbearing)
      post = await startDokuPost(scene.ovo, scene.clock)
      await link(scene)
    })
    afterEach(async () => {
      await post.close()
      await scene.close()
    })

    /** What logs, hooks and callers got to read. */
    const expectOneLine = async (...got: unknown[]) => {
      await hooksBegun()
      const texts = textsIn([scene.logged, scene.events, got])
      expect(texts.filter((text) => moves.test(text))).to.deep.equal([])
      return texts.join()
    }

    it('in a refusal of a payment', async () => {
      scene.doku.next('payment', refusal('4035414', hostile))
      const { payment } = await scene.ovo.service.pay(alice, { orderId: 'order-1' })
      expect(payment.failure?.message).to.equal(harmless)
      expect(await expectOneLine(payment)).to.contain('[31m')
    })

    it('in a refusal of everything else', async () => {
      for (const [operation, code] of [
        ['balance', '4001100'],
        ['unbinding', '4000900'],
      ] as const) {
        scene.doku.next(operation, refusal(code, hostile))
        const call = operation === 'balance' ? scene.ovo.service.balance(alice) : scene.ovo.service.unbind(alice)
        const error = await rejection(call)
        expect(await expectOneLine(error, error.cause)).to.contain('[31m')
      }
    })

    it('in a reference of its own', async () => {
      scene.doku.next('payment', { status: 200, body: { responseCode: '2005400', referenceNo: hostile } })
      const { payment } = await scene.ovo.service.pay(alice, { orderId: 'order-1' })
      expect(payment.referenceNo).to.equal(harmless)
      scene.doku.next('status', statusReply('06', { transactionStatusDesc: hostile, originalReferenceNo: hostile }))
      scene.clock.passSeconds(90)
      expect(await expectOneLine(await scene.ovo.service.payment(alice, payment.partnerReferenceNo))).to.contain('[31m')
    })

    it('in a notification', async () => {
      const { payment } = await scene.ovo.service.pay(alice, { orderId: 'order-1' })
      const about = { originalPartnerReferenceNo: payment.partnerReferenceNo, latestTransactionStatus: '05' }
      await post.send({ ...about, transactionStatusDesc: hostile, originalReferenceNo: hostile })
      const told = await scene.ovo.service.payment(alice, payment.partnerReferenceNo)
      expect([told.status, told.failure?.message, told.referenceNo]).to.deep.equal(['cancelled', harmless, harmless])
      await expectOneLine(told)
    })

    it('in the name of something that nobody has', async () => {
      const amount = idr('10000.00')
      for (const body of [
        { originalPartnerReferenceNo: `INV${hostile}`, latestTransactionStatus: '00', amount },
        { additionalInfo: { custIdMerchant: `bob${hostile}`, authCode: 'x', status: 'SUCCESS' } },
      ]) {
        expect(await post.send(body)).to.have.property('status', 200)
      }
      await expectOneLine()
      const told = scene.events.flatMap((event) => (event.type === 'notificationUnmatched' ? [event.reference] : []))
      expect(told).to.deep.equal([`INV${harmless}`, `bob${harmless}`])
    })

    it('as a token that fits into no header: it is not kept, and nothing is sent with it', async () => {
      for (const token of ['a\r\nX-Evil: 1', 'a b', 'é', '\u0000', 'x'.repeat(4097)]) {
        const fresh = await startScene()
        fresh.doku.always.accessToken = { status: 200, body: { responseCode: '2007300', accessToken: token } }
        const error = await rejection(fresh.ovo.service.bind(alice, { phoneNo: '081200000001' }))
        expect(error.code).to.equal('DOKU_UNAVAILABLE')
        expect(fresh.doku.of('binding')).to.have.length(0)
        await fresh.close()
      }
    })
  })

  it('come from no customer either', async () => {
    const scene = await startScene()
    const { service } = scene.ovo
    const calls: [string, Promise<unknown>][] = [
      ['INVALID_FIELD', service.bind(alice, { phoneNo: hostile })],
      ['INVALID_FIELD', service.bind(alice, { phoneNo: '081200000001', customerName: hostile })],
      ['INVALID_FIELD', service.pay(alice, { orderId: hostile })],
      ['INVALID_FIELD', service.pay(alice, { orderId: 'order-1', [hostile]: 1 } as never)],
      ['PAYMENT_NOT_FOUND', service.payment(alice, hostile)],
    ]
    for (const [code, call] of calls) {
      const error = await rejection(call)
      expect(error.code).to.equal(code)
      expect(textsIn([error, scene.logged, scene.events]).filter((text) => moves.test(text))).to.deep.equal([])
    }
    await scene.close()
  })

  it('name no field of a body in more than one line', async () => {
    const shop = await startShop()
    const key = JSON.stringify(hostile)
    for (const body of [`{${key}:1,${key}:2}`, `{"a":{"__proto__":1},${key}:1}`, `{${key}:{"__proto__":1}}`]) {
      const answer = await shop.request('alice', 'POST', '/payments', body)
      expect([answer.status, answer.body.code]).to.deep.equal([400, 'INVALID_FIELD'])
      expect(textsIn(answer.body).filter((text) => moves.test(text))).to.deep.equal([])
    }
    await shop.close()
  })
})
