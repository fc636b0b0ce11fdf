import { DokuOvoError } from '../errors.ts'
import { closest } from '../primitives/closest.ts'
import { readFlags } from './arguments.ts'
import { type Command, type ExitCode, FailedError, type Io, UsageError } from './command.ts'
import { commands } from './commands.ts'
import { commandHelp, generalHelp } from './help.ts'
import { version } from './version.ts'

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
    io[name === '' ? 'err' : 'out'](generalHelp(commands))
    return name === '' ? 2 : 0
  }
  if (name === 'help') return say(io, rest[0] === undefined ? generalHelp(commands) : commandHelp(find(rest[0])))
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
