import type { Child } from './child.ts'
import { type Keeping, keepingFor } from './databases.ts'
import { Watch } from './machine.ts'
import { calmOnes, type Pair, pick, type Slice } from './pairs.ts'
import type { LoadResult } from './processes/messages.ts'
import type { Contender, Row } from './rows.ts'
import type { Stage } from './stage.ts'
import { type Spread, spreadOf } from './statistics.ts'

/** After so many times the wanted pairs no more are tried. */
const patience = 2

/** What a notification takes is far less than 1 / 12,000 of a CPU second: so many are there to be used up. */
const awaitingPerSecond = 12_000

/** One contender under load, for a few seconds. */
interface LoadSlice extends Slice {
  readonly requestsPerSecond: number
  readonly microsPerRequest: number
  readonly failures: number
}

interface Side {
  readonly name: string
  readonly requestsPerSecond: Spread
  readonly microsPerRequest: Spread
}

export interface Comparison {
  readonly id: string
  readonly what: string
  readonly reach: number
  readonly limitOf?: string
  readonly note?: string
  readonly a: Side
  readonly b: Side
  /** A's requests per second over B's. */
  readonly throughput: Spread
  /** B's CPU microseconds per request over A's: above 1, A needs less. */
  readonly cpu: Spread
  /** Anything but the right answer, on both sides; has to be 0. */
  readonly failures: number
  readonly pairs: number
  /** Pairs that were dropped, because others used the machine meanwhile. */
  readonly dropped: number
  /** Others used it all the time, and nothing was dropped. */
  readonly isDisturbed: boolean
  readonly reached: boolean
}

/** Runs A-B-B-A blocks, each with new processes, until there are enough undisturbed pairs. */
export async function compare(row: Row, stage: Stage, say: (text: string) => void): Promise<Comparison> {
  const keepings = { a: await keepingFor(row.a, stage), b: await keepingFor(row.b, stage) }
  const pairs: Pair<LoadSlice>[] = []
  const calm = () => calmOnes(pairs).length
  try {
    while (calm() < stage.pace.pairs && pairs.length < patience * stage.pace.pairs) {
      pairs.push(...(await runBlock(row, keepings, stage)))
      say(`row ${row.id}: ${calm()} of ${stage.pace.pairs} pairs, ${pairs.length - calm()} disturbed`)
    }
  } finally {
    await keepings.a.stop()
    await keepings.b.stop()
  }
  return summarise(row, pairs)
}

async function runBlock({ a, b }: Row, keepings: { a: Keeping; b: Keeping }, stage: Stage): Promise<Pair<LoadSlice>[]> {
  const [one, other] = [new Running(a, stage), new Running(b, stage)]
  try {
    await one.start(await keepings.a.prepare())
    await other.start(await keepings.b.prepare())
    const bearer = a.usesAwaiting ? await one.fetchBearer() : ''
    const { warmUpRequests: amount, sliceSeconds: seconds } = stage.pace
    for (const running of [one, other]) await running.slice({ amount }, bearer)
    const slices: LoadSlice[] = []
    for (const running of [one, other, other, one]) slices.push(await running.slice({ seconds }, bearer))
    const [first, second, third, fourth] = slices as [LoadSlice, LoadSlice, LoadSlice, LoadSlice]
    return [
      { a: first, b: second },
      { a: fourth, b: third },
    ]
  } finally {
    await one.stop()
    await other.stop()
    await keepings.a.tidy()
    await keepings.b.tidy()
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

  async slice(extent: { seconds: number } | { amount: number }, bearer: string): Promise<LoadSlice> {
    const { scenario, expects } = this.#contender
    const before = await this.#micros()
    const watch = new Watch()
    const load = await this.#stage.load(this.#servers, { scenario, expects, from: this.#used, ...extent }, bearer)
    const isCalm = watch.isCalm()
    const micros = (await this.#micros()) - before
    this.#count(load)
    return {
      requestsPerSecond: load.requests / load.seconds,
      microsPerRequest: micros / load.requests,
      failures: load.failures,
      isCalm,
    }
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) await server.stop()
  }

  async #micros(): Promise<number> {
    const figures = await Promise.all(this.#servers.map((server) => server.ask('cpu')))
    return figures.reduce((sum, { micros = 0 }) => sum + micros, 0)
  }

  /** Also what was sent and not answered when the load ended is used up. */
  #count({ requests }: LoadResult): void {
    this.#used += requests + 1_000
    if (this.#awaiting > 0 && this.#used > this.#awaiting) throw new Error('there were not enough waiting payments')
  }
}

function summarise({ id, what, reach, limitOf, note, a, b }: Row, pairs: readonly Pair<LoadSlice>[]): Comparison {
  const { used, dropped, isDisturbed } = pick(pairs)
  const side = (name: string, slices: readonly LoadSlice[]): Side => ({
    name,
    requestsPerSecond: spreadOf(slices.map((slice) => slice.requestsPerSecond)),
    microsPerRequest: spreadOf(slices.map((slice) => slice.microsPerRequest)),
  })
  const throughput = spreadOf(used.map((pair) => pair.a.requestsPerSecond / pair.b.requestsPerSecond))
  const failures = pairs.reduce((sum, pair) => sum + pair.a.failures + pair.b.failures, 0)
  return {
    id,
    what,
    reach,
    ...(limitOf !== undefined && { limitOf }),
    ...(note !== undefined && { note }),
    a: side(
      a.name,
      used.map((pair) => pair.a),
    ),
    b: side(
      b.name,
      used.map((pair) => pair.b),
    ),
    throughput,
    cpu: spreadOf(used.map((pair) => pair.b.microsPerRequest / pair.a.microsPerRequest)),
    failures,
    pairs: used.length,
    dropped,
    isDisturbed,
    // Above 1 for certain, where more than that is to be reached.
    reached: failures === 0 && throughput.median >= reach && (reach <= 1 || throughput.min > 1),
  }
}
