import { expect } from 'chai'
import type { Figures } from '../simulation/engine/journal.ts'
import { addFigures } from '../simulation/figures.ts'
import { type Mutation, mutations } from '../simulation/mutations.ts'
import { simulate } from '../simulation/simulate.ts'

/** `SIMULATION_SEED=… npx mocha test/unit/simulation.test.ts` plays the same schedules again. */
const firstSeed = Number(process.env.SIMULATION_SEED ?? Date.now() % 1_000_000_000)
const schedules = 50
/** The mutation that is hardest to see shows in one schedule of 60. */
const mutatedSchedules = 1000

/** What was wrong in the first schedule in which something was. */
async function firstViolations(mutation: Mutation): Promise<readonly string[]> {
  for (let seed = 1; seed <= mutatedSchedules; seed++) {
    const { violations } = await simulate({ seed, mutation })
    if (violations.length > 0) return violations
  }
  return []
}

describe('the simulation of flows, storage and DOKU', () => {
  it(`finds money, records and events in order whatever goes wrong (${schedules} schedules from seed ${firstSeed})`, async () => {
    const figures: Figures = {}
    for (let seed = firstSeed; seed < firstSeed + schedules; seed++) {
      const outcome = await simulate({ seed })
      addFigures(figures, outcome.figures)
      const replay = `replay: npx tsx test/simulation/run.ts --seed ${seed} --schedules 1`
      expect(outcome.violations, replay).to.deep.equal([])
    }
    const happened = ['crashes', 'charges', 'events', 'fault: stalls', 'notifications lost', 'refunds succeeded']
    for (const name of happened) expect(figures[name], name).to.be.greaterThan(0)
  })

  it('plays a schedule again step by step when it gets the same seed', async () => {
    let steps = 0
    for (let seed = firstSeed; seed < firstSeed + 10; seed++) {
      const first = await simulate({ seed, isTraced: true })
      const second = await simulate({ seed, isTraced: true })
      expect(second, `seed ${seed}`).to.deep.equal(first)
      steps += second.trace?.length ?? 0
    }
    // Of all ten: in some a customer looks at the shop and goes again.
    expect(steps).to.be.greaterThan(100)
  })

  /** What is broken, and what has to be noticed. */
  const noticed: Record<keyof typeof mutations, RegExp> = {
    insertAfterLooking: /without a record|arrived twice|disappeared|at DOKU/,
    updateAfterLooking: /went back|disappeared|but it was/,
    outboxForgotten: /never delivered|no end|but it was|last told/,
    dueForgotten: /for ever|never delivered|last told/,
    refundsNotReserved: /given back|for ever/,
    unknownIsFailed: /already|at DOKU|was charged|is failed; given/,
    pendingIsPaid: /without a charge/,
    notFoundIsFailed: /already|at DOKU|was charged|is failed; given/,
    sentAgain: /arrived twice/,
  }
  for (const [name, expected] of Object.entries(noticed)) {
    it(`notices what is broken by ${name}`, async () => {
      const violations = await firstViolations(mutations[name as keyof typeof mutations])
      expect(violations.join('\n')).to.match(expected)
    })
  }
})
