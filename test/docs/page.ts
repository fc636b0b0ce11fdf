import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)

export function readText(path: string): string {
  return readFileSync(fileURLToPath(new URL(path, root)), 'utf8')
}

/** What stands below a heading, up to the next one of the same level. */
export function section(page: string, heading: string): string {
  const level = /^#+/.exec(heading)?.[0] ?? ''
  const below = page.split(`\n${heading}\n`)[1] ?? ''
  return below.split(new RegExp(`\\n#{1,${level.length}} `))[0] ?? ''
}

/** The rows of the table in a text, cell by cell, without the head. */
export function tableIn(text: string): string[][] {
  const rows = text.split('\n').filter((line) => line.startsWith('|'))
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  )
}

export interface Snippet {
  /** The file from which it is. */
  readonly from: string
  readonly code: string
}

/** The code blocks that say where they are from: ```ts examples/express5.ts */
export function snippetsIn(page: string): Snippet[] {
  return [...page.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)].map(([, from = '', code = '']) => ({ from, code }))
}

/** Whether it stands in its file as it is shown, however far in. */
export function isTrue({ from, code }: Snippet): boolean {
  const text = readText(from)
  return [0, 2, 4].some((indent) => text.replaceAll(new RegExp(`^ {${indent}}`, 'gm'), '').includes(code))
}
