import { parseArgs } from 'node:util'
import { type Exploration, explore, replay } from './search.ts'
import { type Scenario, scenarios } from './situations.ts'

const isFull = Boolean(process.env.CI_FULL)
const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: isFull },
    pair: { type: 'string' },
    situation: { type: 'string' },
    replay: { type: 'string' },
    /** So many schedules of one pair in one situation. */
    most: { type: 'string', default: isFull ? '20000' : '250' },
  },
})
const nameOf = ({ pair }: Scenario) => pair.join(' x ')
const chosen = scenarios(values.all || values.pair !== undefined || values.situation !== undefined).filter(
  (one) => (values.pair ?? nameOf(one)) === nameOf(one) && (values.situation ?? one.situation) === one.situation,
)

function line({ pair, situation }: Scenario, { runs, states, ends, cutAt, failure }: Exploration): string {
  const least = `cut; all with fewer than ${cutAt} preemptions`
  const reached = failure ? 'FAILED' : cutAt === undefined ? 'all' : least
  const figures = [runs, states, ends].map((figure) => String(figure).padStart(7)).join(' ')
  return `${`${pair.join(' x ')}, ${situation}`.padEnd(58)} ${figures}  ${reached}`
}

async function run(): Promise<number> {
  let failing = 0
  let cut = 0
  const sum: Exploration = { runs: 0, states: 0, ends: 0 }
  console.log(`${'pair'.padEnd(58)}    runs  states    ends  interleavings`)
  for (const scenario of chosen) {
    const found = await explore(scenario, Number(values.most))
    sum.runs += found.runs
    sum.states += found.states
    sum.ends += found.ends
    if (found.cutAt !== undefined) cut++
    console.log(line(scenario, found))
    if (!found.failure) continue
    failing++
    console.log(found.failure.steps.map((step) => `    ${step}`).join('\n'))
    console.log(found.failure.violations.map((violation) => `    violation: ${violation}`).join('\n'))
    console.log(
      `    npm run explore -- --pair '${nameOf(scenario)}' --situation '${scenario.situation}' --replay '${found.failure.schedule}'`,
    )
  }
  const { user, system } = process.cpuUsage()
  console.log(`${chosen.length} pairs, ${cut} of them cut: ${sum.runs} runs, ${sum.states} states, ${sum.ends} ends`)
  console.log(`  ${((user + system) / 1e6).toFixed(1)} s of processor time`)
  console.log(failing > 0 ? `  ${failing} failing` : `  ${chosen.length} passing`)
  return failing
}

if (values.replay === undefined) process.exitCode = (await run()) > 0 ? 1 : 0
else {
  const { trace, oracle } = await replay(chosen[0] as Scenario, values.replay)
  console.log([...trace, ...oracle.violations.map((violation) => `violation: ${violation}`)].join('\n'))
}
