import { parseArgs } from 'node:util'
import { closest } from '../primitives/closest.ts'
import { type Flag, type Flags, UsageError } from './command.ts'

/** In every command. */
export const commonFlags: Readonly<Record<string, Flag>> = { help: { says: 'shows this' } }

/** What people try, and why there is no such flag. */
const secretFlag = /secret|private-?key|pass|token$|auth-?code/i

/**
 * Reads a command's flags. Values are never quoted back: one may be a secret that should not have been there.
 * @throws UsageError naming the flag and the nearest one that exists
 */
export function readFlags(known: Readonly<Record<string, Flag>>, given: readonly string[]): Flags {
  const names = { ...known, ...commonFlags }
  const options = Object.fromEntries(
    Object.entries(names).map(([name, { value }]) => [name, { type: value ? 'string' : 'boolean' } as const]),
  )
  const { tokens } = parseArgs({ args: [...given], options, strict: false, allowPositionals: true, tokens: true })
  const flags = new Map<string, string | true>()
  for (const token of tokens) {
    if (token.kind === 'positional') throw new UsageError('there is an argument too many; everything goes into options')
    if (token.kind === 'option') readFlag(flags, names, token)
  }
  return flags
}

interface Token {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
}

function readFlag(flags: Map<string, string | true>, names: Readonly<Record<string, Flag>>, token: Token): void {
  const name = token.rawName === '-h' ? 'help' : token.name
  const flag =
    Object.hasOwn(names, name) && (token.rawName.startsWith('--') || name === 'help') ? names[name] : undefined
  if (!flag) throw unknownFlag(token.rawName, names)
  if (flags.has(name)) throw new UsageError(`--${name} is there twice`)
  if (flag.value === undefined && token.value !== undefined) throw new UsageError(`--${name} takes no value`)
  if (flag.value !== undefined && !token.value) throw new UsageError(`--${name} needs a value: --${name} ${flag.value}`)
  flags.set(name, flag.value === undefined ? true : (token.value ?? ''))
}

function unknownFlag(rawName: string, names: Readonly<Record<string, Flag>>): UsageError {
  const meant = closest(rawName.replace(/^-+/, ''), Object.keys(names))
  if (meant) return new UsageError(`there is no option ${rawName}; did you mean --${meant}?`)
  if (!secretFlag.test(rawName)) return new UsageError(`there is no option ${rawName}; --help lists those that exist`)
  const why = 'the command line of a program can be read by others on the machine'
  return new UsageError(
    `there is no option ${rawName}: secrets come from the environment or from --options, for ${why}`,
  )
}
