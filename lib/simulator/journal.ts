import type { Fault } from './faults/fault.ts'
import type { OperationName, Received } from './protocol/routes.ts'
import type { LedgerEntry, RefundEntry } from './state/payments.ts'

/** One call to an operation of DOKU's, as it came in: nothing has been checked, and nothing has happened yet. */
export interface Arrival {
  readonly operation: OperationName
  readonly method: string
  /** With the query, as it was signed. */
  readonly path: string
  readonly headers: Received['headers']
  readonly body: string
  /** Milliseconds since the epoch. */
  readonly arrivedAt: number
}

/**
 * The result of the checks. `accepted`: the operation was carried out. `refused`: the request was wrong. `replayed`: the same
 * request came before under the same X-EXTERNAL-ID, and got the same body again with 409.
 */
export type Verdict = 'accepted' | 'refused' | 'replayed'

/** One call to an operation, right or wrong, and its result. */
export interface RecordedCall extends Arrival {
  /** `prevented`: a fault struck before anything was checked or carried out. */
  readonly verdict: Verdict | 'prevented'
  /** The signature was right, and so was everything else that proves the caller to be the merchant. */
  readonly isAuthentic: boolean
  /** What struck it, if anything did. */
  readonly fault?: Fault['kind']
  /** HTTP status of the answer that the caller gets, whatever the verdict is. 0: none. */
  readonly status: number
  /** responseCode of that answer; empty when it has none. */
  readonly code: string
  /** Milliseconds since the epoch: when it was carried out, or was not. */
  readonly at: number
}

/** One attempt to deliver a notification, and what came of it. */
export interface NotificationAttempt {
  readonly kind: 'payment' | 'binding'
  /** The partnerReferenceNo of the payment, or the custIdMerchant of the binding. */
  readonly about: string
  readonly url: string
  /** As it was sent; empty when the merchant gave no token to send it with. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
  /** Milliseconds since the epoch. */
  readonly at: number
  /** A status of 2xx. Anything else is tried again on DOKU's schedule. */
  readonly isDelivered: boolean
  readonly status?: number
  readonly response?: string
  /** Why there is no response. */
  readonly error?: string
}

/** One request of a customer's browser to a page. Its address is not told: it opens the page. */
export interface PageVisit {
  readonly purpose: 'binding' | 'payment'
  readonly method: string
  /** HTTP status of the answer. */
  readonly status: number
}

/** What a listener is told, at the very moment: nothing else happens in the simulator until it returns. */
export type SimulatorEvent =
  | { readonly moment: 'arrived'; readonly arrival: Arrival }
  | { readonly moment: 'charged'; readonly entry: LedgerEntry }
  | { readonly moment: 'refunded'; readonly entry: RefundEntry }
  /** Carried out or not: from here on only the answer can go wrong. */
  | { readonly moment: 'decided'; readonly call: RecordedCall }
  /** The answer, or what is left of it, is on its way. */
  | { readonly moment: 'answered'; readonly call: RecordedCall }
  | { readonly moment: 'notified'; readonly attempt: NotificationAttempt }
  /** A customer has looked at a page, or sent its form. */
  | { readonly moment: 'page'; readonly page: PageVisit }
  /** A fault holds something back. */
  | { readonly moment: 'held' }

export type Listener = (event: SimulatorEvent) => void

interface Waiting {
  readonly holds: () => boolean
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

const CLOSED = () => new Error('the simulator was closed before it happened')

/** What has happened, and who wants to know. */
export class Journal {
  readonly arrivals: Arrival[] = []
  readonly calls: RecordedCall[] = []
  readonly #listeners = new Set<Listener>()
  readonly #waiting = new Set<Waiting>()
  #isClosed = false
  readonly #log: (line: string) => void

  constructor({ log }: { readonly log: (line: string) => void }) {
    this.#log = log
  }

  tell(event: SimulatorEvent): void {
    if (event.moment === 'arrived') this.arrivals.push(event.arrival)
    if (event.moment === 'decided') this.calls.push(event.call)
    for (const listener of this.#listeners) this.#callListener(listener, event)
    for (const waiting of this.#waiting) this.#askAgain(waiting)
  }

  /** Returns what ends the listening. */
  observe(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Asks now, and again after everything that happens. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (holds()) return resolve()
      if (this.#isClosed) return reject(CLOSED())
      this.#waiting.add({ holds, resolve, reject })
    })
  }

  /** Whoever still waits, waits in vain. */
  close(): void {
    this.#isClosed = true
    for (const { reject } of this.#waiting) reject(CLOSED())
    this.#waiting.clear()
    this.#listeners.clear()
  }

  #askAgain(waiting: Waiting): void {
    try {
      if (!waiting.holds()) return
      waiting.resolve()
    } catch (error) {
      waiting.reject(error)
    }
    this.#waiting.delete(waiting)
  }

  #callListener(listener: Listener, event: SimulatorEvent): void {
    try {
      listener(event)
    } catch (error) {
      this.#log(`a listener failed: ${error}`)
    }
  }
}
