import fc from 'fast-check'
import { prototypeState, type Reader } from './bodies.ts'

/** No input may keep the process busy for longer, in ms of its CPU. */
const mostCpuMs = 50
/** A busy machine and the garbage collector have their share: what seems slow is measured again. */
const measurements = 5

async function cpuMsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** The least of several measurements. */
async function surelyCpuMs(work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let count = 0; count < measurements; count++) least = Math.min(least, await cpuMsOf(work))
  return least
}

/** What the reader did wrong with this input. */
async function judge<T>(
  { read }: Reader<T>,
  input: T,
  report: { slowestMs: number },
  isTimed: boolean,
): Promise<string | undefined> {
  if (!isTimed) return read(input)
  let fault: string | undefined
  const once = async () => {
    fault = await read(input)
  }
  const first = await cpuMsOf(once)
  const spent = first > mostCpuMs / 2 ? await surelyCpuMs(once) : first
  report.slowestMs = Math.max(report.slowestMs, spent)
  return fault ?? (spent > mostCpuMs ? `it took ${spent} ms of CPU` : undefined)
}

export interface Reading {
  readonly runs: number
  readonly seed: number
  /** Whether an input that takes too long is a fault; not among other tests, which use the CPU too. */
  readonly isTimed?: boolean
}

/** Gives each reader the same so many seeded inputs. */
export async function readAll<T>(
  readers: readonly Reader<T>[],
  inputs: fc.Arbitrary<T>,
  { runs, seed, isTimed = false }: Reading,
) {
  const before = prototypeState()
  const report = { slowestMs: 0 }
  const property = fc.asyncProperty(inputs, async (input) => {
    for (const reader of readers) {
      const fault = await judge(reader, input, report, isTimed)
      if (fault !== undefined) throw new Error(`${reader.name}: ${fault}`)
      if (prototypeState() !== before) throw new Error(`${reader.name}: a prototype was changed`)
    }
  })
  const { counterexample, errorInstance } = await fc.check(property, { numRuns: runs, seed })
  return { ...report, faults: counterexample ? [`${String(errorInstance)} with ${shown(counterexample)}`] : [] }
}

function shown(input: unknown): string {
  const text = JSON.stringify(input, (_key, value) =>
    value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
  )
  return text.slice(0, 500)
}
