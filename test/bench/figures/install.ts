import { execFileSync } from 'node:child_process'
import { lstatSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Measure } from './figure.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const bytesPerMegabyte = 1_000_000

/** What a shop that has Express gets when it installs the package: the tarball, and what that depends on. */
export const measureInstall: Measure = async ({ folder }) => {
  const shop = mkdtempSync(join(folder, 'shop-'))
  const npm = (args: readonly string[], cwd: string) => execFileSync('npm', args, { cwd, encoding: 'utf8' })
  // Built it is already; and the processes that run have it open.
  npm(['pack', '--silent', '--ignore-scripts', '--pack-destination', shop], root)
  const tarball = readdirSync(shop).find((name) => name.endsWith('.tgz')) ?? ''
  writeFileSync(join(shop, 'package.json'), '{ "private": true }')
  npm(['install', '--omit=dev', '--omit=peer', '--no-audit', '--no-fund', '--silent', `./${tarball}`], shop)
  const modules = join(shop, 'node_modules')
  const { packages } = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')) as { packages: object }
  const bytes = bytesIn(modules)
  const note = 'with its dependencies, without Express'
  return [
    { id: 'install', what: 'Packages installed', value: Object.keys(packages).length, unit: '', atMost: 15, note },
    { id: 'install', what: 'Size installed', value: bytes / bytesPerMegabyte, unit: 'MB', atMost: 12, note },
  ]
}

function bytesIn(path: string): number {
  const { size } = lstatSync(path)
  if (!lstatSync(path).isDirectory()) return size
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0)
}
