import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { compiled } from '../../support/compiled.ts'
import { workFolder } from './installed.ts'

export interface CliSetup {
  readonly folder?: string
  readonly environment?: Readonly<Record<string, string>>
  /** What is on standard input; it ends after that. Default: nothing. */
  readonly input?: string
}

export interface CliResult {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** `express-doku-ovo …`, in a process of its own, with nothing of this one's environment. */
export class Cli {
  out = ''
  err = ''
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  #heard: () => void = () => {}

  constructor(args: readonly string[], { folder = workFolder(), environment = {} }: Omit<CliSetup, 'input'> = {}) {
    const env = { PATH: process.env.PATH ?? '', HOME: folder, ...environment }
    this.#child = spawn(process.execPath, [compiled('lib/cli/main.js'), ...args], { cwd: folder, env })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text
      this.#heard()
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.err += text
    })
    this.#closed = once(this.#child, 'close').then(() => this.#heard())
  }

  /** Waits for it to be printed, after what was found before. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.out)
      if (match) return match
      const isOver = this.#child.exitCode !== null || this.#child.signalCode !== null
      if (isOver) throw new Error(`it ended without printing ${pattern}:\n${this.out}\n${this.err}`)
      await new Promise<void>((resolve) => {
        this.#heard = resolve
      })
    }
  }

  write(text: string): void {
    this.#child.stdin?.write(text)
  }

  endInput(text = ''): void {
    this.#child.stdin?.end(text)
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async ended(): Promise<CliResult> {
    await this.#closed
    return { code: this.#child.exitCode, out: this.out, err: this.err }
  }
}

/** To its end. */
export function runCli(args: readonly string[], { input = '', ...setup }: CliSetup = {}): Promise<CliResult> {
  const cli = new Cli(args, setup)
  cli.endInput(input)
  return cli.ended()
}
