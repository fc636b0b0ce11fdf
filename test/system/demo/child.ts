import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compiled } from '../../support/compiled.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const demoVariables = /^(DOKU_|PUBLIC_URL$|PORT$|NODE_OPTIONS$|DATABASE_URL$|REDIS_URL$)/

interface Waiting {
  readonly pattern: RegExp
  readonly settle: (match: RegExpExecArray | undefined) => void
}

/** `npm run demo` in a process of its own, as somebody sees it who has just cloned the project. */
export class DemoProcess {
  stdout = ''
  stderr = ''
  readonly #child: ChildProcess
  readonly #closed: Promise<void>
  readonly #waiting = new Set<Waiting>()

  /** @param variables what the `.env` holds */
  constructor(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'demo-'))
    const file = join(folder, '.env')
    writeFileSync(
      file,
      Object.entries(variables)
        .map(([name, value]) => `${name}="${value}"\n`)
        .join(''),
    )
    const own = Object.entries(process.env).filter(([name]) => !demoVariables.test(name))
    const command = [compiled('demo/main.js'), '--env', file, ...args]
    this.#child = spawn(process.execPath, command, { cwd: root, env: Object.fromEntries(own) })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#hear(text))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.#closed = once(this.#child, 'close').then(() => {
      rmSync(folder, { recursive: true })
      this.#settle(() => undefined)
    })
  }

  /** Rejects when the process ends without having printed it. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    const said = pattern.exec(this.stdout)
    if (said) return said
    const match = await new Promise<RegExpExecArray | undefined>((settle) => this.#waiting.add({ pattern, settle }))
    if (match) return match
    throw new Error(`the demo ended without printing ${pattern}:\n${this.stdout}\n${this.stderr}`)
  }

  /** The exit code, when all output is here; a process that a signal has killed has none. */
  async ended(): Promise<number | null> {
    await this.#closed
    return this.#child.exitCode
  }

  stop(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal)
    return this.ended()
  }

  #hear(text: string): void {
    this.stdout += text
    this.#settle((pattern) => pattern.exec(this.stdout) ?? undefined)
  }

  #settle(find: (pattern: RegExp) => RegExpExecArray | undefined): void {
    const isOver = this.#child.exitCode !== null || this.#child.signalCode !== null
    for (const one of this.#waiting) {
      const match = find(one.pattern)
      if (!match && !isOver) continue
      this.#waiting.delete(one)
      one.settle(match)
    }
  }
}
