import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Simulator } from 'express-doku-ovo/simulator'
import { clientId, dokuKeys, merchantKeys, secretKey } from '../../support/keys.ts'
import type { Consumer } from './consumer.ts'

export interface ExampleSetup {
  readonly consumer: Consumer
  /** The example's file. */
  readonly file: string
  readonly port: number
  readonly variables: Readonly<Record<string, string>>
}

/** What an example reads of DOKU's dashboard, when the simulator plays DOKU. */
export function dashboard(simulator: Simulator, prefix = ''): Record<string, string> {
  return {
    [`${prefix}DOKU_CLIENT_ID`]: clientId,
    [`${prefix}DOKU_SECRET_KEY`]: secretKey,
    [`${prefix}DOKU_PRIVATE_KEY`]: merchantKeys.privateKey.replaceAll('\n', '\\n'),
    [`${prefix}DOKU_PUBLIC_KEY`]: dokuKeys.publicKey,
    [`${prefix}DOKU_BASE_URL`]: simulator.url,
  }
}

/** An example in a process of its own, as JavaScript. */
export class ExampleProcess {
  output = ''
  readonly #child: ChildProcess
  readonly #heard = new EventTarget()

  constructor({ consumer, file, port, variables }: ExampleSetup) {
    const { NODE_OPTIONS: _, TSX_TSCONFIG_PATH: __, ...own } = process.env
    this.#child = spawn(process.execPath, [file.replace(/\.ts$/, '.js')], {
      cwd: consumer.folder,
      env: { ...own, PORT: `${port}`, ...variables },
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#hear(text))
    }
    this.#child.once('close', () => this.#hear(''))
  }

  /** Resolves when it has printed the pattern so often; rejects when it ends without. */
  async printed(pattern: RegExp, times = 1): Promise<string[]> {
    for (;;) {
      const said = [...this.output.matchAll(new RegExp(pattern, 'g'))].map(([, group = '']) => group)
      if (said.length >= times) return said
      if (this.#isOver) throw new Error(`it ended without printing ${pattern}:\n${this.output}`)
      await once(this.#heard, 'heard')
    }
  }

  /** Asks it to stop, as a process manager does, and gives the exit code: 0 when nothing kept it. */
  async stop(): Promise<number | null> {
    const closed = this.#isOver ? undefined : once(this.#child, 'close')
    this.#child.kill('SIGTERM')
    await closed
    return this.#child.exitCode
  }

  get #isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  #hear(text: string): void {
    this.output += text
    this.#heard.dispatchEvent(new Event('heard'))
  }
}
