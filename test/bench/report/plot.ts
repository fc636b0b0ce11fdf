import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drawing } from './drawing.ts'
import { describeRun, headings, type Line, linesOf } from './lines.ts'
import { type Results, readResults, resultsPath } from './results.ts'

const inDocs = (name: string) => fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url))
const imagePath = inDocs('images/speed.svg')
const pagePath = inDocs('speed.md')

const columns = ['id', 'what', 'measured', 'cpu', 'reach', 'reached', 'note'] as const
const [begin, end] = ['<!-- measured: npm run bench -- --plot -->', '<!-- /measured -->']

/** Draws what was measured, and puts it into the page: nothing there is written by hand. */
export function plot(results: Results): void {
  mkdirSync(dirname(imagePath), { recursive: true })
  writeFileSync(imagePath, drawing(results))
  const page = readFileSync(pagePath, 'utf8')
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`${pagePath} has no place for the figures: ${begin} … ${end}`)
  const image = '![Requests per second, as a multiple of the other’s](images/speed.svg)'
  const figures = `${begin}\n${describeRun(results)}\n\n${image}\n\n${markdown(linesOf(results))}\n`
  writeFileSync(pagePath, page.slice(0, from) + figures + page.slice(to))
  console.log(`Drawn and written: ${imagePath}, ${pagePath}`)
}

function markdown(lines: readonly Line[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const cellsOf = (line: Line) => columns.map((column) => line[column])
  return [row(cellsOf(headings)), row(columns.map(() => '---')), ...lines.map((line) => row(cellsOf(line)))].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(`From ${resultsPath}`)
  plot(readResults())
}
