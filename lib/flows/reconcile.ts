import type { Stored } from '../storage/storage.ts'
import type { Ports } from './ports.ts'

/** Looks after one kind of record when it is due. */
export interface Caretaker {
  /** The beginning of the keys of its records. */
  readonly keyPrefix: string
  /** Does what is due and writes when the record is due next. A throw leaves it to the lease: it comes back. */
  tend(stored: Stored): Promise<void>
}

/** How long a process has a leased record to itself, in ms: longer than anything that is done with one. */
const leaseMs = 60_000
const batch = 32

/**
 * Finishes what was begun: whatever a crash, an outage or a lost notification left open is found by its due time. There
 * is no queue: the records themselves are leased, each to one process at a time.
 * @see design.md rules 1, 2 and 5
 */
export class Reconciler {
  readonly #ports: Ports
  readonly #caretakers: readonly Caretaker[]
  #timer: NodeJS.Timeout | undefined
  #running: Promise<number> | undefined
  #isStopped = false

  constructor(ports: Ports, caretakers: readonly Caretaker[]) {
    this.#ports = ports
    this.#caretakers = caretakers
  }

  /** Tends everything that is due now. @returns how many records that were */
  run(): Promise<number> {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Runs again and again, a pause after each run; keeps no process alive. */
  start(everyMs: number): void {
    this.#timer = setTimeout(() => this.#tick(everyMs), everyMs)
    this.#timer.unref()
  }

  /** Ends the loop and waits for the run that is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#running?.catch(() => undefined)
  }

  async #tick(everyMs: number): Promise<void> {
    await this.run().catch((error) => this.#ports.logger.error({ err: error }, 'reconciliation could not run'))
    if (!this.#isStopped) this.start(everyMs)
  }

  async #drain(): Promise<number> {
    let tended = 0
    for (;;) {
      const due = await this.#ports.storage.lease(this.#ports.clock(), leaseMs, batch)
      await Promise.all(due.map((stored) => this.#tend(stored)))
      tended += due.length
      if (due.length < batch || this.#isStopped) return tended
    }
  }

  async #tend(stored: Stored): Promise<void> {
    const caretaker = this.#caretakers.find(({ keyPrefix }) => stored.key.startsWith(keyPrefix))
    if (!caretaker) {
      this.#ports.logger.warn(
        { key: stored.key },
        'the storage has records of somebody else; give each merchant its own',
      )
      return
    }
    await caretaker.tend(stored).catch((error) => {
      this.#ports.logger.warn({ err: error, key: stored.key }, 'a record could not be finished yet')
    })
  }
}
