import type { Child } from './child.ts'
import { type Keeping, keepingFor } from './databases.ts'
import type { Contender, Row } from './rows.ts'
import type { Stage } from './stage.ts'
import { type Spread, spreadOf } from './statistics.ts'

/** What a notification takes is far less than 1 / 12,000 of a CPU second: so many are there to be used up. */
const awaitingPerSecond = 12_000

/** One contender under load, for a few seconds. */
interface Slice {
  readonly requestsPerSecond: number
  readonly microsPerRequest: number
  readonly failures: number
}

/** Neighbours in time: one slice of each contender. */
type Pair = readonly [a: Slice, b: Slice]

export interface Comparison {
  readonly id: string
  /** B's CPU microseconds per request over A's: above 1, A needs less. Other programs hardly change it. */
  readonly cpu: Spread
  /** A's requests per second over B's. */
  readonly throughput: Spread
  readonly microsPerRequest: readonly [a: number, b: number]
  /** Anything but the right answer, on both sides; has to be 0. */
  readonly failures: number
}

/** Runs A-B-B-A blocks, each with new processes, until there are enough pairs. */
export async function compare(row: Row, stage: Stage): Promise<Comparison> {
  const keepings = [await keepingFor(row.a, stage), await keepingFor(row.b, stage)] as const
  const pairs: Pair[] = []
  try {
    while (pairs.length < stage.pace.pairs) pairs.push(...(await runBlock(row, keepings, stage)))
  } finally {
    for (const keeping of keepings) await keeping.stop()
  }
  const ratios = (of: (pair: Pair) => number) => spreadOf(pairs.map(of))
  return {
    id: row.id,
    cpu: ratios(([a, b]) => b.microsPerRequest / a.microsPerRequest),
    throughput: ratios(([a, b]) => a.requestsPerSecond / b.requestsPerSecond),
    microsPerRequest: [ratios(([a]) => a.microsPerRequest).median, ratios(([, b]) => b.microsPerRequest).median],
    failures: pairs.reduce((sum, [a, b]) => sum + a.failures + b.failures, 0),
  }
}

async function runBlock({ a, b }: Row, keepings: readonly [Keeping, Keeping], stage: Stage): Promise<Pair[]> {
  const [one, other] = [new Running(a, stage), new Running(b, stage)]
  try {
    await one.start(await keepings[0].prepare())
    await other.start(await keepings[1].prepare())
    const bearer = a.usesAwaiting ? await one.fetchBearer() : ''
    const { warmUpRequests: amount, sliceSeconds: seconds } = stage.pace
    for (const running of [one, other]) await running.slice({ amount }, bearer)
    const slice = (running: Running) => running.slice({ seconds }, bearer)
    const [first, second, third, fourth] = [await slice(one), await slice(other), await slice(other), await slice(one)]
    return [
      [first, second],
      [fourth, third],
    ]
  } finally {
    for (const running of [one, other]) await running.stop()
    for (const keeping of keepings) await keeping.tidy()
  }
}

/** A contender's processes, for one block. */
class Running {
  readonly #contender: Contender
  readonly #stage: Stage
  readonly #awaiting: number
  readonly #servers: Child[] = []
  #used = 0

  constructor(contender: Contender, stage: Stage) {
    const { warmUpRequests, sliceSeconds } = stage.pace
    this.#contender = contender
    this.#stage = stage
    this.#awaiting = contender.usesAwaiting ? warmUpRequests + awaitingPerSecond * 2 * sliceSeconds : 0
  }

  async start(database: Awaited<ReturnType<Keeping['prepare']>>): Promise<void> {
    const { main, limiter = true, processes = 1 } = this.#contender
    for (let started = 0; started < processes; started++) {
      this.#servers.push(await this.#stage.startServer(main, { limiter, awaiting: this.#awaiting, database }))
    }
  }

  fetchBearer(): Promise<string> {
    return this.#stage.fetchBearer(this.#servers[0] as Child)
  }

  async slice(extent: { seconds: number } | { amount: number }, bearer: string): Promise<Slice> {
    const { scenario, expects } = this.#contender
    const before = await this.#micros()
    const load = await this.#stage.load(this.#servers, { scenario, expects, from: this.#used, ...extent }, bearer)
    const micros = (await this.#micros()) - before
    // Also what was sent and not answered when the load ended is used up.
    this.#used += load.requests + 1_000
    if (this.#awaiting > 0 && this.#used > this.#awaiting) throw new Error('there were not enough waiting payments')
    return {
      requestsPerSecond: load.requests / load.seconds,
      microsPerRequest: micros / load.requests,
      failures: load.failures,
    }
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) await server.stop()
  }

  async #micros(): Promise<number> {
    const figures = await Promise.all(this.#servers.map((server) => server.ask('cpu')))
    return figures.reduce((sum, { micros = 0 }) => sum + micros, 0)
  }
}
