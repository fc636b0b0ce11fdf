import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drawing } from './drawing.ts'
import { describeRun, headings, type Line, linesOf } from './lines.ts'
import { type Results, readResults, resultsPath, withLimits } from './results.ts'

const inRepository = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url))
const imagePath = inRepository('docs/images/speed.svg')
const pagePath = inRepository('docs/speed.md')
const readmePath = inRepository('README.md')

const columns = ['id', 'what', 'measured', 'cpu', 'reach', 'reached', 'note'] as const
/** What stands between these is written over. */
const [begin, end] = ['<!-- measured: npm run bench -- --plot -->', '<!-- /measured -->']

/** Draws what was measured, and puts it into the page and the README: nothing there is written by hand. */
export function plot(results: Results): void {
  mkdirSync(dirname(imagePath), { recursive: true })
  writeFileSync(imagePath, drawing(results))
  const image = (address: string) => `![Requests per second, as a multiple of the other’s](${address})`
  const cellsOf = (line: Line) => columns.map((column) => line[column])
  const all = table([headings, ...linesOf(results)].map(cellsOf))
  putInto(pagePath, [describeRun(results), image('images/speed.svg'), all])
  putInto(readmePath, [image('docs/images/speed.svg'), ratios(results), describeRun(results)])
  console.log(`Drawn and written: ${imagePath}, ${pagePath}, ${readmePath}`)
}

function putInto(path: string, paragraphs: readonly string[]): void {
  const page = readFileSync(path, 'utf8')
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`${path} has no place for the figures: ${begin} … ${end}`)
  writeFileSync(path, `${page.slice(0, from) + [begin, ...paragraphs].join('\n\n')}\n\n${page.slice(to)}`)
}

/** For who wants to know how much, and no more. */
function ratios(results: Results): string {
  const titles = ['this package', 'against', 'requests/s', 'at most']
  const rows = withLimits(results).map(({ row: { what, b, throughput }, limit }) => {
    const spread = `**${throughput.median.toFixed(2)}** [${throughput.min.toFixed(2)}-${throughput.max.toFixed(2)}]`
    return [what, b.name, spread, limit?.throughput.median.toFixed(2) ?? '']
  })
  return table([titles, ...rows])
}

function table([titles = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [titles, titles.map(() => '---'), ...rows].map(line).join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(`From ${resultsPath}`)
  plot(readResults())
}
