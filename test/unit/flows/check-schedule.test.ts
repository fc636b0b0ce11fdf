import { expect } from 'chai'
import fc from 'fast-check'
import { type BindingRecord, bindingDueAt } from '../../../lib/flows/bindings/binding-record.ts'
import {
  type Checked,
  type CheckHistory,
  checksAfterFailure,
  isGivenUp,
  isOverdue,
  mayCheckUnscheduled,
  mayQuestion,
  nextCheckAfterFailure,
  nextCheckAt,
  withCheck,
  withQuestion,
} from '../../../lib/flows/check-schedule.ts'
import { orderDueAt, type PaymentRecord } from '../../../lib/flows/orders/payment-record.ts'
import { dayMs, isUnfinished, minuteMs } from '../../support/money-scene.ts'

const begun: Checked = { createdAt: 1_000_000 }
const checkedAt = (one: Checked, now: number): Checked => ({ ...one, checks: withCheck(one, now) })

describe('the schedule of status checks', () => {
  it('starts a minute after the payment, thins out, and is daily in the end', () => {
    const minutes: number[] = []
    let one = begun
    for (let count = 0; count < 11; count++) {
      const at = nextCheckAt(one)
      minutes.push((at - begun.createdAt) / minuteMs)
      one = checkedAt(one, at)
    }
    const day = 24 * 60
    const first = [1, 5, 15, 30, 60, 180, 360, 720]
    expect(minutes).to.deep.equal([...first, 720 + day, 720 + 2 * day, 720 + 3 * day])
  })

  it('is not moved by checks that are not due: page reloads do not use it up', () => {
    const reloads = [1, 2, 3].reduce((one, seconds) => checkedAt(one, begun.createdAt + seconds * 1000), begun)
    expect(nextCheckAt(reloads)).to.equal(begun.createdAt + minuteMs)
    const after = checkedAt(reloads, begun.createdAt + minuteMs)
    expect(nextCheckAt(after)).to.equal(begun.createdAt + 5 * minuteMs)
  })

  it('asks once for all the times that went by while nobody could ask', () => {
    const late = checkedAt(begun, begun.createdAt + 31 * minuteMs)
    expect(nextCheckAt(late)).to.equal(begun.createdAt + 60 * minuteMs)
  })

  it('always has a next time after the last check, within a day', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2 * dayMs), { maxLength: 30 }), (passed) => {
        let now = begun.createdAt
        let one = begun
        for (const gap of passed) {
          now += gap
          one = checkedAt(one, now)
        }
        expect(nextCheckAt(one)).to.be.within(now + 1, now + dayMs + minuteMs)
      }),
    )
  })

  it('allows three optional checks in ten minutes and six in a day, however often somebody asks', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3 * 60 * minuteMs), { minLength: 20, maxLength: 200 }), (passed) => {
        let now = begun.createdAt
        let one = begun
        const asked: number[] = []
        for (const gap of passed) {
          now += gap
          const isDue = now >= nextCheckAt(one)
          if (!isDue && !mayCheckUnscheduled(one, now)) continue
          if (!isDue) asked.push(now)
          one = checkedAt(one, now)
        }
        for (const from of asked) {
          expect(asked.filter((at) => at >= from && at < from + dayMs)).to.have.length.below(7)
          expect(asked.filter((at) => at >= from && at < from + 10 * minuteMs)).to.have.length.below(4)
        }
      }),
    )
  })

  it('allows six questions before a new charge in ten minutes, and forty a day', () => {
    let questions: readonly number[] = []
    const asked: number[] = []
    for (let now = begun.createdAt; now < begun.createdAt + dayMs; now += 10_000) {
      if (!mayQuestion(questions, now)) continue
      questions = withQuestion(questions, now)
      asked.push(now)
    }
    expect(asked).to.have.length(40)
    expect(asked.filter((at) => at < begun.createdAt + 10 * minuteMs)).to.have.length(6)
    expect(mayQuestion(questions, begun.createdAt + dayMs)).to.equal(true)
  })

  it('asks about a failed payment after an hour, a day, three days and a week', () => {
    const failedAt = begun.createdAt
    const hours = [0, 1, 2, 3].map(
      (made) => ((nextCheckAfterFailure(failedAt, made) ?? 0) - failedAt) / (60 * minuteMs),
    )
    expect(hours).to.deep.equal([1, 24, 72, 168])
    expect(nextCheckAfterFailure(failedAt, 4)).to.equal(undefined)
    expect(checksAfterFailure(failedAt, failedAt + 2 * dayMs)).to.equal(2)
  })
})

describe('the horizons', () => {
  it('are half an hour for what DOKU must know, and seven days for what it must have ended', () => {
    expect(isOverdue(begun, begun.createdAt + 30 * minuteMs - 1)).to.equal(false)
    expect(isOverdue(begun, begun.createdAt + 30 * minuteMs)).to.equal(true)
    expect(isGivenUp(begun, begun.createdAt + 7 * dayMs - 1)).to.equal(false)
    expect(isGivenUp(begun, begun.createdAt + 7 * dayMs)).to.equal(true)
  })
})

describe('a record', () => {
  const time = fc.integer({ min: 0, max: 2 ** 41 })
  const checks: fc.Arbitrary<CheckHistory> = fc.record({
    since: time,
    at: fc.array(time, { maxLength: 8 }).map((list) => list.sort((a, b) => a - b)),
    count: fc.nat(40),
    notFound: fc.nat(3),
  })
  const outbox = fc.record({
    events: fc.array(fc.record({ event: fc.constant({} as never), tries: fc.nat(9), notBefore: time }), {
      minLength: 1,
    }),
    claimedBy: fc.constantFrom('', 'a', 'b'),
    claimedUntil: time,
  })
  const statuses = ['sending', 'unknown', 'processing', 'awaiting-customer', 'failed', 'cancelled', 'paid', 'refunded']
  const refund = fc.record({ status: fc.constantFrom('sending', 'unknown', 'processing', 'failed', 'succeeded') })
  const attempt = fc.record(
    {
      status: fc.constantFrom(...statuses),
      createdAt: time,
      updatedAt: time,
      checks,
      isDoubted: fc.constant(true as const),
      claimedPaidAt: time,
      failure: fc.record({ code: fc.constantFrom('NOT_SENT', 'NOT_FOUND', 'EXPIRED', '05') }),
      checksAfterFailure: fc.nat(4),
      refunds: fc.array(refund, { maxLength: 3 }),
    },
    { requiredKeys: ['status', 'createdAt', 'updatedAt'] },
  )

  it('of an order is due at some time exactly when something about it is unfinished', () => {
    const order = fc.record(
      { orderId: fc.constant('1'), attempts: fc.array(attempt, { maxLength: 4 }), outbox },
      { requiredKeys: ['orderId', 'attempts'] },
    )
    fc.assert(
      fc.property(order, ({ attempts, ...rest }) => {
        const dueAt = orderDueAt({ ...rest, attempts: attempts as unknown as PaymentRecord[] })
        expect(Number.isFinite(dueAt)).to.equal(isUnfinished({ ...rest, attempts }))
      }),
      { numRuns: 2000 },
    )
  })

  it('of a binding is due at some time exactly when something about it is unfinished', () => {
    const binding = fc.record(
      {
        status: fc.constantFrom('pending', 'active', 'failed', 'unlinked', 'unbound'),
        createdAt: time,
        endingSince: time,
        checks,
        outbox,
      },
      { requiredKeys: ['status', 'createdAt'] },
    )
    fc.assert(
      fc.property(binding, (record) => {
        const dueAt = bindingDueAt(record as unknown as BindingRecord)
        expect(Number.isFinite(dueAt)).to.equal(isUnfinished(record))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the schedule of checks', () => {
  it('is not advanced by checks that nobody scheduled: three page reloads delay nothing', () => {
    const reload = fc.nat(59_000)
    fc.assert(
      fc.property(fc.array(reload, { maxLength: 10 }), (reloads) => {
        const payment = { createdAt: 0 }
        const checks = reloads.reduce(
          (history, at) => withCheck({ createdAt: 0, ...(history && { checks: history }) }, at),
          undefined as ReturnType<typeof withCheck> | undefined,
        )
        expect(nextCheckAt({ createdAt: 0, ...(checks && { checks }) })).to.equal(nextCheckAt(payment))
      }),
    )
  })
})
