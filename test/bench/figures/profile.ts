import { type Contender, rowsFor } from '../rows.ts'
import type { Stage } from '../stage.ts'
import type { Figure, Measure } from './figure.ts'

/** In microseconds per request, by part of the process. */
type Costs = Readonly<Record<string, number>>

/** Where the time of a payment goes, without the limiter: here, in the steps that show the limit, and in the hand-written route. */
export const measureProfile: Measure = async (stage) => {
  const rows = rowsFor(stage.pace).filter(({ id, limitOf }) => id === '1' || limitOf === '1')
  const [row] = rows
  if (!row) throw new Error('there is no row 1')
  const contenders = [...rows.map(({ a }) => a), row.b]
  const all: Costs[] = []
  for (const contender of contenders) all.push(await costsOf(stage, contender))
  const [ours = {}] = all
  const names = [...new Set(all.flatMap(Object.keys))].sort((one, other) => (ours[other] ?? 0) - (ours[one] ?? 0))
  const line = (what: string, pick: (costs: Costs) => number): Figure => {
    const [value = 0, ...others] = all.map(pick)
    const note = others.map((other, index) => `${contenders[index + 1]?.name}: ${other.toFixed(0)} us`).join('; ')
    return { id: 'profile', what, value: Math.round(value), unit: 'us', note }
  }
  const sum = (costs: Costs) => Object.values(costs).reduce((total, cost) => total + cost, 0)
  return [
    line('A payment in row 1, under the profiler', sum),
    ...names.map((name) => line(`of that, ${name}`, (costs) => costs[name] ?? 0)),
  ]
}

async function costsOf(stage: Stage, { main, limiter = true, scenario, expects }: Contender): Promise<Costs> {
  const server = await stage.startServer(main, { limiter })
  const { warmUpRequests: amount, sliceSeconds } = stage.pace
  const warmUp = await stage.load([server], { scenario, expects, from: 0, amount })
  await server.ask('watch-profile')
  const from = warmUp.requests + 1_000
  const load = await stage.load([server], { scenario, expects, from, seconds: 2 * sliceSeconds })
  const micros = await server.ask('profile')
  await server.stop()
  if (load.failures > 0) throw new Error(`profile: ${load.failures} requests failed`)
  return Object.fromEntries(Object.entries(micros).map(([name, value]) => [name, value / load.requests]))
}
