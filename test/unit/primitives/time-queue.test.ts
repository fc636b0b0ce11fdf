import { expect } from 'chai'
import fc from 'fast-check'
import { TimeQueue } from '../../../lib/primitives/time-queue.ts'

const key = fc.nat({ max: 30 }).map((number) => `key ${number}`)
const time = fc.nat({ max: 60 })
const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key, at: fc.option(time, { nil: undefined }) }),
  fc.record({ kind: fc.constant('take' as const), now: time }),
)

describe('TimeQueue', () => {
  it('takes keys in the order of their times, and only when they are due', () => {
    const queue = new TimeQueue()
    for (const at of [3, 1, 2]) queue.set(`at ${at}`, at)
    expect([queue.takeDue(0), queue.takeDue(2), queue.takeDue(2), queue.takeDue(2)]).to.deep.equal([
      undefined,
      'at 1',
      'at 2',
      undefined,
    ])
  })

  it('behaves as a plain map that is searched for its earliest entry, whatever is done to it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
        const queue = new TimeQueue()
        const model = new Map<string, number>()
        for (const action of steps) {
          if (action.kind === 'set') {
            queue.set(action.key, action.at)
            if (action.at === undefined) model.delete(action.key)
            else model.set(action.key, action.at)
          } else {
            const earliest = Math.min(...model.values())
            const taken = queue.takeDue(action.now)
            expect(taken === undefined ? undefined : model.get(taken)).to.equal(
              earliest <= action.now ? earliest : undefined,
            )
            if (taken !== undefined) model.delete(taken)
          }
          expect(queue.size).to.equal(model.size)
        }
      }),
    )
  })
})
