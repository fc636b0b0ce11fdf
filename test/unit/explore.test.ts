import { expect } from 'chai'
import { answersAboutAnother, mutations } from '../explore/mutations.ts'
import { explore, replay } from '../explore/search.ts'
import type { Scenario } from '../explore/situations.ts'

const payAndReconcile: Scenario = { pair: ['pay', 'reconcile'], situation: 'an open attempt' }

describe('the explorer of interleavings', function () {
  this.timeout(120_000)

  it('finds nothing wrong when two customers pay one order, in any interleaving, with a crash or a lost answer at any step', async () => {
    const { failure, cutAt, states, ends } = await explore({ pair: ['pay', 'pay'], situation: 'a new order' }, 5000)
    expect([failure, cutAt]).to.deep.equal([undefined, undefined])
    expect(states).to.be.greaterThan(100)
    expect(ends).to.be.greaterThan(10)
  })

  it('comes to the same ends without its reductions, with more schedules', async () => {
    const scenario: Scenario = { pair: ['pay', 'notify'], situation: 'a new order' }
    const reduced = await explore(scenario, 5000)
    const all = await explore(scenario, 5000, { isReduced: false })
    expect([reduced.ends, reduced.cutAt]).to.deep.equal([all.ends, all.cutAt])
    expect(reduced.runs).to.be.lessThan(all.runs)
  })

  it('accepts that DOKU answers about another payment and says so', async () => {
    const { failure } = await explore(payAndReconcile, 100, { mutation: answersAboutAnother })
    expect(failure).to.equal(undefined)
  })

  const found = {
    brokenCompareAndSet: [
      { pair: ['refund', 'refund'], situation: 'a paid order' },
      /was told before|was given back of/,
    ],
    missingEchoCheck: [payAndReconcile, /without a charge/],
    forgottenWitness: [
      { pair: ['reconcile', 'reconcile'], situation: 'an attempt that DOKU does not know' },
      /freed by "payment not found" \(NOT_FOUND\) with 1 witnesses/,
    ],
  } as const satisfies Record<keyof typeof mutations, readonly [Scenario, RegExp]>
  for (const [name, [scenario, expected]] of Object.entries(found)) {
    it(`finds ${name}, and plays the schedule again`, async () => {
      const mutation = mutations[name as keyof typeof mutations]
      const { failure } = await explore(scenario, 5000, { mutation })
      expect(failure?.violations.join('\n')).to.match(expected)
      const again = await replay(scenario, failure?.schedule ?? '', mutation)
      expect([again.oracle.violations, again.trace]).to.deep.equal([failure?.violations, failure?.steps])
    })
  }
})
