import type { Stored } from '../storage/storage.ts'
import type { Ports } from './ports.ts'

/** Finishes the records of one kind. */
export interface Caretaker {
  /** Each key of its records begins with this. */
  readonly keyPrefix: string
  /** Finishes a record that is due, and writes when it is due next. If it throws, the record is due again after the lease. */
  reconcile(stored: Stored): Promise<void>
}

/** How long a process has a leased record to itself, in ms. Longer than finishing one record takes. */
const leaseMs = 60_000

/** The number of records in one lease. */
const batch = 32

/**
 * Finishes the records that a crash, an outage or a lost notification left open, and finds them by their due time. There
 * is no queue: the storage leases each record to one process at a time.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-1
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-2
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-5
 */
export class Reconciler {
  readonly #ports: Ports
  readonly #caretakers: readonly Caretaker[]
  #begin: (() => Promise<unknown>) | undefined
  #timer: NodeJS.Timeout | undefined
  #running: Promise<number> | undefined
  #isStopped = false

  /** @param begin work that the first run does once; a failure is logged */
  constructor(ports: Ports, caretakers: readonly Caretaker[], begin?: () => Promise<unknown>) {
    this.#ports = ports
    this.#caretakers = caretakers
    this.#begin = begin
  }

  /** Finishes everything that is due now. @returns the number of records that were due */
  run(): Promise<number> {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Runs again and again, `everyMs` after the end of each run. Its timer keeps no process alive. */
  start(everyMs: number): void {
    this.#timer = setTimeout(() => this.#tick(everyMs), everyMs)
    this.#timer.unref()
  }

  /** Ends the loop and waits for the present run. */
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
    let found = 0
    const begin = this.#begin
    this.#begin = undefined
    await begin?.().catch((error) => this.#ports.logger.error({ err: error }, 'a start could not be finished'))
    for (;;) {
      const due = await this.#ports.storage.lease(this.#ports.clock(), leaseMs, batch)
      await Promise.all(due.map((stored) => this.#reconcile(stored)))
      found += due.length
      if (due.length < batch || this.#isStopped) return found
    }
  }

  async #reconcile(stored: Stored): Promise<void> {
    const caretaker = this.#caretakers.find(({ keyPrefix }) => stored.key.startsWith(keyPrefix))
    if (!caretaker) {
      this.#ports.logger.warn(
        { key: stored.key },
        'the storage has a record of another merchant; give each merchant its own storage',
      )
      return
    }
    await caretaker.reconcile(stored).catch((error) => {
      this.#ports.logger.warn({ err: error, key: stored.key }, 'a record could not be finished yet')
    })
  }
}
