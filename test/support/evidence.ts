import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How many there were, by kind: of tests, and of what was looked at besides. */
export type Counts = Readonly<Record<string, number>>

/** What a run of all unit tests has to have looked at. */
export const lookedAt = [
  'contract answer',
  ...['log', 'hook', 'storage', 'error', 'answer', 'channel call', 'channel webhook', 'channel change'],
]

/** Leaves this process's counts in the folder that TEST_EVIDENCE names, for `test/run.ts`. */
export function leaveCounts(counts: Counts): void {
  const folder = process.env.TEST_EVIDENCE
  if (folder) writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(counts))
}

/** The counts of all processes that had this folder. */
export function sumOfCounts(folder: string): Counts {
  const sums: Record<string, number> = {}
  for (const name of readdirSync(folder)) {
    const counts: Counts = JSON.parse(readFileSync(join(folder, name), 'utf8'))
    for (const [kind, count] of Object.entries(counts)) sums[kind] = (sums[kind] ?? 0) + count
  }
  return sums
}
