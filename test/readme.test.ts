import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { type ConfigurationError, type DokuOvoOptions, dokuOvo, problemTypes } from 'express-doku-ovo'
import { routeTable } from '../lib/routes/table.ts'
import { clientId, dokuKeys, merchantKeys, secretKey } from './support/keys.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')

const section = (title: string) => readme.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? ''

/** The rows of the table below a title, cell by cell, without the head. */
function table(title: string): string[][] {
  const rows = section(title)
    .split('\n')
    .filter((line) => line.startsWith('|'))
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', '')),
  )
}

const names = (title: string) => table(title).map(([name]) => name)

/** The names that the options' check knows: it offers the nearest one for every misspelt name. */
function optionIsKnown(name: string): boolean {
  try {
    dokuOvo({ [`${name}x`]: 1 } as unknown as DokuOvoOptions)
  } catch (error) {
    return (error as ConfigurationError).problems.some((problem) => problem.endsWith(`did you mean ${name}?`))
  }
  return false
}

describe('the README', () => {
  it('lists every option, and none that is not', () => {
    const source = readFileSync(join(root, 'lib/options.ts'), 'utf8')
    const body = source.split('export interface DokuOvoOptions {')[1]?.split('\n}')[0] ?? ''
    const declared = [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name)
    expect(names('Options')).to.have.members(declared)
    for (const name of names('Options')) expect(optionIsKnown(name ?? ''), name).to.equal(true)
  })

  it('lists every problem with its status', () => {
    const rows = table('Errors').map(([code, status]) => [code, Number(status)])
    const known = Object.entries(problemTypes).map(([code, { status }]) => [code, status])
    expect(rows).to.have.deep.members(known)
  })

  it('lists every route with its name', () => {
    const rows = table('Routes').map(([name, route]) => [name, route])
    const known = Object.entries(routeTable).map(([name, { method, path }]) => [
      name,
      `${method.toUpperCase()} ${path}`,
    ])
    expect(rows).to.have.deep.members(known)
  })

  it('lists every hook', () => {
    const source = readFileSync(join(root, 'lib/hooks.ts'), 'utf8')
    const body = source.split('export interface Hooks {')[1]?.split('\n}')[0] ?? ''
    expect(names('Hooks')).to.have.members([...body.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name))
  })

  it('names tests that exist for what it promises', () => {
    const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    const sources = files
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => readFileSync(join(root, 'test', name), 'utf8'))
    const quoted = table('What is promised').flatMap(([, shownBy = '']) => /^"(.+)"$/.exec(shownBy)?.[1] ?? [])
    expect(quoted).to.have.length.above(6)
    for (const title of quoted)
      expect(
        sources.some((source) => source.includes(title)),
        title,
      ).to.equal(true)
  })

  it('mounts the router in at most fifteen lines, which run', async () => {
    const snippet = /```ts\n([\s\S]*?)```/.exec(section('Mount it'))?.[1] ?? ''
    expect(snippet.trim().split('\n').filter(Boolean)).to.have.length.at.most(15)
    const file = join(root, 'test', `.readme-${process.pid}.ts`)
    const around = `const orders: any = { find: () => undefined, update() {} }
      ${snippet}
      const server = app.listen(0, '127.0.0.1', async () => {
        const { status } = await fetch(\`http://127.0.0.1:\${(server.address() as any).port}/ovo/health\`)
        await ovo.close()
        server.closeAllConnections()
        server.close(() => process.exit(status === 200 ? 0 : 1))
      })`
    writeFileSync(file, around)
    try {
      const child = spawn(process.execPath, ['--import', 'tsx', file], {
        cwd: root,
        stdio: ['ignore', 'inherit', 'inherit'],
        env: {
          ...process.env,
          DOKU_CLIENT_ID: clientId,
          DOKU_SECRET_KEY: secretKey,
          DOKU_PRIVATE_KEY: merchantKeys.privateKey.replaceAll('\n', '\\n'),
          DOKU_PUBLIC_KEY: dokuKeys.publicKey.replaceAll('\n', '\\n'),
        },
      })
      const [code] = await once(child, 'exit')
      expect(code).to.equal(0)
    } finally {
      rmSync(file, { force: true })
    }
  })
})
