import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Io, UsageError } from './command.ts'

/**
 * Writes a file that must not be there yet: not over one that came meanwhile, and not through a link.
 * @throws UsageError naming the file
 */
export function writeNew(io: Io, file: string, text: string, mode = 0o644): void {
  try {
    writeFileSync(resolve(io.folder, file), text, { mode, flag: 'wx' })
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code ?? error}`)
  }
}
