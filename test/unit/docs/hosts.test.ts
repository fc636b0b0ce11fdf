import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { isTrue, readPage, shownFiles } from '../../support/docs/markdown.ts'

const page = readPage('docs/hosts.md')
const examples = readdirSync(fileURLToPath(new URL('../../../examples', import.meta.url))).filter(
  (name) => !/^(tsconfig\.json|opentelemetry\.ts)$/.test(name),
)

describe('docs/hosts.md', () => {
  it('shows nothing but what stands in the examples, and some of each', () => {
    const snippets = shownFiles(page)
    expect(snippets.filter((snippet) => !isTrue(snippet))).to.deep.equal([])
    const shown = new Set(snippets.map(({ from }) => from))
    for (const name of examples.filter((name) => name !== 'your-shop.ts')) expect(shown).to.include(`examples/${name}`)
  })

  it('names every example, and only those that are there', () => {
    const named = [...page.matchAll(/\(\.\.\/examples\/([^)]+)\)/g)].map(([, name]) => name)
    expect(new Set(named)).to.deep.equal(new Set(examples))
  })

  it('would notice a snippet that was changed', () => {
    const [snippet] = shownFiles(page)
    expect(isTrue({ from: 'examples/express5.ts', code: `${snippet?.code}\n// more` })).to.equal(false)
  })
})
