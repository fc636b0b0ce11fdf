// Part of the build: removes the declarations that no entry point leads to. They are a tenth of the package, and of no use to anybody.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { types: string }>
}

/** The declarations that this one imports from beside it. */
function importsOf(path: string): string[] {
  const specifiers = readFileSync(path, 'utf8').matchAll(/(?:\bfrom |\bimport\()["'](\.[^"']+)["']/g)
  return [...specifiers].map(([, target = '']) => join(dirname(path), target.replace(/\.[jt]s$/, '.d.ts')))
}

function reachableFrom(entries: readonly string[]): Set<string> {
  const reached = new Set(entries)
  // A set that grows while it is walked is walked to its end.
  for (const path of reached) for (const target of importsOf(path)) reached.add(target)
  return reached
}

const entries = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : [join(root, entry.types)]))
const reachable = reachableFrom(entries)
for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  const path = join(dist, name)
  if (name.endsWith('.d.ts') && !reachable.has(path)) rmSync(path)
}
