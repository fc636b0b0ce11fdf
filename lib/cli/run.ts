import { parseArgs } from 'node:util'
import { DokuOvoError } from '../errors.ts'
import { closest } from '../primitives/closest.ts'
import { type Command, type ExitCode, FailedError, type Flag, type Flags, type Io, UsageError } from './command.ts'
import { doctor } from './doctor/doctor.ts'
import { version } from './io.ts'
import { keygen } from './keygen.ts'
import { notify } from './notify.ts'
import { probe } from './probe/probe.ts'
import { sign } from './sign.ts'
import { simulator } from './simulator.ts'
import { verify } from './verify/verify.ts'

/** In the order in which a merchant needs them. */
export const commands: readonly Command[] = [keygen, doctor, simulator, notify, sign, verify, probe]

const program = 'express-doku-ovo'

/** Carries out what the command line says. Never throws. */
export async function run(io: Io, given: readonly string[]): Promise<ExitCode> {
  try {
    return await dispatch(io, given)
  } catch (error) {
    io.err(`express-doku-ovo: ${explain(error)}`)
    return error instanceof FailedError ? 1 : 2
  }
}

/** What is foreseen is told in a sentence; what is not keeps its stack, for the report of a bug. */
function explain(error: unknown): string {
  if (error instanceof UsageError || error instanceof FailedError || error instanceof DokuOvoError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

async function dispatch(io: Io, [name = '', ...rest]: readonly string[]): Promise<ExitCode> {
  if (name === '--version') return say(io, version())
  if (name === '' || name === '--help' || name === '-h') {
    io[name === '' ? 'err' : 'out'](generalHelp())
    return name === '' ? 2 : 0
  }
  if (name === 'help') return say(io, rest[0] === undefined ? generalHelp() : commandHelp(find(rest[0])))
  const command = find(name)
  const flags = readFlags(command.flags, rest)
  return flags.has('help') ? say(io, commandHelp(command)) : command.run(io, flags)
}

function say(io: Io, text: string): 0 {
  io.out(text)
  return 0
}

function find(name: string): Command {
  const command = commands.find((one) => one.name === name)
  if (command) return command
  const names = [...commands.map((one) => one.name), 'help']
  const meant = closest(name, names)
  throw new UsageError(
    `there is no command ${name}; ${meant ? `did you mean ${meant}?` : `there are ${names.join(', ')}`}`,
  )
}

/** What people try, and why there is no such flag. */
const secretFlag = /secret|private-?key|pass|token$|auth-?code/i

/**
 * Reads a command's flags. Values are never quoted back: one may be a secret that should not have been there.
 * @throws UsageError naming the flag and the nearest one that exists
 */
function readFlags(known: Readonly<Record<string, Flag>>, given: readonly string[]): Flags {
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

/** In every command. */
const commonFlags: Readonly<Record<string, Flag>> = { help: { says: 'shows this' } }

function generalHelp(): string {
  return `${program}: OVO payments through DOKU, for Express

Usage: ${program} <command> [options]

${table(commands.map(({ name, summary }) => [name, summary]))}

  ${program} help <command>   what a command does, and its options
  ${program} --version        the version of the package

Secrets are read from the environment, from --env, or from the module of --options, never from the command line, and
are never printed. Exit codes: 0 all is well, 1 something is wrong with what was looked at, 2 the command could not be
carried out.`
}

function commandHelp({ name, summary, flags, details }: Command): string {
  const all = Object.entries<Flag>({ ...flags, ...commonFlags })
  const rows = all.map(([flag, { value, says }]) => [`--${flag}${value ? ` ${value}` : ''}`, says])
  return `${program} ${name}: ${summary}

${table(rows)}

${details}`
}

function table(rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([left = '']) => left.length))
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}   ${right}`).join('\n')
}
