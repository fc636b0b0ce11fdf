import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

let folder: string | undefined

/**
 * A file of the repository as JavaScript, for child processes: TypeScript would cost each of them two seconds of CPU. All is
 * compiled once in a process, unchecked, into a folder in which `express-doku-ovo` is what was compiled.
 * @param path from the repository's root, for example `test/support/storage-racer.js`
 */
export function compiled(path: string): string {
  folder ??= compile()
  return join(folder, path)
}

function compile(): string {
  const cache = join(root, 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const made = mkdtempSync(join(cache, 'express-doku-ovo-'))
  process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  const project = fileURLToPath(new URL('compiled.tsconfig.json', import.meta.url))
  execFileSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', project, '--outDir', made], { stdio: 'inherit' })
  const manifest = readFileSync(join(root, 'package.json'), 'utf8')
  writeFileSync(join(made, 'package.json'), manifest.replaceAll('./dist/', './lib/'))
  cpSync(join(root, 'demo', 'public'), join(made, 'demo', 'public'), { recursive: true })
  return made
}

/** Runs an ES module to its end; it may import `express-doku-ovo`, and `compiled` files by their addresses. */
export async function runModule(code: string): Promise<{ readonly code: number | null; readonly out: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: compiled('.'),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  const [exitCode] = await once(child, 'close')
  return { code: exitCode, out }
}

/** The same file's address, for an import. */
export const addressOf = (path: string) => pathToFileURL(compiled(path)).href
