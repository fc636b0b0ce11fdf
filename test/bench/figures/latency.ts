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
  const a = await start(stage, row.a)
  const b = await start(stage, row.b)
  const pairs: [a: number, b: number][] = []
  while (pairs.length < 2 * stage.pace.pairs) {
    const [first, second, third, fourth] = [await a.meanMs(), await b.meanMs(), await b.meanMs(), await a.meanMs()]
    pairs.push([first, second], [fourth, third])
  }
  for (const { server } of [a, b]) await server.stop()
  const ratio = spreadOf(pairs.map(([one, other]) => one / other)).median
  const added = spreadOf(pairs.map(([one, other]) => one - other)).median
  return [
    { what: `latency at ${requestsPerSecond} requests/s, over row 1's baseline, ms`, value: added, atMost: 0.5 },
    { what: 'the same as a ratio', value: ratio },
  ]
}

/** A server that is warm, and the mean latency of each of its slices. */
async function start(
  stage: Stage,
  { main, limiter = true, scenario, expects }: ReturnType<typeof rowsFor>[number]['a'],
) {
  const { warmUpRequests: amount, sliceSeconds: seconds } = stage.pace
  const server: Child = await stage.startServer(main, { limiter })
  await stage.load([server], { scenario, expects, from: 0, amount })
  let from = amount + 1_000
  return {
    server,
    async meanMs(): Promise<number> {
      const load = await stage.load([server], { scenario, expects, from, seconds, requestsPerSecond })
      from += load.requests
      if (load.failures > 0) throw new Error(`latency: ${load.failures} requests failed`)
      return load.meanLatencyMs ?? Number.NaN
    },
  }
}
