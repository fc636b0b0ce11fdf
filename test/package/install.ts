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

/** The OpenAPI document of the package is a file: what a program that makes clients is given. */
const openApi = `const { openapi, paths } = require('express-doku-ovo/openapi.json')
if (openapi !== '3.1.1' || !paths['/payments'].post) throw new Error('no OpenAPI document')`

try {
  run('npm', ['pack', '--silent', '--pack-destination', consumer], root)
  const tarball = readdirSync(consumer).find((name) => name.endsWith('.tgz')) ?? ''
  writeFileSync(join(consumer, 'package.json'), '{ "private": true }')
  writeFileSync(join(consumer, 'main.mjs'), esm)
  writeFileSync(join(consumer, 'main.cjs'), cjs)
  writeFileSync(join(consumer, 'openapi.cjs'), openApi)
  run('npm', ['install', '--no-audit', '--no-fund', '--silent', `./${tarball}`, 'express@5'])
  const fromEsm = run('node', ['main.mjs'])
  const fromCjs = run('node', ['main.cjs'])
  run('node', ['openapi.cjs'])
  if (fromEsm !== fromCjs || !fromEsm.includes('dokuOvo')) throw new Error(`ESM:\n${fromEsm}\nCommonJS:\n${fromCjs}`)
  console.log(`import and require both give:\n${fromEsm}`)
} finally {
  rmSync(consumer, { recursive: true, force: true })
}
