// npm run test:nodes: the unit tests and those of the databases on every Node.js that the package promises to run on, each from the npm
// package `node`. With `-- 22 26` on those alone; with `-- --whole` the tests of systems, too, but for those of the demo, the pages and
// the browser, which are not in the package.
import { execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const workshop = mkdtempSync(join(tmpdir(), 'express-doku-ovo-nodes-'))

/** What `engines` in package.json begins with, and the newest of each line that it allows. */
const versions = ['20.19.0', '22', '24', '26']

const args = process.argv.slice(2)
const runs = args.includes('--whole')
  ? ['unit', 'express4', 'test/system/{*.test.ts,{cli,doku,examples,flows,security,storage}/**/*.test.ts}']
  : ['unit', 'test/system/storage/**/*.test.ts']

/** A suite that hangs is a failure, too. */
const patienceMs = 60 * 60_000

interface Result {
  readonly version: string
  readonly passed: boolean
  readonly seconds: number
}

/** @returns the exit code; `null` when it had to be stopped. Mocha ends its own child on SIGINT, and on no other signal. */
async function run(command: string, args: readonly string[], options: SpawnOptions): Promise<number | null> {
  const stop = { timeout: patienceMs, killSignal: 'SIGINT' } as const
  const child = spawn(command, args, { stdio: 'inherit', cwd: root, ...stop, ...options })
  const [code] = await once(child, 'exit')
  return code
}

/** @returns the folder in which that version's `node` is, and nothing but that version */
async function installNode(version: string): Promise<string> {
  const folder = join(workshop, version)
  mkdirSync(folder)
  const code = await run('npm', ['install', '--no-audit', '--no-fund', '--silent', `node@${version}`], { cwd: folder })
  if (code !== 0) throw new Error(`npm could not install node@${version}`)
  const bin = join(folder, 'node_modules', 'node', 'bin')
  const actual = execFileSync(join(bin, 'node'), ['--version'], { encoding: 'utf8' }).trim()
  if (!actual.startsWith(`v${version}`)) throw new Error(`npm installed ${actual} for node@${version}`)
  console.log(`\n--- Node.js ${actual}`)
  return bin
}

/** Everything that is started finds this Node first: mocha, npm, and what the tests start themselves. */
async function testOn(version: string): Promise<Result> {
  const bin = await installNode(version)
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` }
  const started = performance.now()
  const tests = [join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs'), 'test/run.ts', ...runs]
  const code = await run(join(bin, 'node'), tests, { env })
  const seconds = Math.round((performance.now() - started) / 1000)
  return { version, passed: code === 0, seconds }
}

async function main(wanted: readonly string[]): Promise<void> {
  const results: Result[] = []
  for (const version of wanted.length > 0 ? wanted : versions) results.push(await testOn(version))
  for (const { version, passed, seconds } of results) {
    console.log(`Node.js ${version}: ${passed ? 'passed' : 'FAILED'} in ${seconds} s`)
  }
  if (!results.every(({ passed }) => passed)) process.exitCode = 1
}

try {
  await main(args.filter((arg) => arg !== '--whole'))
} finally {
  rmSync(workshop, { recursive: true, force: true })
}
