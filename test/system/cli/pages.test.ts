import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { Fault, FaultOn } from 'express-doku-ovo/simulator'
import { variables } from '../../../lib/cli/given.ts'
import { commands } from '../../../lib/cli/run.ts'
import { simulatorKeyVariable } from '../../../lib/cli/simulator.ts'
import { startSimulator } from '../../support/shop.ts'
import { workFolder } from './installed.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const page = (name: string) => readFileSync(join(root, 'docs', name), 'utf8')

describe('docs/command-line.md', () => {
  const text = page('command-line.md')
  const section = (title: string) => text.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? ''
  const inTable = (part: string) =>
    [...part.matchAll(/^\| (`-.*?) \|/gm)].flatMap(([, cell = '']) => cell.match(/--[\w-]+/g) ?? [])

  it('has a section for each command, and none for what is no command', () => {
    const titles = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)
    expect(titles).to.have.members(['Credentials', 'Exit codes', ...commands.map(({ name }) => name)])
    const listed = [...text.matchAll(/^\| \[`(\w+)`\]\(#\1\)/gm)].map(([, name]) => name)
    expect(listed).to.deep.equal(commands.map(({ name }) => name))
  })

  for (const { name, flags } of commands) {
    it(`names every option of ${name}, with its value, and none that it has not`, () => {
      const known = Object.keys(flags).map((flag) => `--${flag}`)
      expect(inTable(section(name))).to.have.members(known)
      for (const [flag, { value }] of Object.entries(flags)) {
        expect(section(name)).to.contain(value ? `\`--${flag} ${value}\`` : `\`--${flag}\``)
      }
    })

    it(`uses ${name} in its example with options that exist`, () => {
      const [, example = ''] = /```sh\n([\s\S]*?)```/.exec(section(name)) ?? []
      const lines = example.split('\n').filter((line) => line.includes('express-doku-ovo'))
      expect(lines.length).to.be.at.least(1)
      for (const line of lines) {
        expect(line).to.contain(`express-doku-ovo ${name}`)
        for (const flag of line.match(/--[\w-]+/g) ?? []) expect(Object.keys(flags)).to.include(flag.slice(2))
      }
    })
  }

  it('names every variable', () => {
    const named = [...section('Credentials').matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name)
    const others = ['DOKU_ACCESS_TOKEN', 'DOKU_AUTH_CODE', simulatorKeyVariable]
    expect(named).to.have.members([...Object.values(variables), ...others])
  })
})

describe('docs/testing.md', () => {
  const blocks = [...page('testing.md').matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)]

  it('has a test of a whole shop, which passes as it stands there', async () => {
    const folder = workFolder()
    expect(blocks.map(([, name]) => name)).to.deep.equal(['shop.ts', 'shop.test.ts', 'counted-bytes.ts'])
    for (const [, name = '', source = ''] of blocks) writeFileSync(join(folder, name), source)
    const strict = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--allowImportingTsExtensions',
    ]
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    execFileSync(compiler, [...strict, '--types', 'node,mocha', 'shop.test.ts'], { cwd: folder, stdio: 'inherit' })
    const mocha = join(root, 'node_modules/mocha/bin/mocha.js')
    const child = spawn(
      process.execPath,
      [mocha, '--no-config', '--no-package', '--import=tsx', '--reporter=json', 'shop.test.ts'],
      {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
    await once(child, 'close')
    const { stats, failures } = JSON.parse(out.slice(out.indexOf('{')))
    expect(failures).to.deep.equal([])
    expect(stats).to.include({ passes: 5, failures: 0 })
    expect(child.exitCode).to.equal(0)
  })

  it('names faults that there are', async () => {
    const named = [
      ...page('testing.md').matchAll(/`faults\.next\('([\w-]+)', \{ kind: '([\w-]+)'(?:, ms: (\d+))? \}\)`/g),
    ]
    expect(named).to.have.length(4)
    const simulator = await startSimulator()
    for (const [, target, kind, ms] of named) {
      const fault = { kind, ...(ms && { ms: Number(ms) }) } as Fault
      simulator.faults.next(target as 'payment', fault as FaultOn<'payment'>)
    }
    await simulator.close()
  })

  it('has bytes that differ from call to call and not from run to run', async () => {
    const folder = workFolder()
    const [, , source = ''] = blocks.find(([, name]) => name === 'counted-bytes.ts') ?? []
    writeFileSync(join(folder, 'counted-bytes.ts'), source)
    const { countedBytes } = await import(join(folder, 'counted-bytes.ts'))
    const draw = () => {
      const next = countedBytes()
      return [next(16), next(16), next(40)].map((bytes: Buffer) => bytes.toString('hex'))
    }
    expect(draw()).to.deep.equal(draw())
    expect(draw().map(({ length }) => length)).to.deep.equal([32, 32, 80])
    expect(new Set(draw()).size).to.equal(3)
  })
})
