import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import * as main from 'express-doku-ovo'
import { apis, type ConfigurationError, type DokuOvoOptions, dokuOvo, problemTypes } from 'express-doku-ovo'
import { postgresStorage } from 'express-doku-ovo/postgres'
import { redisStorage } from 'express-doku-ovo/redis'
import Keyv from 'keyv'
import { Pool } from 'pg'
import { createClient } from 'redis'
import { paymentStatuses } from '../../../lib/model/views.ts'
import { optionsSchema } from '../../../lib/options/schema.ts'
import { parseOptions } from '../../../lib/options/settings.ts'
import { limitedRoutes, routeTable } from '../../../lib/routes/table.ts'
import { warningTable } from '../../../lib/warnings.ts'
import packageJson from '../../../package.json' with { type: 'json' }
import { errorCodes, eventFields } from '../../support/docs/facts.ts'
import { firstColumn, plain, readPage, root, section, tableRows } from '../../support/docs/markdown.ts'
import { withDiagram } from '../../support/docs/state-diagram.ts'
import { testOptions } from '../../support/shop.ts'
import { SnapClass } from '../interop/sdk.ts'

const rowsOf = (page: string, title: string) => tableRows(section(readPage(page), title))
/** The names that the options' check knows: it offers the nearest one for every misspelt name. */
function optionIsKnown(name: string): boolean {
  try {
    dokuOvo({ [`${name}x`]: 1 } as unknown as DokuOvoOptions)
  } catch (error) {
    return (error as ConfigurationError).problems.some((problem) => problem.endsWith(`did you mean ${name}?`))
  }
  return false
}

const optionNames = Object.keys(optionsSchema.shape satisfies Record<keyof DokuOvoOptions, unknown>)
const someOptions = testOptions('http://127.0.0.1:1', 'https://shop.example/ovo')
const defaults = parseOptions(someOptions)
const hookNames = Object.keys(eventFields)

/** A default that is written as code is the one that the options get; in words, it cannot be compared. */
function expectDefault(name: string, cell: string, actual: unknown): void {
  const code = /^`([^`]+)`$/.exec(cell)?.[1]
  if (code !== undefined) expect(JSON.parse(code.replaceAll("'", '"')), name).to.deep.equal(actual)
}

const testSources = () =>
  readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readPage(join('test', name)))

/** Every `"title"` in the cells is part of a test's title, and there are some. */
function expectTests(cells: readonly string[], atLeast: number): void {
  const quoted = cells.flatMap((cell) => [...cell.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title))
  expect(quoted).to.have.length.above(atLeast - 1)
  const sources = testSources()
  expect(quoted.filter((title) => !sources.some((text) => text.includes(title)))).to.deep.equal([])
}

describe('the documentation’s tables', () => {
  it('list every route with its name', () => {
    const rows = rowsOf('README.md', 'Routes').map(([name = '', route = '']) => [plain(name), plain(route)])
    const known = Object.entries(routeTable).map(([name, { method, path }]) => [
      name,
      `${method.toUpperCase()} ${path}`,
    ])
    expect(rows).to.have.deep.members(known)
  })

  it('list every option with its default, and none that is not', () => {
    const rows = rowsOf('docs/options.md', 'All options')
    expect(rows.map(([name = '']) => plain(name))).to.have.members(optionNames)
    for (const [name = '', value = ''] of rows) {
      expect(optionIsKnown(plain(name)), name).to.equal(true)
      if (value.startsWith('`')) expectDefault(name, value, Reflect.get(defaults, plain(name)))
    }
  })

  it('list every field of webhooks with its default', () => {
    const rows = rowsOf('docs/options.md', 'Webhooks')
    const { webhooks } = defaults
    expect(rows.map(([name = '']) => plain(name))).to.have.members(Object.keys(webhooks))
    for (const [name = '', value = ''] of rows) expectDefault(name, value, Reflect.get(webhooks, plain(name)))
  })

  it('list every field that identify and findOrder can return', async () => {
    const { customerOutput, orderOutput } = await import('../../../lib/model/input.ts')
    expect(firstColumn('docs/options.md', 'The customer')).to.have.members(Object.keys(customerOutput.shape))
    expect(firstColumn('docs/options.md', 'The order')).to.have.members(Object.keys(orderOutput.shape))
  })

  it('list every path of both apis', () => {
    const rows = rowsOf('docs/options.md', 'Endpoints').map((row) => row.map(plain))
    const path = (api: 'ovo-v1.0' | 'core-v1', name: string) =>
      apis[api][name as keyof (typeof apis)['core-v1']]?.path ?? 'none'
    const known = Object.keys(apis['core-v1']).map((name) => [name, path('ovo-v1.0', name), path('core-v1', name)])
    expect(rows).to.have.deep.members(known)
  })

  it('list every limit', () => {
    const known = limitedRoutes.map((name) => {
      const { limit = 0, windowMs = 0, needsCounting } = routeTable[name].limit ?? {}
      return [name, `${limit}`, `${windowMs / 1000} s`, needsCounting ? '503' : 'let in']
    })
    expect(rowsOf('docs/options.md', 'Limits').map((row) => row.map(plain))).to.deep.equal(known)
  })

  it('list every hook and what comes with it', () => {
    const rows = rowsOf('docs/hooks.md', 'Hooks')
    const known = Object.entries(eventFields).map(([name, fields]) => [name, Object.keys(fields).sort()])
    const named = rows.map(([name = '', , fields = '']) => [plain(name), plain(fields).split(', ').sort()])
    expect(named).to.have.deep.members(known)
    expect(firstColumn('docs/hooks.md', 'Usual work of each hook')).to.have.members(hookNames)
  })

  it('list every problem with its status', () => {
    const rows = rowsOf('docs/errors.md', 'Problems').map(([code = '', status]) => [plain(code), Number(status)])
    const known = Object.entries(problemTypes).map(([code, { status }]) => [code, status])
    expect(rows).to.have.deep.members(known)
  })

  it('list every class of errors that is exported, with its code', () => {
    const isError = (value: unknown) => typeof value === 'function' && value.prototype instanceof main.DokuOvoError
    const classes = Object.entries(main).flatMap(([name, value]) => (isError(value) ? [name] : []))
    const rows = rowsOf('docs/errors.md', 'Thrown errors')
    expect(rows.map(([name = '']) => plain(name))).to.have.members(classes)
    const named = rows
      .filter(([, codes = '']) => !codes.includes('('))
      .map(([name = '', codes = '']) => [name, codes].map(plain))
    const known = Object.entries(errorCodes).map(([name, codes]) => [name, Object.keys(codes).join(', ')])
    expect(named).to.have.deep.members(known)
  })

  it('list every warning', () => {
    expect(firstColumn('docs/errors.md', 'Warnings')).to.deep.equal(Object.keys(warningTable))
  })

  it('list every status of a payment, in its order', () => {
    expect(firstColumn('docs/payments.md', 'The states')).to.deep.equal(paymentStatuses)
    expect(readPage('docs/payments.md'), 'npm run docs draws it anew').to.equal(
      withDiagram(readPage('docs/payments.md')),
    )
  })

  it('name tests and scripts that exist for what is promised', () => {
    const shownBy = rowsOf('docs/payments.md', 'Promises').map(([, cell = '']) => cell)
    expectTests(shownBy, 8)
    const scripts = shownBy.flatMap((cell) => [...cell.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name))
    expect(scripts.filter((name) => !(name && name in packageJson.scripts))).to.deep.equal([])
  })

  it('give every storage its scope', async () => {
    const pool = new Pool()
    const made = {
      'memoryStorage()': main.memoryStorage(),
      'keyvStorage(keyv)': main.keyvStorage(new Keyv()),
      'postgresStorage(pool)': postgresStorage(pool),
      'redisStorage(client)': redisStorage(createClient()),
    }
    const rows = rowsOf('docs/storage.md', 'Storage').map(([name = '', scope = '']) => [
      /^`([^`]+)`/.exec(name)?.[1],
      plain(scope),
    ])
    expect(rows).to.deep.equal(Object.entries(made).map(([name, { scope }]) => [name, scope]))
    await pool.end()
  })

  it('name methods that the official SDK and this package have, and tests that show what is wrong with it', async () => {
    const page = 'docs/migrating-from-doku-nodejs-library.md'
    const rows = rowsOf(page, 'Call by call')
    const theirs = rows.flatMap(([cell = '']) =>
      [...cell.matchAll(/`(?:snap\.)?(\w+)\(/g)].map(([, name = '']) => name),
    )
    expect(theirs.filter((name) => !(name in SnapClass.prototype))).to.deep.equal([])
    expect(theirs).to.have.length.above(8)
    const ours = rows.flatMap(([, cell = '']) => [...cell.matchAll(/service\.(\w+)\(/g)].map(([, name = '']) => name))
    const ovo = dokuOvo(someOptions)
    expect(ours.filter((name) => !(name in ovo.service))).to.deep.equal([])
    await ovo.close()
    expectTests(
      rowsOf(page, 'Faults of the SDK').map(([, cell = '']) => cell),
      8,
    )
  })

  it('name options that exist wherever the FAQ says which one changes something', () => {
    const lines = [...readPage('docs/faq.md').matchAll(/^\*Change it:\* (.+)$/gm)].map(([, line = '']) => line)
    const named = lines.flatMap((line) => /`(\w+)/.exec(line)?.[1] ?? [])
    expect(named).to.have.length.above(8)
    expect(named.filter((name) => !optionNames.includes(name))).to.deep.equal([])
  })

  it('list every script of package.json', () => {
    const listed = firstColumn('CONTRIBUTING.md', 'Scripts').map((name) => name.replace(/^npm (run )?/, ''))
    expect(listed).to.have.members(Object.keys(packageJson.scripts).filter((name) => name !== 'prepack'))
  })
})
