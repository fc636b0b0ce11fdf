import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './markdown.ts'

/** TypeScript's settings are ours, which are stricter than those of most hosts; of plain JavaScript only the syntax is checked. */
const tsconfig = {
  extends: '../../../../tsconfig.json',
  compilerOptions: { allowJs: true, noUnusedLocals: false, noUnusedParameters: false },
  include: ['**/*'],
}

const run = promisify(execFile)

/** Runs the compiler. @returns its complaints, one a line */
export async function tsc(...args: readonly string[]): Promise<string[]> {
  try {
    await run(join(root, 'node_modules', '.bin', 'tsc'), [...args, '--pretty', 'false'], { cwd: root })
    return []
  } catch (error) {
    const { stdout } = error as { stdout?: string }
    if (!stdout) throw error
    return stdout.split('\n').filter((line) => line.includes(': error '))
  }
}

/** Type-checks files that are written for it, and removed again. @returns the compiler's complaints */
export async function complaintsAbout(files: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = join(root, 'test', 'system', 'docs', `.snippets-${process.pid}`)
  mkdirSync(folder)
  try {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    return await tsc('-p', folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
