import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DemoError } from './demo-error.ts'

/** A folder that belongs to this process alone until it is released. */
export interface Folder {
  /** The folder of the database. PostgreSQL needs a folder with no other files in it. */
  readonly database: string
  release(): void
}

/**
 * Takes the folder for this process. PGlite itself does not notice a second process, and the two would damage the data.
 * @throws DemoError when another process has the folder
 */
export function takeFolder(path: string): Folder {
  makeFolder(path)
  const file = join(path, 'pid')
  const owner = readOwner(file)
  if (owner !== undefined && isAlive(owner)) {
    throw new DemoError(
      `${path} is in use by process ${owner}. Stop that process, or choose another folder: --keep FOLDER.\n` +
        `If that process is not a demo, delete ${file}.`,
    )
  }
  writeFileSync(file, String(process.pid))
  return { database: join(path, 'database'), release: () => rmSync(file, { force: true }) }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw new DemoError(`${path} cannot be created: ${(error as Error).message}`, { cause: error })
  }
}

/** @returns undefined when no process has the folder, or when a process died while it wrote the file */
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
