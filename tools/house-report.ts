/**
 * Prints what the house looks like: its size, the imports that break its order, and how long functions and files are.
 * `--write` also puts the figures into CONTRIBUTING.md.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast'
import { API } from 'typescript/unstable/sync'
import { circles, sources, textOf, upward } from '../test/support/house.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const named = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.Constructor,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
])
const functionValues = new Set([SyntaxKind.ArrowFunction, SyntaxKind.FunctionExpression])
const namesItsValue = new Set([
  SyntaxKind.VariableDeclaration,
  SyntaxKind.PropertyAssignment,
  SyntaxKind.PropertyDeclaration,
])

/** The lines of each function that has a name, without its comment. */
function functionLines(source: SourceFile): number[] {
  const lines: number[] = []
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line
  const visit = (node: Node): void => {
    if (named.has(node.kind) || (functionValues.has(node.kind) && namesItsValue.has(node.parent.kind))) {
      lines.push(lineOf(node.getEnd()) - lineOf(node.getStart(source)) + 1)
    }
    node.forEachChild(visit)
  }
  visit(source)
  return lines
}

function allFunctionLines(): number[] {
  const api = new API({ cwd: root })
  try {
    const config = join(root, 'tsconfig.json')
    const program = api.updateSnapshot({ openProjects: [config] }).getProject(config)?.program
    return sources()
      .flatMap((file) => {
        const source = program?.getSourceFile(join(root, 'lib', file))
        return source ? functionLines(source) : []
      })
      .sort((one, other) => one - other)
  } finally {
    api.close()
  }
}

const fileLines = sources().map((file) => textOf(file).split('\n').length - 1)
const functions = allFunctionLines()
const share = (part: number) => functions[Math.floor(functions.length * part)]
const found = {
  circles: circles().map((files) => files.join(' ')),
  upward: upward.map(({ file, target }) => `${file} -> ${target}`),
}

const figures = `files                     ${fileLines.length}
lines                     ${fileLines.reduce((sum, lines) => sum + lines)}
circles of imports        ${found.circles.length}
upward imports            ${found.upward.length}
named functions           ${functions.length}, of ${share(0.5)} lines at the median and ${share(0.9)} at the 90th percentile
files of up to 30 lines   ${Math.round((fileLines.filter((lines) => lines <= 30).length / fileLines.length) * 100)} %
`
process.stdout.write(figures)
for (const [name, list] of Object.entries(found)) {
  if (list.length > 0) process.stdout.write(`\n${name}\n  ${list.join('\n  ')}\n`)
}
if (process.argv.includes('--write')) {
  const page = join(root, 'CONTRIBUTING.md')
  const text = readFileSync(page, 'utf8')
  writeFileSync(
    page,
    text.replace(/(?<=```text\n)files {2}[^`]*/, () => figures),
  )
}
