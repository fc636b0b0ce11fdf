import { join } from 'node:path'
import { expect } from 'chai'
import { complaintsAbout } from '../../support/docs/compile.ts'
import { markdownFiles, type Snippet, snippets } from '../../support/docs/markdown.ts'

const extensions: Record<string, string> = { ts: 'ts', js: 'mjs' }

/** Each page has a folder; a snippet whose first line is `// shop.ts` can be imported by the page's others. */
function fileName({ page, language, code }: Snippet, index: number): string {
  const named = /^\/\/ ([\w.-]+\.\w+)\n/.exec(code)?.[1]
  return join(page.replaceAll(/[/.]/g, '-'), named ?? `${index + 1}.${extensions[language]}`)
}

/** JavaScript cannot declare what it takes for granted, and need not. */
function textOf({ language, given, code }: Snippet): string {
  return `${language === 'ts' ? given : ''}${code}\nexport {}\n`
}

describe('the documentation’s code', () => {
  it('type-checks, every snippet; one that is wrong does not', async () => {
    const all = markdownFiles()
      .flatMap(snippets)
      .filter(({ language }) => language in extensions)
    expect(all.length).to.be.above(15)
    const files = all.map((snippet, index) => [fileName(snippet, index), textOf(snippet)])
    const wrong = "import { dokuOvo } from 'express-doku-ovo'\ndokuOvo({ clientId: 1 })\n"
    const lines = await complaintsAbout({ ...Object.fromEntries(files), 'wrong.ts': wrong })
    expect(lines).to.have.length(1)
    expect(lines[0]).to.match(/wrong\.ts\(2,\d+\): error TS/)
  })

  it('is TypeScript, JavaScript, shell, JSON, HTTP, Mermaid or plain text', () => {
    const known = ['ts', 'js', 'sh', 'json', 'http', 'mermaid', 'text', 'nginx', 'yaml', 'sql']
    const languages = new Set(markdownFiles().flatMap((page) => snippets(page).map(({ language }) => language)))
    expect([...languages].filter((language) => !known.includes(language))).to.deep.equal([])
  })
})
