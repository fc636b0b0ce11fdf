import { headings, type Line, linesOf } from './lines.ts'
import type { Results } from './results.ts'

const columns = ['id', 'what', 'measured', 'cpu', 'reach', 'reached'] as const

/** The one table, for the terminal; what has to be known of a line stands below it. */
export function table(results: Results): string {
  const lines = [headings, ...linesOf(results)]
  const widths = columns.map((column) => Math.max(...lines.map((line) => line[column].length)))
  const row = (line: Line) => columns.map((column, index) => line[column].padEnd(widths[index] ?? 0)).join('  ')
  const indent = ' '.repeat((widths[0] ?? 0) + 2)
  const text = lines.map((line) =>
    line.note && line !== headings ? `${row(line)}\n${indent}  ${line.note}` : row(line),
  )
  return text.map((one) => one.trimEnd()).join('\n')
}
