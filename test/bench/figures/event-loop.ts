import type { Child } from '../child.ts'
import { paymentScenario, type Stage } from '../stage.ts'
import type { Measure } from './figure.ts'

const wantedCpu = 0.7

/** So few that the first stretch keeps nobody busy. */
const firstGuess = 200

interface Stretch {
  readonly cpu: number
  readonly p99Ms: number
}

/** How long the event loop is late, with payments coming evenly and so many that the process uses 70 % of a core. */
export const measureEventLoop: Measure = async (stage) => {
  const server = await stage.startServer('plugin')
  const { warmUpRequests, sliceSeconds } = stage.pace
  await stage.load([server], { ...paymentScenario, from: 0, amount: warmUpRequests })
  let used = warmUpRequests + 1_000
  let requestsPerSecond = firstGuess
  const next = async (seconds: number): Promise<Stretch> => {
    const stretch = await run(stage, server, { from: used, seconds, requestsPerSecond })
    used += Math.ceil(requestsPerSecond * seconds)
    return stretch
  }
  // The more there is, the less each one costs: it takes a few steps to get there.
  for (let attempt = 0; attempt < 4; attempt++) {
    requestsPerSecond = Math.round((requestsPerSecond * wantedCpu) / (await next(sliceSeconds)).cpu)
  }
  const last = await next(3 * sliceSeconds)
  await server.stop()
  return [
    {
      id: 'event-loop',
      what: 'Event-loop delay, 99th percentile',
      value: last.p99Ms,
      unit: 'ms',
      atMost: 20,
      note: `at ${(last.cpu * 100).toFixed(0)} % CPU, ${requestsPerSecond} payments/s`,
    },
  ]
}

interface Extent {
  readonly from: number
  readonly seconds: number
  readonly requestsPerSecond: number
}

async function run(stage: Stage, server: Child, extent: Extent): Promise<Stretch> {
  const micros = async () => (await server.ask('cpu')).micros ?? Number.NaN
  const before = await micros()
  await server.ask('watch-event-loop')
  const load = await stage.load([server], { ...paymentScenario, ...extent })
  const { p99Ms = Number.NaN } = await server.ask('event-loop')
  const spent = (await micros()) - before
  return { cpu: spent / 1e6 / load.seconds, p99Ms }
}
