import type { Fault } from './faults/fault.ts'
import type { OperationName, Received } from './protocol/routes.ts'
import type { LedgerEntry, RefundEntry } from './state/payments.ts'

/** One call to an operation of DOKU, as it came in. Nothing is checked and nothing has happened yet. */
export interface Arrival {
  readonly operation: OperationName
  readonly method: string
  /** The path with its query, as it was signed. */
  readonly path: string
  /** The names are in lower case. */
  readonly headers: Received['headers']
  /** The text as it was sent. */
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
  /** True when the signature, and everything else that proves the caller to be the merchant, was right. */
  readonly isAuthentic: boolean
  /** The fault that struck this call. Absent when none did. */
  readonly fault?: Fault['kind']
  /** The HTTP status that the caller gets, whatever the verdict is. 0: no answer. */
  readonly status: number
  /** The responseCode of that answer. Empty when it has none. */
  readonly code: string
  /** The time of the verdict, in milliseconds since the epoch. */
  readonly at: number
}

/** One attempt to deliver a notification, and its result. */
export interface NotificationAttempt {
  readonly kind: 'payment' | 'binding'
  /** The partnerReferenceNo of the payment, or the custIdMerchant of the binding. */
  readonly about: string
  readonly url: string
  /** The headers as they were sent. Empty when the merchant gave no token, so that nothing was sent. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
  /** Milliseconds since the epoch. */
  readonly at: number
  /** True for a status of 2xx. DOKU retries everything else on its schedule. */
  readonly isDelivered: boolean
  /** The HTTP status of the merchant's answer. Absent when there is no answer. */
  readonly status?: number
  /** The body of that answer. */
  readonly response?: string
  /** The reason why there is no answer. */
  readonly error?: string
}

/** One request of a customer's browser to a page. It leaves out the URL, because the URL alone opens the page. */
export interface PageVisit {
  readonly purpose: 'binding' | 'payment'
  readonly method: string
  /** The HTTP status of the answer. */
  readonly status: number
}

/** An event for listeners. The simulator calls them synchronously: nothing else happens until they return. */
export type SimulatorEvent =
  /** A call came in. */
  | { readonly moment: 'arrived'; readonly arrival: Arrival }
  /** Money left an OVO account. */
  | { readonly moment: 'charged'; readonly entry: LedgerEntry }
  /** Money went back to an OVO account. */
  | { readonly moment: 'refunded'; readonly entry: RefundEntry }
  /** The verdict is final, and the operation was carried out or not. From here on only the answer can go wrong. */
  | { readonly moment: 'decided'; readonly call: RecordedCall }
  /** The answer, or the part that a fault leaves of it, was sent. */
  | { readonly moment: 'answered'; readonly call: RecordedCall }
  /** An attempt to notify the merchant has ended. */
  | { readonly moment: 'notified'; readonly attempt: NotificationAttempt }
  /** A customer has opened a page, or sent its form. */
  | { readonly moment: 'page'; readonly page: PageVisit }
  /** A fault has begun to hold something back. */
  | { readonly moment: 'held' }

/** A function that gets every event of a simulator. */
export type Listener = (event: SimulatorEvent) => void

interface Waiting {
  readonly holds: () => boolean
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

const closedError = () => new Error('the simulator was closed before the condition became true')

/** Records every event, and passes it to listeners and to those that wait for a condition. */
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

  emit(event: SimulatorEvent): void {
    if (event.moment === 'arrived') this.arrivals.push(event.arrival)
    if (event.moment === 'decided') this.calls.push(event.call)
    for (const listener of this.#listeners) this.#callListener(listener, event)
    for (const waiting of this.#waiting) this.#askAgain(waiting)
  }

  /** Returns a function that removes the listener. */
  observe(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when `holds` returns true. Asks now, and again after every event. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (holds()) return resolve()
      if (this.#isClosed) return reject(closedError())
      this.#waiting.add({ holds, resolve, reject })
    })
  }

  /** Rejects every promise that still waits. */
  close(): void {
    this.#isClosed = true
    for (const { reject } of this.#waiting) reject(closedError())
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
