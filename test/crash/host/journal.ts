import { appendFileSync, readFileSync } from 'node:fs'
import type { JournalLine } from './messages.ts'

/** One write at the file's end, which the kernel keeps whatever becomes of this process. */
export function append(file: string, line: JournalLine): void {
  appendFileSync(file, `${JSON.stringify(line)}\n`)
}

export function readJournal(file: string): JournalLine[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line))
}

export function linesOf<Type extends JournalLine['type']>(
  lines: readonly JournalLine[],
  type: Type,
): Extract<JournalLine, { type: Type }>[] {
  return lines.filter((line): line is Extract<JournalLine, { type: Type }> => line.type === type)
}
