// Packs the package, installs the tarball as a merchant would, and imports every entry point from ESM and CommonJS.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const consumer = mkdtempSync(join(tmpdir(), 'express-doku-ovo-consumer-'))

const run = (command: string, args: string[], cwd = consumer) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })

const entries = ['', '/simulator', '/redis', '/postgres', '/conformance'].map((path) => `express-doku-ovo${path}`)

const esm = entries.map((entry) => `console.log(Object.keys(await import('${entry}')).sort().join())`).join('\n')
const cjs = entries.map((entry) => `console.log(Object.keys(require('${entry}')).sort().join())`).join('\n')

try {
  run('npm', ['pack', '--silent', '--pack-destination', consumer], root)
  const tarball = readdirSync(consumer).find((name) => name.endsWith('.tgz')) ?? ''
  writeFileSync(join(consumer, 'package.json'), '{ "private": true }')
  writeFileSync(join(consumer, 'main.mjs'), esm)
  writeFileSync(join(consumer, 'main.cjs'), cjs)
  run('npm', ['install', '--no-audit', '--no-fund', '--silent', `./${tarball}`, 'express@5'])
  const fromEsm = run('node', ['main.mjs'])
  const fromCjs = run('node', ['main.cjs'])
  if (fromEsm !== fromCjs || !fromEsm.includes('dokuOvo')) throw new Error(`ESM:\n${fromEsm}\nCommonJS:\n${fromCjs}`)
  const version = run('npx', ['--no-install', 'express-doku-ovo', '--version'])
  if (!/^\d+\.\d+\.\d+\n$/.test(version)) throw new Error(`the command line says ${version}`)
  console.log(`import and require both give:\n${fromEsm}`)
} finally {
  rmSync(consumer, { recursive: true, force: true })
}
