import { expect } from 'chai'
import fc from 'fast-check'
import { orderEvents } from '../../../lib/flows/orders/orders.ts'
import {
  updateFromDoku,
  withAnswer,
  withRefund,
  withUnknown,
  withUpdate,
} from '../../../lib/flows/orders/payment-news.ts'
import type { PaymentRecord } from '../../../lib/flows/orders/payment-record.ts'
import { statusFromDoku } from '../../../lib/flows/orders/payment-state.ts'
import { type RefundRecord, refundable, refundedSen } from '../../../lib/flows/orders/refund-record.ts'
import type { PaymentStatus } from '../../../lib/model/views.ts'
import { type MoneyScene, said, startLinkedScene } from '../../support/money-scene.ts'

const digits = ['00', '01', '02', '03', '04', '05', '06', '07'] as const
type Digits = (typeof digits)[number]

const begins = ['sending', 'unknown', 'processing', 'awaiting-customer'] as const
type Begin = (typeof begins)[number]

/** Said once more here, in the test's own words: what is known at the end, from the most to the least. */
function expectedEnd(heard: readonly Digits[], begin: Begin = 'awaiting-customer'): PaymentStatus {
  const ends = [
    ['04', 'refunded'],
    ['00', 'paid'],
    ['05', 'cancelled'],
    ['06', 'failed'],
  ] as const
  for (const [latest, end] of ends) if (heard.includes(latest)) return end
  const isAtWork = heard.some((latest) => latest === '01' || latest === '02' || latest === '03')
  return isAtWork && (begin === 'sending' || begin === 'unknown') ? 'processing' : begin
}

const record = (status: PaymentStatus): PaymentRecord => ({
  partnerReferenceNo: 'P',
  externalId: '1',
  customerId: 'alice',
  status,
  amount: '10000.00',
  payMethod: 'CASH',
  createdAt: 0,
  updatedAt: 0,
})

/** What the payment is after the news, and the statuses that the host is told of. */
function hearOne(payment: PaymentRecord, latest: Digits): { payment: PaymentRecord; told: PaymentStatus[] } {
  const status = statusFromDoku(latest)
  const next = status && withUpdate(payment, updateFromDoku(status, { latestTransactionStatus: latest }), 1)
  if (!next) return { payment, told: [] }
  const events = orderEvents({ orderId: 'order-1', attempts: [next] }, payment, next)
  return { payment: next, told: events.map((event) => ('payment' in event ? event.payment.status : 'unknown')) }
}

/** All statuses that the host is told of. */
function hear(heard: readonly Digits[]): PaymentStatus[] {
  let payment = record('awaiting-customer')
  return heard.flatMap((latest) => {
    const { payment: next, told } = hearOne(payment, latest)
    payment = next
    return told
  })
}

const longestList = 6

/** Every list of up to six of the digits, each told on from the one before it; what is wrong with any of them. */
function complaintsAbout(begin: Begin): { lists: number; complaints: string[] } {
  const complaints: string[] = []
  let lists = 0
  const visit = (payment: PaymentRecord, heard: readonly Digits[], told: readonly PaymentStatus[]) => {
    lists++
    const end = expectedEnd(heard, begin)
    const isToldOnce = new Set(told).size === told.length && (told.at(-1) ?? begin) === payment.status
    if (payment.status !== end || !isToldOnce) complaints.push(`${heard.join(' ')}: ${told.join(' ')}, not ${end}`)
    if (heard.length === longestList) return
    for (const latest of digits) {
      const next = hearOne(payment, latest)
      visit(next.payment, [...heard, latest], [...told, ...next.told])
    }
  }
  visit(record(begin), [], [])
  return { lists, complaints }
}

describe('notifications in any order', () => {
  for (const begin of begins) {
    it(`lead from ${begin} to one end, with one event per transition: every list of up to ${longestList}`, () => {
      const { lists, complaints } = complaintsAbout(begin)
      expect(complaints.slice(0, 5)).to.deep.equal([])
      // 1 + 8 + 8² + … + 8⁶
      expect(lists).to.equal((8 ** 7 - 1) / 7)
    })
  }

  describe('that really arrive, signed, at the webhook', () => {
    let scene: MoneyScene
    before(async () => {
      scene = await startLinkedScene()
    })
    after(() => scene.close())

    it('lead to one end and one event per change: six at a time, some at once', async () => {
      let orders = 0
      const six = fc.array(fc.constantFrom(...digits), { minLength: 1, maxLength: 6 })
      await fc.assert(
        fc.asyncProperty(six, fc.boolean(), async (heard, atOnce) => {
          scene.events.length = 0
          const { partnerReferenceNo } = await scene.pay(`order-${orders++}`)
          const send = (latest: Digits) =>
            scene.simulator.notify(partnerReferenceNo, { body: { latestTransactionStatus: latest } })
          const attempts = atOnce ? await Promise.all(heard.map(send)) : []
          if (!atOnce) for (const latest of heard) attempts.push(await send(latest))
          expect(attempts.map(({ status }) => status)).to.deep.equal(heard.map(() => 200))
          expect((await scene.payment(partnerReferenceNo)).status).to.equal(expectedEnd(heard))
          await scene.ovo.service.reconcile()
          const told = said(scene.events)
          expect(new Set(told).size).to.equal(told.length)
          if (!atOnce) expect(told.slice(1)).to.deep.equal(hear(heard).map((status) => `payment ${status}`))
          expect(told.at(-1)).to.equal(`payment ${expectedEnd(heard)}`)
        }),
        { numRuns: 60 },
      )
    })

    it('let a late 00 overrule a 06, and nothing overrule a 00', async () => {
      scene.events.length = 0
      const { partnerReferenceNo } = await scene.pay('late')
      for (const latest of ['06', '00', '06', '05', '03', '00']) {
        await scene.simulator.notify(partnerReferenceNo, { body: { latestTransactionStatus: latest } })
      }
      await scene.ovo.service.reconcile()
      expect(said(scene.events)).to.deep.equal(['payment awaiting-customer', 'payment failed', 'payment paid'])
    })
  })
})

describe('what is known of a payment', () => {
  const ranks: readonly PaymentStatus[] = [
    'sending',
    'unknown',
    'processing',
    'awaiting-customer',
    'failed',
    'cancelled',
    'paid',
    'partially-refunded',
    'refunded',
  ]
  const refundRanks: readonly RefundRecord['status'][] = ['sending', 'unknown', 'processing', 'failed', 'succeeded']
  const refundNo = fc.constantFrom('R-1', 'R-2', 'R-3')
  const history = fc.array(
    fc.record({
      partnerRefundNo: refundNo,
      refundNo: fc.constant('D'),
      refundStatus: fc.constantFrom('00', '03', '06'),
    }),
    { maxLength: 3 },
  )
  const move = fc.oneof(
    fc.record({ kind: fc.constant('told' as const), latest: fc.constantFrom(...digits) }),
    fc.record({ kind: fc.constant('asked' as const), latest: fc.constantFrom(...digits), history }),
    fc.record({ kind: fc.constant('not found' as const) }),
    fc.record({
      kind: fc.constant('refund' as const),
      partnerRefundNo: refundNo,
      sen: fc.integer({ min: 1, max: 999_999 }),
    }),
    fc.record({ kind: fc.constant('settled' as const), partnerRefundNo: refundNo }),
  )
  type Move = typeof move extends fc.Arbitrary<infer One> ? One : never

  function reserve(payment: PaymentRecord, partnerRefundNo: string, sen: number): PaymentRecord {
    const amount = `${Math.floor(sen / 100)}.${String(sen % 100).padStart(2, '0')}`
    const isThere = payment.refunds?.some((one) => one.partnerRefundNo === partnerRefundNo)
    const left = refundable(payment.amount, payment.refunds)
    if (isThere || payment.status === 'refunded' || Number(amount) > Number(left)) return payment
    const refund = { partnerRefundNo, externalId: '1', status: 'sending', amount, createdAt: 0, updatedAt: 0 } as const
    return { ...payment, refunds: [...(payment.refunds ?? []), refund] }
  }

  function play(payment: PaymentRecord, one: Move, now: number): PaymentRecord {
    if (one.kind === 'not found') return withUnknown(payment, { process: 'a', monotonicMs: now }, now)
    if (one.kind === 'refund') return reserve(payment, one.partnerRefundNo, one.sen)
    if (one.kind === 'settled') {
      const refund = payment.refunds?.find(({ partnerRefundNo }) => partnerRefundNo === one.partnerRefundNo)
      return refund ? withRefund(payment, { ...refund, status: 'succeeded' }, now) : payment
    }
    const words = { latestTransactionStatus: one.latest }
    const status = statusFromDoku(one.latest)
    if (one.kind === 'told') return (status && withUpdate(payment, updateFromDoku(status, words), now)) ?? payment
    return withAnswer(
      payment,
      { ...words, refundHistory: one.history } as never,
      { process: 'a', monotonicMs: now },
      now,
    )
  }

  const statusOf = (refunds: readonly RefundRecord[] | undefined, number: string) =>
    refunds?.find(({ partnerRefundNo }) => partnerRefundNo === number)?.status

  it('never moves back, whatever is heard in whatever order; neither does a refund, and none disappears', () => {
    const moves = fc.array(fc.tuple(move, fc.nat(3 * 3_600_000)), { maxLength: 30 })
    fc.assert(
      fc.property(fc.constantFrom(...ranks), moves, (begin, list) => {
        let payment = record(begin)
        let now = 0
        for (const [one, passed] of list) {
          now += passed
          const before = payment
          payment = play(payment, one, now)
          expect(ranks.indexOf(payment.status)).to.be.at.least(ranks.indexOf(before.status))
          for (const { partnerRefundNo, status } of before.refunds ?? []) {
            const after = statusOf(payment.refunds, partnerRefundNo) ?? 'sending'
            expect(refundRanks.indexOf(after)).to.be.at.least(refundRanks.indexOf(status))
          }
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('says that all is refunded only when DOKU does, or when what succeeded adds up to what was paid', () => {
    const moves = fc.array(move, { maxLength: 20 })
    fc.assert(
      fc.property(moves, (list) => {
        const payment = list.reduce((one, next, index) => play(one, next, index), record('paid'))
        const heard = list.some((one) => 'latest' in one && one.latest === '04')
        if (payment.status === 'refunded' && !heard) expect(refundedSen(payment.refunds) >= 1_000_000n).to.equal(true)
        if (refundedSen(payment.refunds) > 0n) expect(payment.status).to.match(/refunded$/)
      }),
      { numRuns: 2000 },
    )
  })
})
