import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import * as main from 'express-doku-ovo'
import * as conformance from 'express-doku-ovo/conformance'
import * as postgres from 'express-doku-ovo/postgres'
import * as redis from 'express-doku-ovo/redis'
import * as simulator from 'express-doku-ovo/simulator'
import { circles, hasPlace, imports, isOurs, moduleState, sources, textOf, upward } from '../support/house.ts'

const contributing = readFileSync(new URL('../../CONTRIBUTING.md', import.meta.url), 'utf8')

/** Who may import what we did not write. */
const packages: Record<string, RegExp> = {
  express: /^(routes\/|desk\/|plugin\.ts)/,
  'express-rate-limit': /^routes\/middleware\/rate-limit\.ts/,
  undici: /^(doku\/transport|options\/(options|schema)|simulator\/notifications\/merchant-token)\.ts/,
  jose: /^(doku\/(keys|inbound-token)\.ts|records\/vault\.ts)/,
  zod: /^(doku\/(answers|client|reading)\.ts|model\/|options\/|routes\/openapi\/)/,
}

describe('the house', () => {
  it('gives every folder and every top-level file of lib its place among the layers', () => {
    expect(sources().filter((file) => !hasPlace(file))).to.deep.equal([])
  })

  it('imports in one direction only, types included', () => {
    expect(upward).to.deep.equal([])
  })

  it('imports in no circle, not even of types', () => {
    expect(circles()).to.deep.equal([])
  })

  it('keeps every other package in its place', () => {
    const wrong = imports.filter((each) => {
      if (isOurs(each) || each.target.startsWith('node:')) return false
      return !packages[each.target.split('/')[0] ?? '']?.test(each.file)
    })
    expect(wrong).to.deep.equal([])
  })

  it('keeps state in a module only where CONTRIBUTING names it with its reason', () => {
    const named = [...contributing.matchAll(/^\| `lib\/(\S+)` \| `(\w+)` \| \S/gm)].map(
      ([, file, name]) => `${file} ${name}`,
    )
    expect(moduleState().sort()).to.deep.equal(named.sort())
  })

  it('does nothing for the OpenAPI document before somebody asks for it', () => {
    const atImport = imports.filter(
      ({ file, target, isDynamic }) =>
        !isDynamic && target.startsWith('routes/openapi/') && !file.startsWith('routes/openapi/'),
    )
    expect(atImport.map(({ target }) => target)).to.deep.equal(['routes/openapi/scope.ts'])
    expect(textOf('routes/openapi.ts')).to.contain("import type { Scope } from './openapi/scope.ts'")
  })

  it('reads the clock in one file', () => {
    const readers = sources().filter((file) => /Date\.now\(|new Date\(\)/.test(textOf(file)))
    expect(readers).to.deep.equal(['primitives/clock.ts'])
  })

  it('exports by name only, and never says any', () => {
    const code = (file: string) => textOf(file).replace(/\/\*[\s\S]*?\*\/|\/\/ .*/g, '')
    const wrong = sources().filter((file) => /export default|[:<] ?any\b|\bas any\b/.test(code(file)))
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
