import { ProblemError, StorageError } from '../../../lib/errors.ts'
import type { Stage } from '../engine/stage.ts'
import type { Cluster } from './cluster.ts'
import type { Process } from './process.ts'

/** Why a call came to nothing: a problem's code, the storage, or `gone` when its process has died or all are down. */
export type Reason = string

export interface Call<T> {
  readonly label: string
  readonly work: (process: Process) => Promise<T>
  readonly heard?: (result: T) => void
  readonly failed?: (reason: Reason) => void
}

/** What people ask of the processes. Each call is answered, fails, or is lost with its process; nothing else. */
export class Calls {
  readonly #stage: Stage
  readonly #cluster: Cluster
  readonly #open = new Set<string>()
  #made = 0

  constructor(stage: Stage, cluster: Cluster) {
    this.#stage = stage
    this.#cluster = cluster
  }

  get unanswered(): readonly string[] {
    return [...this.#open]
  }

  make<T>({ label, work, heard, failed }: Call<T>): void {
    const process = this.#cluster.pick()
    if (!process) {
      failed?.('gone')
      return
    }
    const id = `${label} #${++this.#made}`
    const close = this.#begin(id, process, failed)
    work(process).then(
      (result) => close('answered') && heard?.(result),
      (error) => {
        const reason = this.#reasonOf(label, error)
        if (close(reason)) failed?.(reason)
      },
    )
  }

  /** @returns what to call when it is over; `true` for the first time only */
  #begin(id: string, process: Process, failed: Call<unknown>['failed']): (outcome: string) => boolean {
    const { journal } = this.#stage
    journal.tell(() => `${id} at ${process.life.name}`)
    this.#open.add(id)
    const close = (outcome: string) => {
      const isFirst = this.#open.delete(id)
      if (isFirst) journal.tell(() => `${id}: ${outcome}`)
      return isFirst
    }
    process.life.whenDead(() => {
      if (close('gone')) this.#stage.scheduler.after(0, () => failed?.('gone'))
    })
    return close
  }

  #reasonOf(label: string, error: unknown): Reason {
    if (error instanceof ProblemError || error instanceof StorageError) return error.code
    this.#stage.journal.violate(`${label} threw ${error instanceof Error ? error.stack : String(error)}`)
    return 'unexpected'
  }
}
