import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Folders in which nobody writes documentation, or somebody else does. */
const skipped = new Set(['node_modules', 'dist', 'coverage', '.git', '.demo'])

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (!entry.isDirectory()) return [path]
    return skipped.has(entry.name) ? [] : filesBelow(path)
  })
}

/** Every Markdown file of the repository, by its path from the root, with `/` everywhere. */
export function markdownFiles(): string[] {
  return filesBelow(root)
    .filter((path) => path.endsWith('.md'))
    .map((path) => relative(root, path).split(sep).join('/'))
    .sort()
}

export function readPage(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The text without what is code: neither links nor headings are in it. */
export function withoutCode(text: string): string {
  return text.replace(/^(```+)[\s\S]*?^\1$/gm, '').replace(/`[^`\n]*`/g, (code) => '`'.repeat(code.length))
}

/** What stands below a heading of any level, up to the next one of the same level or above. */
export function section(text: string, title: string): string {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === title)
  if (start === -1) throw new Error(`there is no heading ${JSON.stringify(title)}`)
  const level = /^#+/.exec(lines[start] ?? '')?.[0].length ?? 0
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => (/^#+(?= )/.exec(line)?.[0].length ?? level + 1) <= level)
  return rest.slice(0, end === -1 ? undefined : end).join('\n')
}

/** The rows of the first table in the text, cell by cell, as they are written, without the head. */
export function tableRows(text: string): string[][] {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => line.startsWith('|'))
  if (start === -1) throw new Error('there is no table')
  const rest = lines.slice(start)
  const end = rest.findIndex((line) => !line.startsWith('|'))
  return rest.slice(2, end === -1 ? undefined : end).map((row) =>
    row
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  )
}

/** `` `code` `` becomes `code`, and a link its text. */
export function plain(cell: string): string {
  return cell.replaceAll('`', '').replace(/\[([^\]]+)\]\([^)]+\)/g, '$1')
}

/** The first column of a section's first table, in plain text. */
export function firstColumn(page: string, title: string): string[] {
  return tableRows(section(readPage(page), title)).map(([name = '']) => plain(name))
}

/** The lines that docs/observability.md says are logged, by level and message. */
export function documentedLines(): string[] {
  const rows = tableRows(section(readPage('docs/observability.md'), 'The log'))
  return rows.map(([level = '', message = '']) => `${plain(level)} ${plain(message)}`).slice(1)
}

/** The anchors of a page: those that GitHub gives its headings, and those that it sets itself: `<a id="c-9"></a>`. */
export function anchors(text: string): Set<string> {
  const prose = text.replace(/^(```+)[\s\S]*?^\1$/gm, '')
  const found = new Set(ownAnchors(prose))
  for (const [, title = ''] of prose.matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = plain(title)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
      .replaceAll(' ', '-')
    let anchor = slug
    for (let times = 1; found.has(anchor); times++) anchor = `${slug}-${times}`
    found.add(anchor)
  }
  return found
}

/** The anchors that a page sets itself, each as often as it does. */
export function ownAnchors(text: string): string[] {
  return [...text.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id = '']) => id)
}

export interface Snippet {
  readonly page: string
  readonly language: string
  /** What the page leaves out, so that the reader sees what matters: in a comment before the snippet. */
  readonly given: string
  readonly code: string
}

/**
 * The fenced code of a page. A comment `<!-- given … -->` holds what every snippet after it takes for granted, up to the
 * next such comment. A fence with a second word, as in "ts client", is somebody else's to check: test/package/client.ts's.
 */
export function snippets(page: string): Snippet[] {
  const found: Snippet[] = []
  let given = ''
  for (const match of readPage(page).matchAll(/<!-- given\n([\s\S]*?)-->|^```(\w+)\n([\s\S]*?)^```$/gm)) {
    const [, preamble, language, code = ''] = match
    if (language === undefined) given = preamble ?? ''
    else found.push({ page, language, given, code })
  }
  return found
}

export interface ShownFile {
  /** The file from which it is. */
  readonly from: string
  readonly code: string
}

/** The code blocks of a page that say where they are from: ```ts examples/express5.ts */
export function shownFiles(text: string): ShownFile[] {
  return [...text.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)].map(([, from = '', code = '']) => ({ from, code }))
}

/** Whether it stands in its file as it is shown, however far in. */
export function isTrue({ from, code }: ShownFile): boolean {
  const text = readPage(from)
  return [0, 2, 4].some((indent) => text.replaceAll(new RegExp(`^ {${indent}}`, 'gm'), '').includes(code))
}
