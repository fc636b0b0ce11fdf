import { mkdirSync, mkdtempSync } from 'node:fs'
import { compiled } from '../../support/compiled.ts'

/** An empty folder below the compiled package: what is in it can import `express-doku-ovo` as a host does. */
export function workFolder(): string {
  const parent = compiled('work')
  mkdirSync(parent, { recursive: true })
  return mkdtempSync(`${parent}/at-`)
}
