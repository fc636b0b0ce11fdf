import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const lib = fileURLToPath(new URL('../../lib', import.meta.url))

/**
 * The layers of lib, from the lowest: each part may import the rows above its own. `,`: the parts of a row may import each other.
 * `|`: they never do.
 */
const layers = [
  'primitives',
  'errors.ts, telemetry.ts, redaction.ts, warnings.ts',
  'model',
  'doku | storage',
  'records',
  'flows',
  'routes',
  'options, service.ts',
  'plugin.ts',
  'index.ts',
  'cli',
].map((row) => row.split(/(?:, | \| )/).map((part) => ({ part, isClosed: row.includes(' | ') })))

/** The parts beside the layers: all that each one imports, and all that import it. */
const beside: Readonly<
  Record<string, { readonly imports: readonly string[]; readonly importedBy: readonly string[] }>
> = {
  simulator: { imports: ['primitives'], importedBy: ['cli'] },
  desk: { imports: ['primitives', 'errors.ts', 'model', 'service.ts'], importedBy: ['plugin.ts'] },
  client: { imports: ['primitives', 'errors.ts', 'model', 'service.ts'], importedBy: [] },
}

export interface Import {
  readonly file: string
  /** A file, as a path from lib, or a package. */
  readonly target: string
  /** It waits until it is needed. */
  readonly isDynamic: boolean
}

export function sources(): string[] {
  return readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.split(sep).join('/'))
}

export const textOf = (file: string): string => readFileSync(join(lib, file), 'utf8')

/** The examples in doc comments import, too. */
const withoutComments = (text: string) => text.replace(/^ *\/\*\*[\s\S]*?\*\//gm, '')

const importPattern = /(?:^(?:import|export)\b[^'"]*?\bfrom\s+|^import |\bimport\()'([^']+)'/gm

/** Those of types, and those that wait, are imports too. */
export const imports: readonly Import[] = sources().flatMap((file) =>
  [...withoutComments(textOf(file)).matchAll(importPattern)].map(([statement, target = '']) => ({
    file,
    isDynamic: statement.startsWith('import('),
    target: target.startsWith('.')
      ? relative(lib, join(lib, dirname(file), target))
          .split(sep)
          .join('/')
      : target,
  })),
)

export const isOurs = ({ target }: Import): boolean => target.endsWith('.ts')

/** A folder of lib or a file that stands in none. */
const partOf = (file: string): string => file.split('/')[0] ?? file

export function hasPlace(file: string): boolean {
  const part = partOf(file)
  return part in beside || rowOf(part) >= 0
}

const rowOf = (part: string) => layers.findIndex((row) => row.some((each) => each.part === part))

function mayImport(from: string, to: string): boolean {
  if (from === to) return true
  if (from in beside || to in beside) {
    return (beside[from]?.imports.includes(to) ?? false) || (beside[to]?.importedBy.includes(from) ?? false)
  }
  const [own, other] = [rowOf(from), rowOf(to)]
  return other >= 0 && (other < own || (other === own && !layers[own]?.some(({ isClosed }) => isClosed)))
}

/** The imports against the order of the layers. */
export const upward: readonly Import[] = imports.filter(
  (each) => isOurs(each) && !mayImport(partOf(each.file), partOf(each.target)),
)

/** The circles of imports: groups of files that all lead to each other. */
export function circles(): string[][] {
  const reachableFrom = (start: string): Set<string> => {
    const reached = new Set<string>()
    const next = [start]
    for (let file = next.pop(); file !== undefined; file = next.pop()) {
      for (const { target } of imports.filter((each) => each.file === file && isOurs(each))) {
        if (!reached.has(target)) next.push(target)
        reached.add(target)
      }
    }
    return reached
  }
  const reachable = new Map(sources().map((file) => [file, reachableFrom(file)]))
  const found = new Map<string, string[]>()
  for (const [file, reached] of reachable) {
    if (!reached.has(file)) continue
    const circle = [...reached].filter((other) => reachable.get(other)?.has(file)).sort()
    found.set(circle.join(), circle)
  }
  return [...found.values()]
}

const builtIn = /^(Set|Map|BlockList|RegExp|TextDecoder|TextEncoder|Intl\.\w+)$/
const change = String.raw`(?:\.(?:set|add|delete|clear|push|pop|shift|unshift|splice|sort|fill)\(|(?:\.\w+|\[[^\]]+\])+ [-+*/|&?]*= )`

/**
 * What a module keeps between two calls: a `let`, an object made with `new` unless it is a table or a pattern, and a table, an object
 * or an array that is changed. As `file name`.
 */
export function moduleState(): string[] {
  return sources().flatMap((file) => {
    const text = textOf(file)
    return [
      ...text.matchAll(/^(?:export )?(let|var|const) (\w+)(?=:| =|$)(?:[^=\n]* = (?:await )?(?:new ([\w.]+))?)?/gm),
    ]
      .filter(
        ([, keyword, name, made]) =>
          keyword !== 'const' || (made && !builtIn.test(made)) || new RegExp(`\\b${name}${change}`).test(text),
      )
      .map(([, , name]) => `${file} ${name}`)
  })
}
