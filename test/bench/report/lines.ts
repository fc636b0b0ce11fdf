import type { Comparison } from '../compare.ts'
import { type Figure, isReached } from '../figures/figure.ts'
import { describePairs } from '../pairs.ts'
import type { Spread } from '../statistics.ts'
import type { Results } from './results.ts'

/** One line of the table, for the terminal and for the page alike. */
export interface Line {
  readonly id: string
  readonly what: string
  readonly measured: string
  readonly cpu: string
  readonly reach: string
  readonly reached: string
  readonly note: string
}

export const headings: Line = {
  id: '#',
  what: 'what',
  measured: 'measured',
  cpu: 'by CPU',
  reach: 'to reach',
  reached: '',
  note: 'how to read it',
}

const spread = ({ median, min, max }: Spread) => `${median.toFixed(2)} [${min.toFixed(2)}-${max.toFixed(2)}]`

function lineOfComparison(row: Comparison): Line {
  const { id, what, a, b, throughput, cpu, reach, reached, failures, note } = row
  const costs = `${a.microsPerRequest.median.toFixed(0)} us against ${b.microsPerRequest.median.toFixed(0)} us`
  const pairs = describePairs(row.pairs, row.dropped, row.isDisturbed)
  return {
    id,
    what: `${what}, against ${b.name}`,
    measured: spread(throughput),
    cpu: spread(cpu),
    reach: `>= ${reach.toFixed(2)}`,
    reached: reached ? 'yes' : 'no',
    note: [`${costs}; ${pairs}; ${failures} not 2xx or wrong`, note].filter(Boolean).join('; '),
  }
}

function lineOfFigure(figure: Figure): Line {
  const { id, what, value, unit, atMost, note = '' } = figure
  const written = (number: number) => `${Number(number.toFixed(2))} ${unit}`.trim()
  return {
    id,
    what,
    measured: written(value),
    cpu: '',
    reach: atMost === undefined ? '' : `<= ${written(atMost)}`,
    reached: atMost === undefined ? '' : isReached(figure) ? 'yes' : 'no',
    note,
  }
}

export function linesOf({ comparisons, figures }: Results): Line[] {
  return [...comparisons.map(lineOfComparison), ...figures.map(lineOfFigure)]
}

export function describeRun({ machine, finishedAt, isQuick, leftOut, again = [] }: Results): string {
  const quick = isQuick ? ' A quick run: its figures say little.' : ''
  const missing = leftOut.length > 0 ? ` Left out: ${leftOut.join(', ')}.` : ''
  const later = again.length > 0 ? ` Measured again, by themselves: ${again.join(', ')}.` : ''
  return `Node ${machine.node}, ${machine.cores} cores (${machine.processor}), ${finishedAt.slice(0, 10)}.${quick}${missing}${later}`
}
