import type { Figures } from './engine/journal.ts'

export function addFigures(sum: Figures, more: Figures): void {
  for (const [name, value] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + value
}

/** One line per figure, in the order of the alphabet. */
export function showFigures(figures: Figures): string {
  const lines = Object.entries(figures).sort(([one], [other]) => (one < other ? -1 : 1))
  return lines.map(([name, value]) => `  ${name.padEnd(28)} ${value}`).join('\n')
}
