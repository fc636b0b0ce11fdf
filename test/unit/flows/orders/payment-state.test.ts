import { expect } from 'chai'
import fc from 'fast-check'
import { advance, isLive, statusFromDoku, tookMoney } from '../../../../lib/flows/orders/payment-state.ts'
import { type PaymentStatus, paymentStatuses } from '../../../../lib/model/views.ts'

const statuses: PaymentStatus[] = [
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
const anyStatus = fc.constantFrom(...statuses)
const hear = (news: readonly PaymentStatus[]) =>
  news.reduce<PaymentStatus>((current, status) => advance(current, status) ?? current, 'sending')
const furthest = (news: readonly PaymentStatus[]) =>
  statuses[Math.max(0, ...news.map((status) => statuses.indexOf(status)))]

describe('the status of a payment', () => {
  it('is one of these, from the least to the most that can be known', () => {
    expect(paymentStatuses).to.deep.equal(statuses)
  })

  it('ends at the furthest that was heard, in whatever order and however often', () => {
    const shuffled = fc
      .array(anyStatus, { maxLength: 12 })
      .chain((news) =>
        fc.tuple(fc.constant(news), fc.shuffledSubarray([...news, ...news], { minLength: news.length * 2 })),
      )
    fc.assert(
      fc.property(shuffled, ([news, again]) => {
        expect(hear(news)).to.equal(furthest(news))
        expect(hear(again)).to.equal(hear(news))
      }),
    )
  })

  it('never moves back, and news that is known already changes nothing', () => {
    fc.assert(
      fc.property(anyStatus, anyStatus, (current, news) => {
        const next = advance(current, news)
        if (statuses.indexOf(news) > statuses.indexOf(current)) expect(next).to.equal(news)
        else expect(next).to.equal(undefined)
      }),
    )
  })

  it('is paid when DOKU says so late, whatever was thought before', () => {
    for (const before of ['sending', 'unknown', 'processing', 'awaiting-customer', 'failed', 'cancelled'] as const) {
      expect(advance(before, 'paid')).to.equal('paid')
    }
  })

  it('once paid is overruled by a refund and by nothing else', () => {
    const overruling = statuses.filter((news) => advance('paid', news) !== undefined)
    expect(overruling).to.deep.equal(['partially-refunded', 'refunded'])
  })

  it('is live as long as the customer’s money can still be taken, and took money from paid on', () => {
    expect(statuses.filter(isLive)).to.deep.equal(['sending', 'unknown', 'processing', 'awaiting-customer'])
    expect(statuses.filter(tookMoney)).to.deep.equal(['paid', 'partially-refunded', 'refunded'])
  })

  it('is read from DOKU’s two digits, of which 07 and strange ones say nothing', () => {
    const read = ['00', '01', '02', '03', '04', '05', '06'].map(statusFromDoku)
    expect(read).to.deep.equal(['paid', 'processing', 'processing', 'processing', 'refunded', 'cancelled', 'failed'])
    const strange = ['07', '08', '0', '', 'paid', '__proto__', 'constructor', 'toString', 'hasOwnProperty']
    for (const text of strange) expect(statusFromDoku(text), text).to.equal(undefined)
  })
})
