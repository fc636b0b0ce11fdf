import { parseArgs } from 'node:util'
import type fc from 'fast-check'
import { bodyReaders, type Reader, textReaders } from './bodies.ts'
import { forge } from './forgery.ts'
import { hostileBody, hostileText } from './hostile.ts'
import { readAll } from './read-all.ts'

/** `npm run test:fuzz -- --runs 1000000 --seed 7`: how many inputs each check gets, and which. */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
  },
})
const runs = Number(values.runs)
const seed = Number(values.seed)

let passing = 0
let failing = 0

function report(name: string, figures: string, faults: readonly string[], startedAt: number): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${faults.length === 0 ? 'held' : 'BROKEN'}: ${name}: ${figures}, ${seconds} s`)
  for (const fault of faults) console.log(`  ${fault}`)
  if (faults.length === 0) passing++
  else failing++
}

async function forgery(): Promise<void> {
  const startedAt = performance.now()
  const { forged, genuine, tricks, breaches } = await forge(runs, seed)
  const figures = `${forged} forged requests (${tricks.size} tricks), ${genuine} genuine ones among them`
  report('nothing that is not DOKU’s gets in', figures, breaches, startedAt)
}

async function reading<T>(readers: readonly Reader<T>[], inputs: fc.Arbitrary<T>): Promise<void> {
  const startedAt = performance.now()
  const { faults, slowestMs } = await readAll(readers, inputs, { runs, seed, isTimed: true })
  const names = readers.map(({ name }) => name).join('; ')
  const figures = `${runs} inputs each, at most ${slowestMs.toFixed(1)} ms of CPU`
  report(`nothing crashes, changes or stops ${names}`, figures, faults, startedAt)
}

console.log(`seed ${seed} (replay: npm run test:fuzz -- --runs ${runs} --seed ${seed})`)
await forgery()
await reading(await bodyReaders(), hostileBody)
await reading(await textReaders(), hostileText)
console.log(`  ${passing} passing`)
if (failing > 0) console.log(`  ${failing} failing`)
process.exitCode = failing > 0 ? 1 : 0
