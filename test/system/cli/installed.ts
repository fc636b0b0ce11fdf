import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

let built: string | undefined

/**
 * A folder with the package as `npm run build` makes it, once per test run. What is in a folder below it can import
 * `express-doku-ovo` as a host does.
 */
export function installed(): string {
  built ??= build()
  return built
}

function build(): string {
  const folder = mkdtempSync(join(tmpdir(), 'express-doku-ovo-cli-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const compiler = join(root, 'node_modules/.bin/tsc')
  execFileSync(compiler, ['-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')], {
    cwd: root,
    stdio: 'inherit',
  })
  return folder
}

/** An empty folder below the package's. */
export function workFolder(): string {
  const parent = join(installed(), 'work')
  mkdirSync(parent, { recursive: true })
  return mkdtempSync(join(parent, 'at-'))
}
