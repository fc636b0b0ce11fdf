import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import * as main from 'express-doku-ovo'
import * as conformance from 'express-doku-ovo/conformance'
import * as postgres from 'express-doku-ovo/postgres'
import * as redis from 'express-doku-ovo/redis'
import * as simulator from 'express-doku-ovo/simulator'

const root = fileURLToPath(new URL('../..', import.meta.url))
const lib = join(root, 'lib')

function sourcesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(root, folder, name))
}

interface Import {
  readonly file: string
  readonly from: string
  readonly target: string
}

const importPattern = /(?:^|\n)\s*(?:import|export)\b[^'"]*?from\s+'([^']+)'/g

function importsOf(path: string): Import[] {
  const file = relative(lib, path).split(sep).join('/')
  return [...readFileSync(path, 'utf8').matchAll(importPattern)].map(([, target = '']) => ({
    file,
    from: file.includes('/') ? (file.split('/')[0] ?? '') : file,
    target: target.startsWith('.')
      ? relative(lib, join(dirname(path), target))
          .split(sep)
          .join('/')
      : target,
  }))
}

const imports = sourcesIn('lib').flatMap(importsOf)

/** From where each layer may import. `undefined`: from everywhere. */
const allowed: Record<string, readonly string[] | undefined> = {
  primitives: ['primitives'],
  'errors.ts': ['primitives'],
  'telemetry.ts': ['primitives'],
  doku: ['doku', 'primitives', 'errors.ts', 'telemetry.ts'],
  storage: ['storage', 'primitives', 'errors.ts', 'telemetry.ts'],
  'hooks.ts': ['flows'],
  'warnings.ts': ['telemetry.ts'],
  'host-checks.ts': ['options.ts', 'primitives', 'warnings.ts'],
  'options-guards.ts': ['routes', 'doku'],
  flows: ['flows', 'doku', 'storage', 'primitives', 'errors.ts', 'telemetry.ts', 'hooks.ts'],
  routes: [
    'routes',
    'flows',
    'doku',
    'storage',
    'primitives',
    'errors.ts',
    'telemetry.ts',
    'warnings.ts',
    'options.ts',
  ],
  'options-rotation.ts': [],
  'options.ts': ['options-rotation.ts', 'routes', 'flows', 'doku', 'storage', 'primitives', 'telemetry.ts', 'hooks.ts'],
  'options-schema.ts': [
    'options-guards.ts',
    'options-rotation.ts',
    'routes',
    'flows',
    'doku',
    'storage',
    'primitives',
    'telemetry.ts',
  ],
  'parse-options.ts': [
    'options.ts',
    'options-schema.ts',
    'options-rotation.ts',
    'routes',
    'doku',
    'storage',
    'primitives',
    'errors.ts',
    'hooks.ts',
  ],
  'service.ts': ['flows', 'routes', 'primitives', 'hooks.ts'],
  'plugin.ts': undefined,
  'index.ts': undefined,
  simulator: ['simulator', 'primitives'],
  cli: undefined,
}

/** Who may import what we did not write. */
const packages: Record<string, RegExp> = {
  express: /^(routes\/|plugin\.ts)/,
  'express-rate-limit': /^routes\/middleware\/rate-limit(-store|-key)?\.ts/,
  undici: /^(doku\/transport\.ts|options(-schema)?\.ts|simulator\/)/,
  jose: /^(doku\/inbound-token\.ts|storage\/vault\.ts)/,
  zod: /^(doku\/(answers|client|reading)\.ts|flows\/input\.ts|routes\/openapi\/|(parse-options|options-schema|options-rotation|options-guards)\.ts)/,
}

describe('the house', () => {
  it('imports in one direction only', () => {
    const wrong = imports.filter(({ from, target }) => {
      const layer = target.includes('/') ? target.split('/')[0] : target
      const isOurs = layer !== undefined && layer in allowed
      return isOurs && allowed[from] !== undefined && !allowed[from]?.includes(layer)
    })
    expect(wrong).to.deep.equal([])
  })

  it('has nothing that leans on the command line', () => {
    expect(imports.filter(({ from, target }) => from !== 'cli' && target.startsWith('cli/'))).to.deep.equal([])
  })

  it('keeps every other package in its place', () => {
    const wrong = imports.filter(({ file, target }) => {
      if (target.includes('/') || target.startsWith('node:') || target.endsWith('.ts')) return false
      return !packages[target]?.test(file)
    })
    expect(wrong).to.deep.equal([])
  })

  it('knows every layer', () => {
    const unknown = imports.filter(({ from }) => !(from in allowed))
    expect(unknown).to.deep.equal([])
  })

  it('does nothing for the OpenAPI document before somebody asks for it', () => {
    const atImport = imports.filter(
      ({ file, target }) => target.startsWith('routes/openapi/') && !file.startsWith('routes/openapi/'),
    )
    expect(atImport.map(({ target }) => target)).to.deep.equal(['routes/openapi/scope.ts'])
    expect(readFileSync(join(lib, 'routes/openapi.ts'), 'utf8')).to.contain(
      "import type { Scope } from '../openapi/scope.ts'",
    )
  })

  it('reads the clock in one file', () => {
    const readers = sourcesIn('lib').filter((path) => /Date\.now\(|new Date\(\)/.test(readFileSync(path, 'utf8')))
    expect(readers.map((path) => relative(lib, path))).to.deep.equal([join('primitives', 'clock.ts')])
  })

  it('exports by name only, and never says any', () => {
    const wrong = sourcesIn('lib').filter((path) =>
      /export default|[:<] ?any\b|\bas any\b/.test(readFileSync(path, 'utf8')),
    )
    expect(wrong).to.deep.equal([])
  })

  it('has the public surface that is promised, and nothing else', () => {
    expect(Object.keys(main).sort()).to.deep.equal([
      'ConfigurationError',
      'DokuError',
      'DokuOvoError',
      'HostError',
      'ProblemError',
      'StorageError',
      'TransportError',
      'apis',
      'dokuOvo',
      'keepRawBody',
      'keyvStorage',
      'memoryStorage',
      'problemTypes',
      'responseCodes',
    ])
    expect(Object.keys(simulator).sort()).to.deep.equal(['SAMPLE_ACCOUNTS', 'createSimulator', 'signNotification'])
    expect(Object.keys(redis)).to.deep.equal(['redisStorage'])
    expect(Object.keys(postgres)).to.deep.equal(['postgresStorage'])
    expect(Object.keys(conformance).sort()).to.deep.equal(['storageConformance'])
  })
})
