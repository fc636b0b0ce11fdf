import type { CrashResult } from './crash-run.ts'
import { killPoints } from './host/messages.ts'
import type { Report } from './report.ts'
import { killsIn } from './table.ts'

/** A run in which next to nothing was bought proves nothing. */
const chargesPerKill = 0.25

/** The package has to come out clean. */
export function judgePlugin(result: CrashResult, report: Report): void {
  const { plan, deaths, charges, findings } = result
  const on = `on ${plan.database.kind}`
  const kills = killsIn(result)
  const missed = killPoints.filter((point) => !deaths.get(point))
  report.check(`${on}, ${kills} of at least ${plan.kills} kills`, kills >= plan.kills ? [] : ['too few'])
  report.check(`${on}, hosts died at every named point`, missed)
  report.check(
    `${on}, customers went on buying: ${charges} charges`,
    charges >= kills * chargesPerKill ? [] : ['too few'],
  )
  for (const [name, found] of Object.entries(findings)) report.check(`${on}, ${name}: ${found.length}`, found)
}

/** The naive host must not: else what looks for double charges does not find them. */
export function judgeNaive({ plan, findings }: CrashResult, report: Report): void {
  for (const name of ['double charges', 'charges without a record']) {
    const found = findings[name]?.length ?? 0
    const isFound = found > 0 ? [] : ['none was found: the check is blind']
    report.check(`on ${plan.database.kind}, the naive host is found out, ${name}: ${found}`, isFound)
  }
}
