import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { FromHost, HostSetup, Question, ToHost } from '../host/messages.ts'
import type { DatabaseKind } from '../servers/database.ts'
import { within } from '../wait.ts'
import type { Workshop } from '../workshop.ts'

type Answer = Extract<FromHost, { type: 'answer' }>

/** One process of the host app, from the driver's side. */
export class HostProcess {
  readonly exited: Promise<NodeJS.Signals | null>
  readonly #child: ChildProcess
  readonly #warm: Promise<void>
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #questions = 0
  port = 0

  constructor(main: string, kind: DatabaseKind, workshop: Workshop) {
    this.#child = fork(main, [kind], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] })
    workshop.adopt(this.#child)
    this.#child.on('message', (message: FromHost) => this.#hear(message))
    this.#child.on('error', () => {})
    this.exited = new Promise((resolve) => this.#child.once('exit', (_code, signal) => resolve(signal)))
    this.#warm = this.#told('warm').then(() => {})
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  get exitCode(): number | null {
    return this.#child.exitCode
  }

  /** Resolves when it listens; `false` when it died on the way there. */
  async serve(setup: () => HostSetup): Promise<boolean> {
    await within('a warm host', this.#warm)
    const listening = this.#told('listening').then(({ port }) => {
      this.port = port
      return true
    })
    this.#tell({ type: 'serve', setup: setup() })
    return within('a listening host', Promise.race([listening, this.exited.then(() => false)]))
  }

  setClock(offsetMs: number): void {
    this.#tell({ type: 'clock', offsetMs })
  }

  /** Rejects when the host fails, or dies meanwhile. */
  async ask(question: Question, deadlineMs?: number): Promise<number> {
    const id = ++this.#questions
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve))
    this.#tell({ type: 'ask', id, question })
    const died = this.exited.then(() => {
      throw new Error(`the host died while it was asked to ${question}`)
    })
    const { count, error } = await within(question, Promise.race([answered, died]), deadlineMs)
    if (error) throw new Error(`${question}: ${error}`)
    return count
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #tell(message: ToHost): void {
    if (this.#child.connected) this.#child.send(message, () => {})
  }

  #hear(message: FromHost): void {
    if (message.type !== 'answer') return
    this.#waiting.get(message.id)?.(message)
    this.#waiting.delete(message.id)
  }

  async #told<Type extends FromHost['type']>(type: Type): Promise<Extract<FromHost, { type: Type }>> {
    for (;;) {
      const [message]: FromHost[] = await once(this.#child, 'message')
      if (message?.type === type) return message as Extract<FromHost, { type: Type }>
    }
  }
}
