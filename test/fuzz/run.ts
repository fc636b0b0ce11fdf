import { parseArgs } from 'node:util'
import { forge } from './forgery.ts'

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

console.log(`seed ${seed} (replay: npm run test:fuzz -- --runs ${runs} --seed ${seed})`)
await forgery()
console.log(`  ${passing} passing`)
if (failing > 0) console.log(`  ${failing} failing`)
process.exitCode = failing > 0 ? 1 : 0
