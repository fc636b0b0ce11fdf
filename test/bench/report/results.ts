import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Comparison } from '../compare.ts'
import type { Figure } from '../figures/figure.ts'

/** Everything that one run has measured. */
export interface Results {
  readonly finishedAt: string
  readonly machine: { readonly node: string; readonly cores: number; readonly processor: string }
  /** Whether it was only to show that the benchmark works. */
  readonly isQuick: boolean
  readonly comparisons: readonly Comparison[]
  readonly figures: readonly Figure[]
  /** What can be measured, and was not. */
  readonly leftOut: readonly string[]
  /** What was measured once more, later, in place of what the run itself had. */
  readonly again?: readonly string[]
}

const folder = fileURLToPath(new URL('../../../bench', import.meta.url))
export const resultsPath = `${folder}/results.json`

export function machine(): Results['machine'] {
  return {
    node: process.version,
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
  }
}

export function writeResults(results: Results): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(resultsPath, `${JSON.stringify(results, null, 2)}\n`)
}

export function readResults(): Results {
  return JSON.parse(readFileSync(resultsPath, 'utf8')) as Results
}

/**
 * An earlier run with what was measured again in place of what it had: each line is a comparison of its own, so that one that
 * was disturbed need not take the others with it. `names`: their order.
 */
export function withAgain(earlier: Results, again: Results, names: readonly string[]): Results {
  if (JSON.stringify(earlier.machine) !== JSON.stringify(again.machine) || earlier.isQuick !== again.isQuick) {
    throw new Error(`--again: ${resultsPath} is of another machine, or of another pace`)
  }
  const ids = [...new Set([...again.comparisons, ...again.figures].map(({ id }) => id))]
  const merged = <T extends { readonly id: string }>(before: readonly T[], after: readonly T[]) =>
    [...before.filter(({ id }) => !ids.includes(id)), ...after].sort(
      (one, other) => names.indexOf(one.id) - names.indexOf(other.id),
    )
  return {
    ...again,
    comparisons: merged(earlier.comparisons, again.comparisons),
    figures: merged(earlier.figures, again.figures),
    leftOut: earlier.leftOut.filter((name) => !ids.includes(name)),
    again: [...new Set([...(earlier.again ?? []), ...ids])],
  }
}

/** What was compared, and how far each of it can get: what says least, when several say it. */
export function withLimits({ comparisons }: Results): { row: Comparison; limit: Comparison | undefined }[] {
  const rows = comparisons.filter(({ limitOf }) => limitOf === undefined)
  return rows.map((row) => {
    const limits = comparisons.filter(({ limitOf }) => limitOf === row.id)
    const [limit] = limits.sort((one, other) => one.throughput.median - other.throughput.median)
    return { row, limit }
  })
}
