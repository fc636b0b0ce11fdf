import { mkdirSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Workshop } from '../crash/workshop.ts'

/** The part of esbuild that is used. It comes with tsx, and only tsx says which version. */
interface Bundler {
  buildSync(options: Record<string, unknown>): unknown
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the processes import by name. The package itself is found as its users find it: by its `exports`, in `dist`. */
const packages = [
  'autocannon',
  'doku-nodejs-library',
  'express',
  'express-rate-limit',
  'jose',
  'pg',
  'redis',
  'undici',
  'zod',
]

const mains = ['plugin', 'hand-written', 'bare-steps', 'checked-steps', 'official-sdk', 'echo', 'doku', 'load'] as const

/** A process of the benchmark, by the name of its file. */
export type Main = (typeof mains)[number]

/** Makes JavaScript of the processes, so that nothing translates TypeScript while time is taken. Returns their folder. */
export function buildProcesses({ folder }: Workshop): string {
  const modules = join(folder, 'node_modules')
  mkdirSync(modules)
  for (const name of packages) symlinkSync(join(root, 'node_modules', name), join(modules, name))
  symlinkSync(root, join(modules, 'express-doku-ovo'))
  const bundler: Bundler = createRequire(import.meta.resolve('tsx'))('esbuild')
  bundler.buildSync({
    entryPoints: mains.map((name) => fileURLToPath(new URL(`processes/${name}.ts`, import.meta.url))),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    // Or esbuild would take the package from its sources, which tsconfig.json names.
    tsconfigRaw: {},
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  })
  return folder
}
