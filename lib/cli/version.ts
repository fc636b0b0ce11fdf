import { readFileSync } from 'node:fs'

/** As package.json has it, which is two folders up from here, compiled or not. */
export function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return String(version)
}
