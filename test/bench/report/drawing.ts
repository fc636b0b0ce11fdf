import type { Comparison } from '../compare.ts'
import { describeRun } from './lines.ts'
import { type Results, withLimits } from './results.ts'

/** In SVG's units, which are pixels at the size at which a README shows it. */
const width = 860
const labelWidth = 430
const rightMargin = 70
const barHeight = 16
const rowHeight = 38
const top = 64
const bottom = 40

const style = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .small { font-size: 11px; fill: #57606a }
  .title { font-size: 15px; font-weight: 600 }
  .bar { fill: #6f42c1 }
  .range { stroke: #24292f; stroke-width: 1.5 }
  .reach { stroke: #d29922; stroke-width: 2; stroke-dasharray: 3 2 }
  .limit { stroke: #cf222e; stroke-width: 2 }
  .axis { stroke: #d0d7de }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #9198a1 } .bar { fill: #a371f7 } .range { stroke: #e6edf3 } .axis { stroke: #3d444d }
  }`

/** A bar for each row of the table: requests per second of A over B, with the range of all pairs, and what was to be reached. */
export function drawing(results: Results): string {
  const { comparisons } = results
  const rows = withLimits(results)
  const height = top + rows.length * rowHeight + bottom
  const most = Math.max(1, ...comparisons.flatMap(({ throughput, reach }) => [throughput.max, reach]))
  const x = (ratio: number) => labelWidth + (ratio / most) * (width - labelWidth - rightMargin)
  const axisBottom = height - bottom
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>Requests per second of express-doku-ovo over those of what each row names</title>
<style>${style}</style>
<text class="title" x="8" y="22">Requests per second, as a multiple of the other’s</text>
<text class="small" x="8" y="42">bar: median, line: lowest to highest pair, dashes: what was to be reached, red: what can be reached at most</text>
<line class="axis" x1="${x(1)}" y1="${top - 8}" x2="${x(1)}" y2="${axisBottom}"/>
<text class="small" x="${x(1)}" y="${top - 12}" text-anchor="middle">1</text>
${rows.map(({ row, limit }, index) => barOf(row, limit, top + index * rowHeight, x)).join('\n')}
<text class="small" x="8" y="${height - 14}">${escaped(describeRun(results))}</text>
</svg>
`
}

function barOf(
  { what, b, throughput, reach }: Comparison,
  limit: Comparison | undefined,
  y: number,
  x: (ratio: number) => number,
): string {
  const { median, min, max } = throughput
  const middle = y + barHeight / 2
  const most = limit?.throughput.median
  const mark = (name: string, ratio: number) =>
    `<line class="${name}" x1="${x(ratio)}" y1="${y - 4}" x2="${x(ratio)}" y2="${y + barHeight + 4}"/>`
  return `<text x="8" y="${y + 7}">${escaped(what)}</text>
<text class="small" x="8" y="${y + 22}">against: ${escaped(b.name)}</text>
<rect class="bar" x="${x(0)}" y="${y}" width="${x(median) - x(0)}" height="${barHeight}" rx="2"/>
<line class="range" x1="${x(min)}" y1="${middle}" x2="${x(max)}" y2="${middle}"/>
${mark('reach', reach)}${most === undefined ? '' : mark('limit', most)}
<text x="${Math.max(x(max), x(reach), x(most ?? 0)) + 8}" y="${middle + 5}">${median.toFixed(2)}</text>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
