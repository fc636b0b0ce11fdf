import type { Readable } from 'node:stream'

/** 0: no problem. 1: the command found a problem. 2: the command could not run, and checked nothing. */
export type ExitCode = 0 | 1 | 2

export type Environment = Readonly<Record<string, string | undefined>>

/** The surroundings of a command. */
export interface Io {
  /** Writes one or more lines to standard output. */
  out(text: string): void
  /** Writes one or more lines that are not the result to standard error. */
  err(text: string): void
  readonly stdin: Readable
  readonly environment: Environment
  /** The current folder. Relative paths start here. */
  readonly folder: string
  /** Returns a signal that Ctrl-C aborts. From the first call on, Ctrl-C does not end the process. */
  untilStopped(): AbortSignal
}

export interface Flag {
  /** The name of its value in the help: `<file>`. Without it the flag takes no value. */
  readonly value?: string
  readonly says: string
}

export type Flags = ReadonlyMap<string, string | true>

export interface Command {
  readonly name: string
  /** One line. */
  readonly summary: string
  readonly flags: Readonly<Record<string, Flag>>
  /** The text of the help below the flags. */
  readonly details: string
  run(io: Io, flags: Flags): Promise<ExitCode>
}

/** The command cannot run as it was given. The message says why and how to fix it. Exit code 2. */
export class UsageError extends Error {}

/** The command found a problem that ends it. Exit code 1. */
export class FailedError extends Error {}

export function textOf(flags: Flags, name: string): string | undefined {
  const value = flags.get(name)
  return typeof value === 'string' ? value : undefined
}

export function requiredText(flags: Flags, name: string, value: string): string {
  const text = textOf(flags, name)
  if (text === undefined) throw new UsageError(`--${name} ${value} is missing`)
  return text
}

/** Reads a whole number from a flag. @throws UsageError when it is outside the bounds */
export function numberOf(flags: Flags, name: string, usual: number, [least, most]: readonly [number, number]): number {
  const text = textOf(flags, name)
  if (text === undefined) return usual
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= least && number <= most) return number
  throw new UsageError(`--${name} must be a whole number from ${least} to ${most}`)
}

/** The result of one check. */
export interface Finding {
  /** The subject of the check, in a word or two. */
  readonly check: string
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped'
  readonly says: string
  /** How to fix the problem. */
  readonly fix?: string
}

const marks: Readonly<Record<Finding['status'], string>> = {
  ok: 'ok     ',
  warning: 'WARNING',
  failed: 'FAILED ',
  skipped: 'skipped',
}

export function showFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length))
  return findings
    .flatMap(({ check, status, says, fix }) => [
      `${marks[status]}  ${check.padEnd(width)}  ${says}`,
      ...(fix === undefined ? [] : [`${' '.repeat(width + 11)}to do: ${fix}`]),
    ])
    .join('\n')
}

export function hasFailed(findings: readonly Finding[]): boolean {
  return findings.some(({ status }) => status === 'failed')
}
