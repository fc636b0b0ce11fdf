import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../support/docs/markdown.ts'

/** A program of the documentation that runs; what it says, it says here. */
export interface Running {
  readonly child: ChildProcess
  /** Resolves as soon as its output matches; rejects when it ends before. */
  says(pattern: RegExp): Promise<void>
  exitCode(): Promise<number | null>
  stop(): Promise<void>
}

/** Runs code against the sources of this package. */
export function run(code: string, environment: Record<string, string> = {}): Running {
  const file = join(root, 'test', 'system', 'docs', `.run-${process.pid}.ts`)
  writeFileSync(file, code)
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  let output = ''
  child.stdout.on('data', (data) => {
    output += data
  })
  child.stderr.on('data', (data) => {
    output += data
  })
  const exited = once(child, 'exit').then(([status]) => {
    rmSync(file, { force: true })
    return status as number | null
  })
  return {
    child,
    async says(pattern) {
      const ended = exited.then(() => 'ended' as const)
      while (!pattern.test(output)) {
        const next = await Promise.race([once(child.stdout, 'data'), ended])
        if (next === 'ended' && !pattern.test(output)) throw new Error(`ended without saying ${pattern}:\n${output}`)
      }
    },
    async exitCode() {
      const status = await exited
      if (status !== 0) console.error(output)
      return status
    },
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
