import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { markdownFiles, root, type Snippet, snippets } from '../../support/docs/markdown.ts'
import { textOf as sourceOf, sources } from '../../support/house.ts'

const folder = join(root, 'test', 'system', 'docs', `.snippets-${process.pid}`)

/** TypeScript's settings are ours, which are stricter than those of most hosts; of plain JavaScript only the syntax is checked. */
const tsconfig = {
  extends: '../../../../tsconfig.json',
  compilerOptions: { allowJs: true, noUnusedLocals: false, noUnusedParameters: false },
  include: ['**/*'],
}

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

/** The `@example` of each doc comment that can be copied whole: it begins with its imports. */
function examplesIn(file: string): string[] {
  const found = sourceOf(file).matchAll(/^ *\* @example\n((?: *\*(?: (?!@).*)?\n)+?) *\*(?:\/| @)/gm)
  return [...found]
    .map(([, code = '']) => code.replace(/^ *\* ?/gm, ''))
    .filter((code) => code.startsWith('import '))
    .map((code) => `${code}\nexport {}\n`)
}

/** What the compiler says of the files. */
async function compile(files: Record<string, string>): Promise<string> {
  mkdirSync(folder)
  try {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    const tsc = join(root, 'node_modules', '.bin', 'tsc')
    return (await promisify(execFile)(tsc, ['-p', folder, '--pretty', 'false'], { cwd: root })).stdout
  } catch (error) {
    return String((error as { stdout?: string }).stdout || error)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('the documentation’s code', () => {
  it('type-checks, every snippet; one that is wrong does not', async () => {
    const all = markdownFiles()
      .flatMap(snippets)
      .filter(({ language }) => language in extensions)
    expect(all.length).to.be.above(15)
    const files = all.map((snippet, index) => [fileName(snippet, index), textOf(snippet)])
    const wrong = "import { dokuOvo } from 'express-doku-ovo'\ndokuOvo({ clientId: 1 })\n"
    const said = await compile({ ...Object.fromEntries(files), 'wrong.ts': wrong })
    const lines = said.split('\n').filter((line) => line.startsWith('test/'))
    expect(lines, said).to.have.length(1)
    expect(lines[0]).to.match(/wrong\.ts\(2,\d+\): error TS/)
  })

  it('type-checks, every example of a doc comment; one that is wrong does not', async () => {
    const all = sources().flatMap(examplesIn)
    expect(all.length).to.be.at.least(13)
    const files = all.map((code, index) => [`${index + 1}.ts`, code])
    const wrong = "import type { Amount } from 'express-doku-ovo'\nexport const price: Amount = 1\n"
    const said = await compile({ ...Object.fromEntries(files), 'wrong.ts': wrong })
    const lines = said.split('\n').filter((line) => line.startsWith('test/'))
    expect(lines, said).to.have.length(1)
    expect(lines[0]).to.match(/wrong\.ts\(2,\d+\): error TS/)
  })

  it('is TypeScript, JavaScript, shell, JSON, HTTP, Mermaid or plain text', () => {
    const known = ['ts', 'js', 'sh', 'json', 'http', 'mermaid', 'text', 'nginx', 'yaml', 'sql']
    const languages = new Set(markdownFiles().flatMap((page) => snippets(page).map(({ language }) => language)))
    expect([...languages].filter((language) => !known.includes(language))).to.deep.equal([])
  })
})
