import { commonFlags } from './arguments.ts'
import type { Command, Flag } from './command.ts'

const program = 'express-doku-ovo'

export function generalHelp(commands: readonly Command[]): string {
  return `${program}: OVO payments through DOKU, for Express

Usage: ${program} <command> [options]

${table(commands.map(({ name, summary }) => [name, summary]))}

  ${program} help <command>   what a command does, and its options
  ${program} --version        the version of the package

Secrets are read from the environment, from --env, or from the module of --options, never from the command line, and
are never printed. Exit codes: 0 all is well, 1 something is wrong with what was looked at, 2 the command could not be
carried out.`
}

export function commandHelp({ name, summary, flags, details }: Command): string {
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
