import { createInterface, type Interface } from 'node:readline'
import { type Io, UsageError } from '../command.ts'

/** Somebody who sits at the terminal and has a browser. */
export class Person {
  readonly #lines: Interface
  readonly #answers: AsyncIterator<string>
  readonly #io: Io
  readonly #stop: AbortSignal

  constructor(io: Io, stop: AbortSignal) {
    this.#io = io
    this.#stop = stop
    this.#lines = createInterface({ input: io.stdin, signal: stop })
    this.#answers = this.#lines[Symbol.asyncIterator]()
  }

  /** Shows a page, and waits for Enter. */
  async visit(what: string, url: string): Promise<void> {
    this.#io.out(`\n${what}\n  ${url}\nPress Enter when you are done.`)
    const { done } = await this.#answers.next()
    if (done || this.#stop.aborted) throw new UsageError('nobody is there any more (the input has ended)')
  }

  leave(): void {
    this.#lines.close()
  }
}
