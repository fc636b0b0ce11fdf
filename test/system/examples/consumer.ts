import { execFile } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { newFolder } from '../../support/private-server.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const installed = join(root, 'node_modules')

/** As in examples/tsconfig.json, less what only the compiler's checks need. */
const tsconfig = { compilerOptions: { module: 'nodenext', target: 'es2023', experimentalDecorators: true } }

/** A project of somebody who has installed the package, as it is built for npm, and has copied the examples. */
export interface Consumer {
  readonly folder: string
  remove(): void
}

/** Built once a run, however many install it. */
let built: Promise<string> | undefined

/** @param packages for each name under which something is installed, which of our own dependencies it is */
export async function createConsumer(packages: Readonly<Record<string, string>> = {}): Promise<Consumer> {
  built ??= build()
  const folder = newFolder()
  const remove = () => rmSync(folder, { recursive: true, force: true })
  for (const name of packagesIn(installed)) link(folder, name, packages[name] ?? name)
  // Not a link: what the package imports has to be found from where it is installed.
  cpSync(await built, join(folder, 'node_modules', 'express-doku-ovo'), { recursive: true })
  cpSync(join(root, 'examples'), folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  return { folder, remove }
}

function packagesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`) : name,
    )
}

function link(folder: string, name: string, target: string): void {
  const path = join(folder, 'node_modules', name)
  mkdirSync(join(path, '..'), { recursive: true })
  symlinkSync(join(installed, target), path, 'dir')
}

async function build(): Promise<string> {
  const folder = newFolder()
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'))
  const compiler = join(installed, 'typescript', 'bin', 'tsc')
  const project = join(root, 'tsconfig.build.json')
  const compiling = promisify(execFile)(process.execPath, [compiler, '-p', project, '--outDir', join(folder, 'dist')])
  await compiling.catch((error) => {
    throw new Error(`the package does not compile:\n${error.stdout}`, { cause: error })
  })
  return folder
}
