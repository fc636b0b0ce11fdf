import { DecoratorHandler, type Dispatcher, Pool } from 'undici'
import type { Storage } from '../../../lib/storage/storage.ts'
import { decorate, isWrite, type StorageCall } from '../../support/decorate.ts'
import { append } from './journal.ts'
import type { KillPlan, KillPoint } from './messages.ts'

/** Called wherever the process might have to die. */
export type Passing = (point: KillPoint) => void

/** SIGKILL to itself: no handler runs, nothing is flushed, and this statement is the last. */
export function createPassing(plan: KillPlan | undefined, journal: string): Passing {
  let times = 0
  return (point) => {
    if (point !== plan?.point || ++times < plan.time) return
    append(journal, { type: 'killed', point })
    process.kill(process.pid, 'SIGKILL')
    for (;;);
  }
}

/** The points are about payments: other records pass. */
export function dyingStorage(storage: Storage, passing: Passing): Storage {
  const pass = (when: 'before' | 'after') => (call: StorageCall) => {
    if (isWrite(call) && call.args[0].includes('/order/')) passing(`${when}-${call.method}`)
  }
  return decorate(storage, { before: pass('before'), after: pass('after') })
}

const isPayment = (path: string) => path.endsWith('/payment-host-to-host')

export function dyingDispatcher(dokuUrl: string, passing: Passing): Dispatcher {
  const pool = new Pool(dokuUrl, { connections: 64, headersTimeout: 0, bodyTimeout: 0 })
  return pool.compose((dispatch) => (options, handler) => {
    if (!isPayment(options.path)) return dispatch(options, handler)
    passing('before-send')
    return dispatch(options, new DyingHandler(handler, passing))
  })
}

/** A status of 200 tells that DOKU has done it, and so far nobody but this process has heard. */
class DyingHandler extends DecoratorHandler {
  readonly #handler: Dispatcher.DispatchHandler
  readonly #passing: Passing

  constructor(handler: Dispatcher.DispatchHandler, passing: Passing) {
    super(handler)
    this.#handler = handler
    this.#passing = passing
  }

  onResponseStart(...started: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>): void {
    const [, statusCode] = started
    if (statusCode === 200) this.#passing('after-upstream-commit')
    this.#handler.onResponseStart?.(...started)
  }

  onResponseData(...received: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseData']>>): void {
    this.#handler.onResponseData?.(...received)
    this.#passing('mid-answer')
  }
}
