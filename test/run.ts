// npm test: the unit tests in parallel, and those of the routes again on Express 4. `npm run test:all` adds the tests of whole
// systems. Each argument is one of these runs, or a pattern of files. The last line counts all tests: `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { documentedLines } from './support/docs/markdown.ts'
import { type Counts, lookedAt, sumOfCounts } from './support/evidence.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js')
const inParallel = ['--parallel', `--jobs=${availableParallelism()}`]
const onExpress4 = [
  '--no-config',
  '--timeout=180000',
  '--import=./test/support/express4.mjs',
  '--require=./test/support/contract/hooks.ts',
]

const runs: Readonly<Record<string, readonly string[]>> = {
  unit: [...inParallel, 'test/unit/**/*.test.ts'],
  express4: [...onExpress4, '--exit', '--forbid-only', ...inParallel, 'test/unit/routes/**/*.test.ts'],
  system: ['test/system/**/*.test.ts'],
}

/** Runs the tests of that name. They fail, too, when they end without counts, or have not looked at all that they should. */
function run(name: string): Counts {
  console.log(`\n${name}`)
  const folder = mkdtempSync(join(tmpdir(), 'express-doku-ovo-test-'))
  try {
    const args = [mocha, '--reporter=./test/support/progress.cjs', ...(runs[name] ?? [name])]
    const env = { ...process.env, TEST_EVIDENCE: folder }
    const { status } = spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' })
    const { passed = 0, failed = 0, skipped = 0, ...looks } = sumOfCounts(folder)
    console.log(
      Object.entries(looks)
        .map(([kind, count]) => `looked at ${count} of ${kind}`)
        .join('\n'),
    )
    const missing = name === 'unit' ? [...lookedAt, ...documentedLines()].filter((kind) => !looks[kind]) : []
    for (const kind of missing) console.log(`FAILED: nothing of ${kind} was looked at`)
    const uncounted = status !== 0 && failed === 0 ? 1 : 0
    return { passed, failed: failed + missing.length + uncounted, skipped }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const startedAt = performance.now()
const all = process.argv.slice(2).map(run)
const sum = (kind: string) => all.reduce((total, counts) => total + (counts[kind] ?? 0), 0)
const [failed, skipped] = [sum('failed'), sum('skipped')]
console.log(`\n${Math.round((performance.now() - startedAt) / 1000)} s`)
console.log(`${sum('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
if (failed > 0) process.exitCode = 1
