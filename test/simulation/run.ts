import { parseArgs } from 'node:util'
import type { Figures } from './engine/journal.ts'
import { addFigures, showFigures } from './figures.ts'
import { type MutationName, mutations } from './mutations.ts'
import { simulate } from './simulate.ts'

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    mutation: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
})
const schedules = Number(values.schedules)
const firstSeed = Number(values.seed)
const mutation = values.mutation === undefined ? undefined : mutations[values.mutation as MutationName]
if (values.mutation !== undefined && !mutation) throw new Error(`mutations: ${Object.keys(mutations).join(', ')}`)

const failuresShown = 3

async function report(seed: number, violations: readonly string[]): Promise<void> {
  const { trace = [] } = await simulate({ seed, mutation, isTraced: true })
  console.log(`\nseed ${seed} (replay: npx tsx test/simulation/run.ts --seed ${seed} --schedules 1 --trace)`)
  console.log(trace.slice(-200).join('\n'))
  console.log(violations.map((violation) => `violation: ${violation}`).join('\n'))
}

console.log(`seed ${firstSeed}, ${schedules} schedules${values.mutation ? `, broken: ${values.mutation}` : ''}`)
const startedAt = performance.now()
const figures: Figures = {}
let failing = 0
for (let seed = firstSeed; seed < firstSeed + schedules && failing < failuresShown; seed++) {
  const outcome = await simulate({ seed, mutation, isTraced: values.trace })
  addFigures(figures, outcome.figures)
  if (outcome.violations.length === 0 && values.trace) console.log(outcome.trace?.join('\n'))
  if (outcome.violations.length === 0) continue
  failing++
  await report(seed, outcome.violations)
}
console.log(showFigures(figures))
console.log(`  ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
if (failing > 0) console.log(`  ${failing} failing`)
else console.log(`  ${schedules} passing`)
process.exitCode = failing > 0 ? 1 : 0
