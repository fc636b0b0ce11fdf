import { parseArgs } from 'node:util'
import { type Comparison, compare } from './compare.ts'
import type { Figure } from './figures/figure.ts'
import { measures } from './figures/measures.ts'
import { describeRun } from './report/lines.ts'
import { plot } from './report/plot.ts'
import { machine, type Results, readResults, resultsPath, withAgain, writeResults } from './report/results.ts'
import { table } from './report/table.ts'
import { rowsFor } from './rows.ts'
import { fullPace, quickPace, Stage } from './stage.ts'

/*
 * npm run bench -- [--only <row or figure>]… [--soak] [--quick] [--again] [--plot]
 *
 * Everything runs on loopback, in processes and on database servers of its own. Nothing else should run meanwhile: what
 * is disturbed is dropped, and said. `--again` keeps what the run before had of all the others.
 */
const usage = {
  only: { type: 'string', multiple: true, default: [] as string[] },
  soak: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  again: { type: 'boolean', default: false },
  plot: { type: 'boolean', default: false },
} as const

const { values } = parseArgs({ options: usage })
const pace = values.quick ? quickPace : fullPace
const rows = rowsFor(pace)
const names = [...rows.map(({ id }) => id), ...Object.keys(measures)]
const unknown = values.only.filter((name) => !names.includes(name))
if (unknown.length > 0) throw new Error(`--only ${unknown[0]}: there is no such row; there are ${names.join(', ')}`)

/** The soak takes as long as all the rest together: it has to be asked for. */
const wanted = (name: string) => (values.only.length > 0 ? values.only.includes(name) : name !== 'soak' || values.soak)

const say = (text: string) => console.error(text)
const stage = new Stage(pace)
const comparisons: Comparison[] = []
const figures: Figure[] = []
const problems: string[] = []

/** One part that fails must not take with it what an hour has measured. */
async function attempt(name: string, run: () => Promise<void>): Promise<void> {
  say(`measuring: ${name}`)
  await run().catch((error) => {
    problems.push(`${name}: ${error instanceof Error ? error.message : error}`)
    say(`failed: ${error instanceof Error ? error.stack : error}`)
  })
}

try {
  for (const row of rows.filter(({ id }) => wanted(id))) {
    await attempt(`row ${row.id}`, async () => void comparisons.push(await compare(row, stage, say)))
  }
  for (const [name, measure] of Object.entries(measures).filter(([id]) => wanted(id))) {
    await attempt(name, async () => void figures.push(...(await measure(stage))))
  }
} finally {
  await stage.close()
}

const leftOut = names.filter((name) => !wanted(name))
const measured: Results = {
  finishedAt: new Date().toISOString(),
  machine: machine(),
  isQuick: pace.isQuick,
  comparisons,
  figures,
  leftOut,
}
const results = values.again ? withAgain(readResults(), measured, names) : measured
writeResults(results)
console.log(`\n${describeRun(results)}\n\n${table(results)}\n\nWritten to ${resultsPath}`)
if (values.plot) plot(results)

// A figure that is not reached is no error, but a wrong answer is, and what could not be measured.
for (const { id, failures } of comparisons) if (failures > 0) problems.push(`row ${id}: ${failures} answers were wrong`)
for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0
