import { readdirSync } from 'node:fs'
import { join, sep } from 'node:path'

/** What `npm pack --json` says. */
export interface Packed {
  readonly filename: string
  /** Of the tarball, in bytes. */
  readonly size: number
  readonly files: readonly { readonly path: string }[]
}

/** Of the tarball, in bytes: it is downloaded by every build of every host. */
const maxBytes = 350_000

/** Beside the compiled code. */
const others = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'SECURITY.md',
  'compose.yaml',
  'dist/openapi.json',
  'package.json',
]

/**
 * The package holds each file of `lib/`, compiled, the declarations that an entry point leads to, and what is named above: no
 * test, no example, no source.
 * @throws Error saying what is missing, and what is too much
 */
export function checkContents(root: string, { size, files }: Packed): void {
  const actual = files.map(({ path }) => path)
  const sources = sourcesOf(root)
  const expected = [...others, ...sources.map((name) => `dist/${name}.js`)]
  const allowed = new Set([...expected, ...sources.map((name) => `dist/${name}.d.ts`)])
  const problems = [
    ...expected.filter((path) => !actual.includes(path)).map((path) => `${path} is missing`),
    ...actual.filter((path) => !allowed.has(path)).map((path) => `${path} does not belong there`),
    ...(size < maxBytes ? [] : [`it has ${size} bytes; fewer than ${maxBytes} are promised`]),
  ]
  if (problems.length > 0) throw new Error(`The tarball is not what it should be:\n${problems.join('\n')}`)
}

/** The files of `lib/`, without their ending. */
function sourcesOf(root: string): string[] {
  return readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.split(sep).join('/').replace(/\.ts$/, ''))
}
