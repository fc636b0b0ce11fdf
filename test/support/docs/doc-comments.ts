import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './markdown.ts'

/** The code below one `@example`. */
export interface Example {
  /** `dokuOvo`, or `DokuOvoService.pay` for a member. */
  readonly symbol: string
  readonly code: string
}

const lib = join(root, 'lib')
const declaration = String.raw`(?:export (?:async )?(?:function|const|class|interface|type) (?<name>\w+)|(?:readonly )?(?<member>\w+)\??[(:])`
const documented = new RegExp(String.raw`/\*\*(?<text>(?:(?!\*/)[\s\S])*)\*/\s*${declaration}`, 'g')

/** The TypeScript sources of lib, by their path from there. */
export function sources(): Map<string, string> {
  const names = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  return new Map(names.map((name) => [name, readFileSync(join(lib, name), 'utf8')]))
}

/** The names that the entry points export. */
export function publicNames(): Set<string> {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { types: string }>
  }
  const files = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : [entry.types]))
  const texts = files.map((file) =>
    readFileSync(join(root, file.replace('./dist', 'lib').replace('.d.ts', '.ts')), 'utf8'),
  )
  return new Set(
    texts.flatMap((text) => [
      ...[...text.matchAll(/^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm)].map(
        ([, name = '']) => name,
      ),
      ...[...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(
        ([, names = '']) => names.match(/\w+(?=,|\s*$)/gm) ?? [],
      ),
    ]),
  )
}

/** The examples in the comments of one source. */
export function examplesIn(source: string): Example[] {
  return [...source.matchAll(documented)].flatMap(({ index, groups = {} }) => {
    const { text = '', name, member } = groups
    const owner = [...source.slice(0, index).matchAll(/^export (?:interface|class) (\w+)/gm)].at(-1)?.[1]
    const plain = text.replace(/^ *\* ?/gm, '')
    return [...plain.matchAll(/@example\n```ts\n([\s\S]*?)```/g)].map(([, code = '']) => ({
      symbol: name ?? `${owner}.${member}`,
      code,
    }))
  })
}
