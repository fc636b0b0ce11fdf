import type { Readable } from 'node:stream'

/** 0: all is well. 1: what was looked at is not. 2: the command could not be carried out, and nothing was looked at. */
export type ExitCode = 0 | 1 | 2

export type Environment = Readonly<Record<string, string | undefined>>

/** What a command has of the world. */
export interface Io {
  /** One line, or several, to standard output. */
  out(text: string): void
  /** The same to standard error: what is not the result. */
  err(text: string): void
  readonly stdin: Readable
  readonly environment: Environment
  readonly folder: string
  /** From the first call on, Ctrl-C no longer ends the process but aborts the signal. */
  untilStopped(): AbortSignal
}

export interface Flag {
  /** How its value is called in the help: `<file>`. Without it the flag takes no value. */
  readonly value?: string
  readonly says: string
}

export type Flags = ReadonlyMap<string, string | true>

export interface Command {
  readonly name: string
  /** One line. */
  readonly summary: string
  readonly flags: Readonly<Record<string, Flag>>
  /** What the help says below the flags. */
  readonly details: string
  run(io: Io, flags: Flags): Promise<ExitCode>
}

/** The command cannot be carried out as it was given; the message says why, and what to do. Exit code 2. */
export class UsageError extends Error {}

/** What was looked at is not well, and there is nothing more to look at. Exit code 1. */
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

/** A whole number of a flag, within bounds. */
export function numberOf(flags: Flags, name: string, usual: number, [least, most]: readonly [number, number]): number {
  const text = textOf(flags, name)
  if (text === undefined) return usual
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= least && number <= most) return number
  throw new UsageError(`--${name} has to be a whole number from ${least} to ${most}`)
}
/** One thing that was looked at. */
export interface Finding {
  /** What it is about, in a word or two. */
  readonly check: string
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped'
  readonly says: string
  /** What to do, when it is not well. */
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
