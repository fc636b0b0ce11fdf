/**
 * Counts what plain English avoids: sentences that open with What, Who, Whoever, Whose or Of, and three phrases. Prints each with its
 * file and line, and fails if there are any. Reads comments, strings, Markdown and HTML; code, JSON and the FAQ's questions are no prose.
 *
 * `npm run lint:prose -- lib/routes README.md` looks there only.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createScanner, SyntaxKind } from 'typescript/unstable/ast'

const places = ['lib', 'demo', 'docs', 'README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md']

/** In a masked text: the end of a paragraph, list item, cell, comment or string, and the beginning of the next one. */
const edge = '\u0001'
const sentenceStart = `(?:^|${edge}|[.!?][)"”’'\\]*_]*\\s)[\\s("“‘'\\[*_]*`
const openings = new RegExp(
  `${sentenceStart}((?:What|Who|Whoever|Whose|Of)\\b['’]?\\w*[\\s,\\]*_]+[^\\s${edge}])`,
  'dg',
)
const phrases = /\b(has\s+to\s+be|anew|for\s+ever)\b/dgi

export interface Fault {
  readonly line: number
  readonly text: string
}

/** What plain English avoids in a text. The name of the file tells how to read it. */
export function faultsOf(name: string, text: string): Fault[] {
  const prose = masked(name, text)
  const lines = text.split('\n')
  return [openings, phrases]
    .flatMap((pattern) => [...prose.matchAll(pattern)].map(({ indices }) => indices?.[1]?.[0] ?? 0))
    .map((at) => text.slice(0, at).split('\n').length)
    .sort((one, other) => one - other)
    .map((line) => ({ line, text: (lines[line - 1] ?? '').trim() }))
}

/** The text with blanks in place of all that is no prose. Every character of the prose stays where it was. */
function masked(name: string, text: string): string {
  if (/\.[cm]?[jt]s$/.test(name)) return proseOfCode(text)
  if (name.endsWith('.css')) return text.replace(/\/\*[\s\S]*?\*\/|[^/]+|\//g, (part) => proseOfToken(part))
  if (name.endsWith('.html')) return text.replace(/<(script|style)\b[\s\S]*?<\/\1>|<!--[\s\S]*?-->|<[^>]+>/g, parted)
  const asks = /(?<=\n)#+ .*\?$/gm
  return proseOfMarkdown(name.endsWith('faq.md') ? text.replace(asks, blank) : text)
}

const blank = (text: string) => text.replace(/[^\n]/g, ' ')
/** Code within a sentence is a word of it. */
const word = (text: string) => text.replace(/[^\n]/g, 'x')
/** A blank that ends what is before it. */
const parted = (text: string) => edge + blank(text.slice(1))

/** Paragraphs, headings, list items and cells. */
function proseOfMarkdown(text: string): string {
  return text
    .replace(/^([ >]*)(```+)[\s\S]*?^[ >]*\2/gm, parted)
    .replace(/<!--[\s\S]*?-->/g, parted)
    .replace(/`[^`\n]+`/g, word)
    .replace(/<\/?[a-z][^>]*>|(?<=\])\([^)\s]*\)/g, blank)
    .replace(/^[ >]*(?:[-*]|\d+\.|#+) |(?<!\\)\||\n(?=[ >]*\n|#)|(?<=^#.*)\n/gm, parted)
}

/** A slash after one of these divides. After anything else it begins a regular expression. */
const operands = new Set([
  SyntaxKind.Identifier,
  SyntaxKind.NumericLiteral,
  SyntaxKind.CloseParenToken,
  SyntaxKind.CloseBracketToken,
  SyntaxKind.CloseBraceToken,
])
const trivia = new Set([
  SyntaxKind.SingleLineCommentTrivia,
  SyntaxKind.MultiLineCommentTrivia,
  SyntaxKind.NewLineTrivia,
  SyntaxKind.WhitespaceTrivia,
])

/** Comments, strings and the texts of templates. */
function proseOfCode(text: string): string {
  const scanner = createScanner(false, undefined, text)
  /** How many braces were open when each template began. */
  const templates: number[] = []
  let braces = 0
  let before: SyntaxKind = SyntaxKind.SemicolonToken
  let prose = ''
  for (let kind = scanner.scan(); kind !== SyntaxKind.EndOfFile; kind = scanner.scan()) {
    if (kind === SyntaxKind.SlashToken && !operands.has(before)) kind = scanner.reScanSlashToken()
    if (kind === SyntaxKind.CloseBraceToken && templates.at(-1) === braces) kind = scanner.reScanTemplateToken(false)
    if (kind === SyntaxKind.TemplateHead) templates.push(braces)
    else if (kind === SyntaxKind.TemplateTail) templates.pop()
    else if (kind === SyntaxKind.OpenBraceToken) braces++
    else if (kind === SyntaxKind.CloseBraceToken) braces--
    const token = scanner.getTokenText()
    const follows =
      kind === SyntaxKind.SingleLineCommentTrivia && /\/\/.*\n[ \t]*$/.test(text.slice(0, scanner.getTokenStart()))
    prose += follows
      ? `  ${proseOfText(token.slice(2))}`
      : proseOfToken(token, kind === SyntaxKind.RegularExpressionLiteral)
    if (!trivia.has(kind)) before = kind
  }
  return prose
}

function proseOfToken(token: string, isPattern = false): string {
  if (isPattern) return blank(token)
  if (token.startsWith('/*')) {
    const lines = token.replace(/^\/\*+|\*+\/$/g, blank).replace(/^[ \t]*\*/gm, blank)
    return proseOfMarkdown(parted(lines[0] ?? '') + lines.slice(1)).replace(/@param \w+|@\w+/g, parted)
  }
  if (token.startsWith('//')) return `${edge} ${proseOfText(token.slice(2))}`
  const [first = '', last = ''] = [token[0], token.at(-1)]
  if (token.length < 2 || !/['"`}]/.test(first)) return blank(token)
  const end = last === '{' ? '  ' : edge
  return (first === '}' ? 'x' : edge) + proseOfText(token.slice(1, -end.length)) + end
}

const proseOfText = (text: string) => text.replace(/`[^`\n]+`/g, word).replace(/\\n|<[^>]+>/g, parted)

function filesOf(place: string): string[] {
  if (!statSync(place).isDirectory()) return [place]
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .map((name) => join(place, name))
    .filter((name) => /\.([cm]?[jt]s|css|html|md)$/.test(name))
    .sort()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(fileURLToPath(new URL('..', import.meta.url)))
  const given = process.argv.slice(2)
  const files = (given.length > 0 ? given : places).flatMap(filesOf)
  const faults = files.flatMap((file) =>
    faultsOf(file, readFileSync(file, 'utf8')).map(({ line, text }) => `${file}:${line}: ${text}`),
  )
  console.log([...faults, `${faults.length} in ${files.length} files`].join('\n'))
  process.exitCode = faults.length > 0 ? 1 : 0
}
