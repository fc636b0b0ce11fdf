import { execFileSync } from 'node:child_process'
import { spreadOf } from '../statistics.ts'
import type { Measure } from './figure.ts'

/** What `import` takes for the first time, in a new process that has Express already. */
const scriptFor = (names: readonly string[]) => `
await import('express')
const begun = performance.now()
for (const name of ${JSON.stringify(names)}) await import(name)
console.log(performance.now() - begun)`

/** What the package imports of others; it takes `jose` in parts. */
const dependencies = ['zod', 'undici', 'express-rate-limit', 'jose/jwt/verify', 'jose/jwe/compact/encrypt']

const runs = 15

export const measureImport: Measure = async ({ folder, pace }) => {
  const measure = (names: readonly string[]) => {
    const args = ['--input-type=module', '--eval', scriptFor(names)]
    const once = () => Number(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }))
    return spreadOf(Array.from({ length: pace.isQuick ? 3 : runs }, once))
  }
  const { median, min, max } = measure(['express-doku-ovo'])
  const others = measure(dependencies)
  return [
    {
      id: 'import',
      what: 'Import of the package over Express alone',
      value: median,
      unit: 'ms',
      atMost: 60,
      note: `${min.toFixed(0)} to ${max.toFixed(0)} ms`,
    },
    {
      id: 'import',
      what: 'of that, zod, undici, express-rate-limit and jose by themselves',
      value: others.median,
      unit: 'ms',
      note: `${others.min.toFixed(0)} to ${others.max.toFixed(0)} ms; the limit of the line above`,
    },
  ]
}
