import { parseArgs } from 'node:util'
import { buildHost } from './build-host.ts'
import { clickRounds } from './clicks.ts'
import { type CrashResult, crashRun } from './crash-run.ts'
import { judgeNaive, judgePlugin } from './judge.ts'
import { outageRounds } from './outage.ts'
import { Report } from './report.ts'
import { type Database, type DatabaseKind, databaseKinds, startDatabase } from './servers/database.ts'
import { table } from './table.ts'
import { Workshop } from './workshop.ts'

/*
 * npm run test:crash -- [--storage postgres|redis] [--kills 300] [--seed <text>] [--part crash|clicks|outage]
 *
 * Everything runs on loopback, on servers of its own. The seed decides who dies where and what goes wrong at DOKU; how
 * processes interleave it cannot decide.
 */
const usage = {
  storage: { type: 'string' },
  kills: { type: 'string', default: '300' },
  seed: { type: 'string', default: String(Date.now()) },
  part: { type: 'string' },
} as const

const { values } = parseArgs({ options: usage })
const kinds = databaseKinds.filter((kind) => values.storage === undefined || kind === values.storage)
if (kinds.length === 0) throw new Error(`--storage: one of ${databaseKinds.join(', ')}`)
const plays = (part: string) => values.part === undefined || values.part === part

/** Enough for the naive host to charge many orders twice. */
const naiveKills = 30

/** Nothing here takes that long; whatever hangs is ended, and cleaned up after. */
const deadlineMs = 15 * 60_000

const report = new Report()
const workshop = new Workshop()
const main = buildHost(workshop)
const results: CrashResult[] = []

async function crash(database: Database): Promise<void> {
  const { seed } = values
  const plugin = await crashRun({ kind: 'plugin', database, kills: Number(values.kills), seed, main }, workshop)
  const naive = await crashRun({ kind: 'naive', database, kills: naiveKills, seed, main }, workshop)
  results.push(plugin, naive)
  report.say(`\n${table([plugin, naive])}\n`)
  judgePlugin(plugin, report)
  judgeNaive(naive, report)
}

async function test(kind: DatabaseKind): Promise<void> {
  report.say(`\n${kind}, seed ${values.seed}`)
  const database = await startDatabase(kind, workshop)
  if (plays('clicks')) await clickRounds(database, main, report, workshop)
  if (plays('outage')) await outageRounds(database, main, report, workshop)
  if (plays('crash')) await crash(database)
}

const deadline = setTimeout(() => {
  report.check(`the run came to its end within ${deadlineMs / 60_000} minutes (--seed ${values.seed})`, ['it hangs'])
  process.exit(report.finish())
}, deadlineMs)

try {
  for (const kind of kinds) await test(kind)
  if (results.length > 2) report.say(`\n${table(results)}`)
} catch (error) {
  report.check(`the run came to its end (--seed ${values.seed})`, [
    String(error instanceof Error ? error.stack : error),
  ])
} finally {
  clearTimeout(deadline)
  await workshop.close()
}
// Whoever is still playing when something has gone wrong plays on for ever otherwise.
process.exit(report.finish())
