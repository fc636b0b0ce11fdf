import { execFileSync } from 'node:child_process'
import { compiled } from '../../support/compiled.ts'
import { spreadOf } from '../statistics.ts'
import type { Measure } from './figure.ts'

/** What `import` takes for the first time, in a new process that has Express already; in ms. */
const scriptFor = (names: readonly string[]) => `
await import('express')
const begun = performance.now()
for (const name of ${JSON.stringify(names)}) await import(name)
console.log(performance.now() - begun)`

/** What the package imports of others; it takes `jose` in parts. */
const dependencies = ['zod', 'undici', 'express-rate-limit', 'jose/jwt/verify', 'jose/jwe/compact/encrypt']

export const measureImport: Measure = async ({ pace }) => {
  const measure = (names: readonly string[]) => {
    const args = ['--input-type=module', '--eval', scriptFor(names)]
    const once = () => Number(execFileSync(process.execPath, args, { cwd: compiled('.'), encoding: 'utf8' }))
    return spreadOf(Array.from({ length: pace.isQuick ? 3 : 15 }, once)).median
  }
  return [
    { what: 'import of the package over Express, ms', value: measure(['express-doku-ovo']), atMost: 60 },
    { what: 'of that, its dependencies by themselves, ms', value: measure(dependencies) },
  ]
}
