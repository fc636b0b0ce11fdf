import type { Child } from '../child.ts'
import { rowsFor } from '../rows.ts'
import type { Stage } from '../stage.ts'
import { spreadOf } from '../statistics.ts'
import type { Measure } from './figure.ts'

const requestsPerSecond = 300

/** How much longer a payment takes than with the baseline of row 1, when neither is busy. */
export const measureLatency: Measure = async (stage) => {
  const row = rowsFor(stage.pace).find(({ id }) => id === '1')
  if (!row) throw new Error('there is no row 1')
  const [a, b] = [
    await stage.startServer(row.a.main, { limiter: row.a.limiter ?? true }),
    await stage.startServer(row.b.main),
  ]
  const used = new Map<Child, number>()
  const mean = async (server: Child, { scenario, expects }: typeof row.a): Promise<number> => {
    const from = used.get(server) ?? 0
    const seconds = stage.pace.sliceSeconds
    const load = await stage.load([server], { scenario, expects, from, seconds, requestsPerSecond })
    used.set(server, from + load.requests)
    if (load.failures > 0) throw new Error(`latency: ${load.failures} requests failed`)
    return load.meanLatencyMs ?? Number.NaN
  }
  await warmUp(stage, [a, row.a, b, row.b], used)
  const added: number[] = []
  for (let pair = 0; pair < stage.pace.pairs; pair += 2) {
    const [first, second] = [await mean(a, row.a), await mean(b, row.b)]
    const [third, fourth] = [await mean(b, row.b), await mean(a, row.a)]
    added.push(first - second, fourth - third)
  }
  await a.stop()
  await b.stop()
  const { median, min, max } = spreadOf(added)
  const note = `mean, over baseline 1; ${min.toFixed(2)} to ${max.toFixed(2)} ms`
  const what = `Latency added at ${requestsPerSecond} requests/s`
  return [{ id: 'latency', what, value: median, unit: 'ms', atMost: 0.5, note }]
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
