import type { Child } from '../child.ts'
import { Watch } from '../machine.ts'
import { describePairs, type Pair, pick, type Slice } from '../pairs.ts'
import { rowsFor } from '../rows.ts'
import type { Stage } from '../stage.ts'
import { spreadOf } from '../statistics.ts'
import type { Figure, Measure } from './figure.ts'

const requestsPerSecond = 300

/** One contender under an even load, for a few seconds. */
interface LatencySlice extends Slice {
  readonly meanMs: number
}

/** How much longer a payment takes than with the baseline of row 1, when neither is busy. */
export const measureLatency: Measure = async (stage) => {
  const row = rowsFor(stage.pace).find(({ id }) => id === '1')
  if (!row) throw new Error('there is no row 1')
  const [a, b] = [
    await stage.startServer(row.a.main, { limiter: row.a.limiter ?? true }),
    await stage.startServer(row.b.main),
  ]
  const used = new Map<Child, number>()
  const slice = async (server: Child, { scenario, expects }: typeof row.a): Promise<LatencySlice> => {
    const from = used.get(server) ?? 0
    const seconds = stage.pace.sliceSeconds
    const watch = new Watch()
    const load = await stage.load([server], { scenario, expects, from, seconds, requestsPerSecond })
    const isCalm = watch.isCalm()
    used.set(server, from + load.requests)
    if (load.failures > 0) throw new Error(`latency: ${load.failures} requests failed`)
    return { meanMs: load.meanLatencyMs ?? Number.NaN, isCalm }
  }
  await warmUp(stage, [a, row.a, b, row.b], used)
  const pairs: Pair<LatencySlice>[] = []
  // Twice as many as a row has: one stall of the machine is much for a mean of thousandths of a second.
  while (pairs.length < 2 * stage.pace.pairs) {
    const [first, second] = [await slice(a, row.a), await slice(b, row.b)]
    const [third, fourth] = [await slice(b, row.b), await slice(a, row.a)]
    pairs.push({ a: first, b: second }, { a: fourth, b: third })
  }
  await a.stop()
  await b.stop()
  return [summarise(pairs)]
}

function summarise(pairs: readonly Pair<LatencySlice>[]): Figure {
  const { used, dropped, isDisturbed } = pick(pairs)
  const added = spreadOf(used.map(({ a, b }) => a.meanMs - b.meanMs))
  const ours = spreadOf(used.map(({ a }) => a.meanMs)).median.toFixed(2)
  const baseline = spreadOf(used.map(({ b }) => b.meanMs)).median.toFixed(2)
  const range = `${added.min.toFixed(2)} to ${added.max.toFixed(2)} ms`
  return {
    id: 'latency',
    what: `Latency added at ${requestsPerSecond} requests/s`,
    value: added.median,
    unit: 'ms',
    atMost: 0.5,
    note: `mean, ${ours} ms against ${baseline} ms of baseline 1; ${range} in ${describePairs(used.length, dropped, isDisturbed)}`,
  }
}

type Row = ReturnType<typeof rowsFor>[number]

async function warmUp(
  stage: Stage,
  [a, contenderA, b, contenderB]: [Child, Row['a'], Child, Row['b']],
  used: Map<Child, number>,
): Promise<void> {
  const amount = stage.pace.warmUpRequests
  for (const [server, { scenario, expects }] of [
    [a, contenderA],
    [b, contenderB],
  ] as const) {
    await stage.load([server], { scenario, expects, from: 0, amount })
    used.set(server, amount + 1_000)
  }
}
