import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Workshop } from '../crash/workshop.ts'
import { compiled } from '../support/compiled.ts'
import type {
  Figures,
  FromProcess,
  LoadJob,
  LoadResult,
  Question,
  ServerSetup,
  ToProcess,
} from './processes/messages.ts'

/** A process of the benchmark, by the name of its file. */
export type Main = 'plugin' | 'hand-written' | 'official-sdk' | 'echo' | 'doku' | 'load'

type Settle = { resolve(answer: Figures | LoadResult): void; reject(error: Error): void }

/** One process of the benchmark, from the driver's side. */
export class Child {
  readonly #name: Main
  readonly #child: ChildProcess
  readonly #ready: Promise<unknown>
  readonly #waiting = new Map<number, Settle>()
  #asked = 0
  /** Where it listens, when it does. */
  origin = ''

  constructor(name: Main, workshop: Workshop) {
    this.#name = name
    this.#child = fork(compiled(`test/bench/processes/${name}.js`), {
      // What DOKU's library prints goes nowhere; what goes wrong is seen.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: ['--expose-gc'],
      env: { ...process.env, NODE_ENV: 'production' },
    })
    workshop.adopt(this.#child)
    this.#child.on('message', (message: FromProcess) => this.#hear(message))
    this.#child.once('exit', () => this.#failAll(new Error(`the process ${name} has ended`)))
    this.#ready = once(this.#child, 'message')
  }

  async serve(setup: ServerSetup): Promise<void> {
    await this.#ready
    this.#tell({ type: 'setup', setup })
    const ended = once(this.#child, 'exit').then(() => {
      throw new Error(`the process ${this.#name} ended before it listened`)
    })
    ended.catch(() => {})
    const [message]: FromProcess[] = await Promise.race([once(this.#child, 'message'), ended])
    if (message?.type !== 'listening') throw new Error(`the process ${this.#name} does not listen`)
    this.origin = `http://127.0.0.1:${message.port}`
  }

  async ask(question: Question): Promise<Figures> {
    return (await this.#request((id) => ({ type: 'ask', id, question }))) as Figures
  }

  async load(job: LoadJob): Promise<LoadResult> {
    await this.#ready
    return (await this.#request((id) => ({ type: 'load', id, job }))) as LoadResult
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.disconnect()
    await exited
  }

  #request(make: (id: number) => ToProcess): Promise<Figures | LoadResult> {
    const id = ++this.#asked
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#tell(make(id))
    })
  }

  #tell(message: ToProcess): void {
    this.#child.send(message)
  }

  #hear(message: FromProcess): void {
    if (message.type === 'answer') this.#waiting.get(message.id)?.resolve(message.answer)
    if (message.type === 'failed') this.#waiting.get(message.id)?.reject(new Error(message.error))
    if (message.type === 'answer' || message.type === 'failed') this.#waiting.delete(message.id)
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}
