import { expect } from 'chai'
import fc from 'fast-check'
import { type BindingRecord, bindingDueAt } from '../../../lib/flows/bindings/binding-record.ts'
import {
  type Checked,
  type CheckHistory,
  isGivenUp,
  isOverdue,
  mayCheck,
  mayCheckUnscheduled,
  neverArrived,
  nextCheckAt,
  restarted,
  withCheck,
  withNotFound,
} from '../../../lib/flows/check-schedule.ts'
import { orderDueAt, type PaymentRecord } from '../../../lib/flows/orders/payment-record.ts'
import { dayMs, isUnfinished, minuteMs } from '../../support/money-scene.ts'

const begun: Checked = { createdAt: 1_000_000 }
const checkedAt = (one: Checked, now: number): Checked => ({ ...one, checks: withCheck(one, now) })

describe('the schedule of status checks', () => {
  it('begins a minute after the beginning, thins out, and is daily in the end', () => {
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

  it('never lets anybody ask more than eight times in 24 hours, whoever asks and whatever is begun anew', () => {
    const steps = fc.array(
      fc.record({ passed: fc.nat(5 * 60 * minuteMs), as: fc.constantFrom('schedule', 'need', 'wish', 'restart') }),
      { minLength: 20, maxLength: 200 },
    )
    fc.assert(
      fc.property(steps, (moves) => {
        let now = begun.createdAt
        let one = begun
        const asked: number[] = []
        for (const { passed, as } of moves) {
          now += passed
          if (as === 'restart') one = { ...one, checks: restarted(one, now) }
          const may = {
            schedule: now >= nextCheckAt(one),
            need: mayCheck(one, now),
            wish: mayCheckUnscheduled(one, now),
          }
          if (as === 'restart' || !may[as]) continue
          one = checkedAt(one, now)
          asked.push(now)
        }
        for (const from of asked) {
          expect(asked.filter((at) => at >= from && at < from + dayMs)).to.have.length.below(9)
        }
      }),
    )
  })

  it('always has a next time, within a day of the last check', () => {
    const gaps = fc.array(fc.nat(2 * dayMs), { maxLength: 30 })
    fc.assert(
      fc.property(gaps, (passed) => {
        let now = begun.createdAt
        let one = begun
        for (const gap of passed) {
          now += gap
          if (mayCheck(one, now)) one = checkedAt(one, now)
        }
        expect(nextCheckAt(one)).to.be.within(begun.createdAt + minuteMs, Math.max(now, begun.createdAt) + dayMs)
      }),
    )
  })

  /** In minutes, when somebody asks who asks every ten seconds for a day; and what is known of it then. */
  function askAllDay(may: typeof mayCheck): { asked: number[]; one: Checked } {
    const asked: number[] = []
    let one = begun
    for (let now = begun.createdAt; now < begun.createdAt + dayMs; now += 10_000) {
      if (!may(one, now)) continue
      one = checkedAt(one, now)
      asked.push((now - begun.createdAt) / minuteMs)
    }
    return { asked, one }
  }

  it('is not used up in a minute by somebody who has to know, and clicks all the time', () => {
    const { asked, one } = askAllDay(mayCheck)
    expect(asked).to.deep.equal([0, 1 / 6, 2 / 6, 3 / 6, 10, 10 + 1 / 6, 60, 60 + 1 / 6])
    expect(mayCheck(one, begun.createdAt + dayMs)).to.equal(true)
  })

  it('keeps its last two checks of a day from whoever only would like to know', () => {
    const { asked, one } = askAllDay(mayCheckUnscheduled)
    expect(asked).to.deep.equal([0, 1 / 6, 2 / 6, 10, 10 + 1 / 6, 10 + 2 / 6])
    expect(nextCheckAt(one)).to.be.below(begun.createdAt + dayMs / 2)
    expect(mayCheck(one, begun.createdAt + 61 * minuteMs)).to.equal(true)
  })

  it('lets somebody who has to know ask at once, however often somebody has reloaded a page', () => {
    let one = begun
    for (let now = begun.createdAt; mayCheckUnscheduled(one, now); now++) one = checkedAt(one, now)
    expect(mayCheck(one, begun.createdAt + 1000)).to.equal(true)
  })
})

describe('not found', () => {
  const at = (minutes: number) => begun.createdAt + minutes * minuteMs
  const notFoundAt = (one: Checked, minutes: number): Checked => ({ ...one, checks: withNotFound(one, at(minutes)) })

  it('counts from half an hour on, and decides the second time', () => {
    const early = [1, 5, 15, 29].reduce(notFoundAt, begun)
    expect(neverArrived(early)).to.equal(false)
    const once = notFoundAt(early, 30)
    expect(neverArrived(once)).to.equal(false)
    expect(neverArrived(notFoundAt(once, 60))).to.equal(true)
  })

  it('counts anew after a new beginning', () => {
    const once = notFoundAt(begun, 30)
    const anew: Checked = { ...once, checks: restarted(once, at(40)) }
    expect(neverArrived(notFoundAt(notFoundAt(anew, 60), 69))).to.equal(false)
    expect(neverArrived([70, 75].reduce(notFoundAt, anew))).to.equal(true)
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
      checks,
      isDoubted: fc.constant(true as const),
      refunds: fc.array(refund, { maxLength: 3 }),
    },
    { requiredKeys: ['status', 'createdAt'] },
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
