// Packs the package, looks at what is in it, and installs it as merchants would: into ESM, CommonJS and TypeScript projects.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkContents, type Packed } from './contents.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const workshop = mkdtempSync(join(tmpdir(), 'express-doku-ovo-package-'))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Who installs it: hosts differ by their Express, by the version of Keyv, and by how old their compiler is. */
const consumers = {
  newest: ['express@5', '@types/express@5', dev('keyv'), dev('typescript')],
  older: ['express@4.18', '@types/express@4.17', dev('keyv6', 'keyv'), 'typescript@5.9'],
}
const everyones = ['@types/node', '@types/pg', 'pg', 'pino', 'redis'].map((name) => dev(name))

function dev(name: string, as = name): string {
  const range: string = manifest.devDependencies[name]
  return `${as}@${range.replace(/^npm:.+@/, '')}`
}

function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string }
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}`, { cause: error })
  }
}

function pack(): string {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', workshop], root)) as [Packed]
  checkContents(root, packed)
  console.log(`${packed.filename}: ${packed.files.length} files, ${Math.ceil(packed.size / 1000)} kB, as promised`)
  return join(workshop, packed.filename)
}

function install(tarball: string, name: string, packages: readonly string[]): string {
  const folder = join(workshop, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  run('npm', ['install', '--no-audit', '--no-fund', '--silent', '--prefer-offline', tarball, ...packages], folder)
  return folder
}

/** Every entry point that holds code. */
const entries = Object.keys(manifest.exports)
  .filter((path) => !path.endsWith('.json'))
  .map((path) => `express-doku-ovo${path.slice(1)}`)

/** What the source exports, which test/unit/rules.test.ts lists, is what is installed; for `import` and for `require` alike. */
async function checkExports(folder: string): Promise<void> {
  const print = (load: string) => entries.map((entry) => `console.log(Object.keys(${load}('${entry}')).sort().join())`)
  writeFileSync(join(folder, 'main.mjs'), print('await import').join('\n'))
  writeFileSync(join(folder, 'main.cjs'), print('require').join('\n'))
  const source = await Promise.all(entries.map((entry) => import(entry)))
  const expected = `${source.map((entry) => Object.keys(entry).sort().join()).join('\n')}\n`
  for (const file of ['main.mjs', 'main.cjs']) {
    const exported = run('node', [file], folder)
    if (exported !== expected) throw new Error(`${file} has\n${exported}and the source has\n${expected}`)
  }
  console.log(`import and require both give:\n${expected}`)
}

/** As strict as a host can be, as most are, and as bundlers have it. */
function checkTypes(folder: string): void {
  cpSync(join(root, 'test/types'), join(folder, 'types'), { recursive: true })
  const compiler = join(folder, 'node_modules/typescript/bin/tsc')
  const version = run('node', [compiler, '--version'], folder).trim()
  for (const project of ['tsconfig.json', 'tsconfig.plain.json', 'tsconfig.bundler.json']) {
    run('node', [compiler, '-p', join('types', project)], folder)
    console.log(`types: ${project} compiles with TypeScript ${version}`)
  }
}

function checkCommandLine(folder: string): void {
  const said = run('npx', ['--no-install', 'express-doku-ovo', '--version'], folder).trim()
  if (said !== manifest.version) throw new Error(`the command line says ${said}`)
}

/** The OpenAPI document of the package is a file: what a program that makes clients is given. */
const openApi = `const { openapi, paths } = require('express-doku-ovo/openapi.json')
if (openapi !== '3.1.1' || !paths['/payments'].post) throw new Error('no OpenAPI document')`

try {
  const tarball = pack()
  for (const [name, packages] of Object.entries(consumers)) {
    console.log(`\na host with ${packages.join(', ')}`)
    const folder = install(tarball, name, [...packages, ...everyones])
    await checkExports(folder)
    writeFileSync(join(folder, 'openapi.cjs'), openApi)
    run('node', ['openapi.cjs'], folder)
    checkCommandLine(folder)
    checkTypes(folder)
  }
} finally {
  rmSync(workshop, { recursive: true, force: true })
}
