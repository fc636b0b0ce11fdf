import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { complaintsAbout, tsc } from '../../support/docs/compile.ts'
import { examplesIn, publicNames, sources } from '../../support/docs/doc-comments.ts'

/** Stands for the parts that a host has already, so that an example shows only what matters. */
const given = `
declare global {
  namespace Express { interface Request { user?: { id: string; isStaff: boolean } } }
  const app: import('express').Express
  const ovo: import('express-doku-ovo').DokuOvo
  const options: import('express-doku-ovo').DokuOvoOptions
  const credentials: { clientId: string; secretKey: string; privateKey: string; dokuPublicKey: string }
  const orders: {
    find(orderId: string): Promise<{ id: string; customerId: string; total: number; state: string } | undefined>
    settle(orderId: string, amount: string): Promise<void>
  }
  function tellStaff(text: string): Promise<void>
}
export {}
`

describe('the doc comments', () => {
  it('show an example that compiles of at least 20 exported symbols', async () => {
    const examples = [...sources().values()].flatMap(examplesIn)
    const names = new Set(examples.map(({ symbol }) => symbol.split('.')[0] ?? ''))
    expect([...names].filter((name) => !publicNames().has(name))).to.deep.equal([])
    expect(names.size).to.be.at.least(20)
    const written = [...sources().values()].flatMap((text) => text.match(/\* @example\b/g) ?? [])
    expect(examples, 'an example is a fenced block, below its tag').to.have.length(written.length)
    const files = examples.map(({ symbol, code }, index) => [`${index}-${symbol}.ts`, `${code}\nexport {}\n`])
    const wrong = { 'wrong.ts': "import { dokuOvo } from 'express-doku-ovo'\ndokuOvo({ ...options, clientId: 1 })\n" }
    const complaints = await complaintsAbout({ ...Object.fromEntries(files), ...wrong, 'given.ts': given })
    expect(complaints).to.have.length(1)
    expect(complaints[0]).to.match(/wrong\.ts\(2,\d+\): error TS/)
  })

  it('say something of every exported symbol', () => {
    const texts = [...sources().values()]
    const isDescribed = (name: string) => {
      const declaration = `export (?:async |abstract )?(?:function|const|class|interface|type) ${name}\\b`
      return texts.some((text) => new RegExp(`\\*/\\n${declaration}`).test(text))
    }
    expect([...publicNames()].filter((name) => !isDescribed(name))).to.deep.equal([])
  })

  it('name no file that is not in the package, unless by its full address', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'express-doku-ovo-declarations-'))
    try {
      expect(await tsc('-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', folder)).to.deep.equal([])
      const declarations = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.d.ts'),
      )
      const named = declarations.flatMap((name) => {
        const text = readFileSync(join(folder, name), 'utf8').replace(/https?:\/\/\S+/g, '')
        return (text.match(/[\w./-]+\.(?:md|txt)\b/g) ?? []).map((file) => `${name}: ${file}`)
      })
      expect(declarations).to.include('index.d.ts')
      expect(named).to.deep.equal([])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
