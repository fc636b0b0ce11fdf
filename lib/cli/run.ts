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

/** All commands, in the order in which a merchant needs them. */
export const commands: readonly Command[] = [keygen, doctor, simulator, notify, sign, verify, probe]

const program = 'express-doku-ovo'

/** Runs the command line. Never throws. */
export async function run(io: Io, given: readonly string[]): Promise<ExitCode> {
  try {
    return await dispatch(io, given)
  } catch (error) {
    io.err(`express-doku-ovo: ${explain(error)}`)
    return error instanceof FailedError ? 1 : 2
  }
}

/** An expected error is one sentence. An unexpected one keeps its stack, for a bug report. */
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

/** Names of secrets that people try to pass as a flag. There is no such flag. */
const secretFlag = /secret|private-?key|pass|token$|auth-?code/i

/**
 * Reads a command's flags. Errors never quote a value, because it may be a secret.
 * @throws UsageError that names the flag, and the nearest flag that exists
 */
function readFlags(known: Readonly<Record<string, Flag>>, given: readonly string[]): Flags {
  const names = { ...known, ...commonFlags }
  const options = Object.fromEntries(
    Object.entries(names).map(([name, { value }]) => [name, { type: value ? 'string' : 'boolean' } as const]),
  )
  const { tokens } = parseArgs({ args: [...given], options, strict: false, allowPositionals: true, tokens: true })
  const flags = new Map<string, string | true>()
  for (const token of tokens) {
    if (token.kind === 'positional') throw new UsageError('there is an extra argument; give every value with an option')
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
  if (flags.has(name)) throw new UsageError(`--${name} is given twice`)
  if (flag.value === undefined && token.value !== undefined) throw new UsageError(`--${name} takes no value`)
  if (flag.value !== undefined && !token.value) throw new UsageError(`--${name} needs a value: --${name} ${flag.value}`)
  flags.set(name, flag.value === undefined ? true : (token.value ?? ''))
}

function unknownFlag(rawName: string, names: Readonly<Record<string, Flag>>): UsageError {
  const meant = closest(rawName.replace(/^-+/, ''), Object.keys(names))
  if (meant) return new UsageError(`there is no option ${rawName}; did you mean --${meant}?`)
  if (!secretFlag.test(rawName)) return new UsageError(`there is no option ${rawName}; --help lists those that exist`)
  const why = 'other users of the machine can read the command line of a program'
  return new UsageError(
    `there is no option ${rawName}: give secrets in the environment or with --options, because ${why}`,
  )
}

/** The flags of every command. */
const commonFlags: Readonly<Record<string, Flag>> = { help: { says: 'shows this help' } }

function generalHelp(): string {
  return `${program}: OVO payments through DOKU, for Express

Usage: ${program} <command> [options]

${table(commands.map(({ name, summary }) => [name, summary]))}

  ${program} help <command>   the help of a command, with its options
  ${program} --version        the version of the package

Secrets come from the environment, from --env, or from the module of --options, never from the command line. No command
prints them. Exit codes: 0 no problem, 1 the command found a problem, 2 the command could not run.`
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
