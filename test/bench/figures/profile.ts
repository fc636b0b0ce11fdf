import { type Contender, rowsFor } from '../rows.ts'
import type { Stage } from '../stage.ts'
import type { Figure, Measure } from './figure.ts'

/** In microseconds per request, by part of the process. */
type Costs = Readonly<Record<string, number>>

/** Where the time of a payment goes, without the limiter: here, in the bare steps, and in the hand-written route. */
export const measureProfile: Measure = async (stage) => {
  const rows = rowsFor(stage.pace)
  const [row, limit] = [rows.find(({ id }) => id === '1'), rows.find(({ limitOf }) => limitOf === '1')]
  if (!row || !limit) throw new Error('there is no row 1')
  const ours = await costsOf(stage, row.a)
  const bare = await costsOf(stage, limit.a)
  const theirs = await costsOf(stage, row.b)
  const names = [...new Set([ours, bare, theirs].flatMap(Object.keys))]
  const of = (costs: Costs, name: string) => costs[name] ?? 0
  const sum = (costs: Costs) => Object.values(costs).reduce((total, cost) => total + cost, 0)
  const line = (what: string, value: number, others: readonly [number, number]): Figure => ({
    id: 'profile',
    what,
    value: Math.round(value),
    unit: 'us',
    note: `bare steps: ${others[0].toFixed(0)} us; hand-written: ${others[1].toFixed(0)} us`,
  })
  return [
    line('A payment in row 1, under the profiler', sum(ours), [sum(bare), sum(theirs)]),
    ...names
      .sort((one, other) => of(ours, other) - of(ours, one))
      .map((name) => line(`of that, ${name}`, of(ours, name), [of(bare, name), of(theirs, name)])),
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
