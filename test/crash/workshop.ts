import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Step = () => unknown

const interrupted = 130

/** What a run makes and starts, so that nothing of it outlives the run: also not when it fails or is interrupted. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'express-doku-ovo-crash-'))
  readonly #children = new Set<ChildProcess>()
  readonly #steps: Step[] = []

  constructor() {
    process.once('exit', () => this.#clearAway())
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(interrupted))
  }

  /** Takes a process in that is killed at the end, if it is still there. */
  adopt(child: ChildProcess): void {
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
  }

  /** Steps run in the opposite order of their coming. */
  atEnd(step: Step): void {
    this.#steps.push(step)
  }

  async close(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step()
    this.#clearAway()
  }

  #clearAway(): void {
    for (const child of this.#children) child.kill('SIGKILL')
    this.#children.clear()
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
}
