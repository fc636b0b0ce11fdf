import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compiled } from '../../support/compiled.ts'
import { newFolder } from '../../support/private-server.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const installed = join(root, 'node_modules')

/** A project of somebody who has installed the package and copied the examples. */
export interface Consumer {
  readonly folder: string
  remove(): void
}

/** @param packages for each name under which something is installed, which of our own dependencies it is */
export function createConsumer(packages: Readonly<Record<string, string>> = {}): Consumer {
  const folder = newFolder()
  const remove = () => rmSync(folder, { recursive: true, force: true })
  for (const name of packagesIn(installed)) link(folder, name, packages[name] ?? name)
  // Not a link: what the package imports has to be found from where it is installed.
  const installation = join(folder, 'node_modules', 'express-doku-ovo')
  for (const part of ['lib', 'package.json']) cpSync(compiled(part), join(installation, part), { recursive: true })
  for (const examples of [join(root, 'examples'), compiled('examples')]) cpSync(examples, folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
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
