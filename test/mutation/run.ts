// npm run test:mutation: Stryker on the files that differ from the commit in CI_BASE, or without it on an eighth of the files, which
// the commit's hash chooses. `-- --all` takes all of them, and `-- --mutate <file>` one.
import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import config from '../../stryker.config.json' with { type: 'json' }

const root = fileURLToPath(new URL('../..', import.meta.url))
const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()

function anEighth(): string[] {
  const hash = Number.parseInt(git('rev-parse', 'HEAD').slice(0, 8), 16)
  return config.mutate.filter((_file, index) => index % 8 === hash % 8)
}

function filesToMutate(): string[] {
  const base = process.env.CI_BASE
  return base
    ? git('diff', '--name-only', base, '--', ...config.mutate)
        .split('\n')
        .filter(Boolean)
    : anEighth()
}

function stryker(...args: string[]): number {
  const env = { ...process.env, NODE_OPTIONS: '--import=./test/mutation/mocha-12.mjs' }
  return spawnSync('stryker', ['run', ...args], { cwd: root, env, stdio: 'inherit' }).status ?? 1
}

const args = process.argv.slice(2)
const files = args.length > 0 ? [] : filesToMutate()
if (args.length > 0) process.exitCode = stryker(...args.filter((arg) => arg !== '--all'))
else if (files.length === 0) console.log('no file that is mutated differs from CI_BASE')
else process.exitCode = stryker('--mutate', files.join(','))
