import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Comparison, compare } from './compare.ts'
import { measureCommits, measureRoundTrips } from './figures/database-work.ts'
import type { Figure, Measure } from './figures/figure.ts'
import { measureImport } from './figures/import-time.ts'
import { measureLatency } from './figures/latency.ts'
import { measureSoak } from './figures/soak.ts'
import { rowsFor } from './rows.ts'
import { fullPace, quickPace, Stage } from './stage.ts'
import type { Spread } from './statistics.ts'

/*
 * npm run bench -- [--only <row or figure>]… [--soak] [--quick]
 *
 * Everything runs on loopback, in processes and on database servers of its own. Nothing else should run meanwhile.
 */
const usage = {
  only: { type: 'string', multiple: true, default: [] as string[] },
  soak: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
} as const

const measures: Readonly<Record<string, Measure>> = {
  import: measureImport,
  latency: measureLatency,
  commits: measureCommits,
  'round-trips': measureRoundTrips,
  soak: measureSoak,
}

const { values } = parseArgs({ options: usage })
const pace = values.quick ? quickPace : fullPace
const rows = rowsFor(pace)
const names = [...rows.map(({ id }) => id), ...Object.keys(measures)]
const unknown = values.only.find((name) => !names.includes(name))
if (unknown) throw new Error(`--only ${unknown}: there is no such row; there are ${names.join(', ')}`)

/** The soak takes as long as all the rest together: it has to be asked for. */
const wanted = (name: string) => (values.only.length > 0 ? values.only.includes(name) : name !== 'soak' || values.soak)

const stage = new Stage(pace)
const comparisons: Comparison[] = []
const figures: Figure[] = []
const problems: string[] = []

/** One part that fails must not take with it what an hour has measured. */
async function attempt(name: string, run: () => Promise<void>): Promise<void> {
  await run().catch((error) => problems.push(`${name}: ${error instanceof Error ? error.stack : error}`))
}

const written = ({ median, min, max }: Spread) => `${median.toFixed(2)} [${min.toFixed(2)}-${max.toFixed(2)}]`

console.log(
  `Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model})${values.quick ? ', in short' : ''}`,
)
try {
  for (const row of rows.filter(({ id }) => wanted(id))) {
    await attempt(`row ${row.id}`, async () => {
      const compared = await compare(row, stage)
      const { cpu, throughput, microsPerRequest, failures } = compared
      comparisons.push(compared)
      if (failures > 0) problems.push(`row ${row.id}: ${failures} answers were wrong`)
      console.log(`${row.id}: ${row.what}: ${row.a.name} against ${row.b.name}`)
      console.log(`  by CPU ${written(cpu)}, by requests per second ${written(throughput)}, to reach ${row.reach}`)
      console.log(`  ${microsPerRequest.map((micros) => micros.toFixed(0)).join(' us of CPU against ')} us`)
    })
  }
  for (const [name, measure] of Object.entries(measures).filter(([id]) => wanted(id))) {
    await attempt(name, async () => {
      for (const figure of await measure(stage)) {
        figures.push(figure)
        const { what, value, atMost } = figure
        console.log(`${name}: ${what}: ${value.toFixed(2)}${atMost === undefined ? '' : `, at most ${atMost}`}`)
      }
    })
  }
} finally {
  await stage.close()
}

const folder = fileURLToPath(new URL('../../bench', import.meta.url))
mkdirSync(folder, { recursive: true })
writeFileSync(`${folder}/results.json`, `${JSON.stringify({ node: process.version, comparisons, figures }, null, 2)}\n`)

// A figure that is not reached is no error, but a wrong answer is, and what could not be measured.
for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0
