import { execFileSync } from 'node:child_process'
import { spreadOf } from '../statistics.ts'
import type { Measure } from './figure.ts'

/** What `import` takes for the first time, in a new process that has Express already. */
const script = `
await import('express')
const begun = performance.now()
await import('express-doku-ovo')
console.log(performance.now() - begun)`

const runs = 15

export const measureImport: Measure = async ({ folder, pace }) => {
  const once = () =>
    Number(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder, encoding: 'utf8' }))
  const { median, min, max } = spreadOf(Array.from({ length: pace.isQuick ? 3 : runs }, once))
  return [
    {
      id: 'import',
      what: 'Import of the package over Express alone',
      value: median,
      unit: 'ms',
      atMost: 60,
      note: `${min.toFixed(0)} to ${max.toFixed(0)} ms`,
    },
  ]
}
