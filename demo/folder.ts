import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DemoError } from './demo-error.ts'

/** A folder that is this process's alone until it is released. */
export interface Folder {
  /** Where the database goes: PostgreSQL wants a folder without anything else in it. */
  readonly database: string
  release(): void
}

/**
 * PGlite does not notice that another process has the same folder open, and the two would spoil it.
 * @throws DemoError when somebody has it already
 */
export function takeFolder(path: string): Folder {
  makeFolder(path)
  const file = join(path, 'pid')
  const owner = readOwner(file)
  if (owner !== undefined && isAlive(owner)) {
    throw new DemoError(
      `${path} is in use by process ${owner}. Stop that one, or name another folder: --keep FOLDER.\n` +
        `If it is no demo, delete ${file}.`,
    )
  }
  writeFileSync(file, String(process.pid))
  return { database: join(path, 'database'), release: () => rmSync(file, { force: true }) }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw new DemoError(`${path} cannot be made: ${(error as Error).message}`, { cause: error })
  }
}

/** Nothing when nobody has it, or when whoever had it left in a hurry while writing. */
function readOwner(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
