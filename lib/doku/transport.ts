import { type Dispatcher, Pool } from 'undici'
import { DokuOvoError } from '../errors.ts'

/** The oldest TLS version that connections to DOKU may use. */
export type TlsFloor = '1.2' | '1.3'

/**
 * All of TLS 1.3, and the suites of TLS 1.2 with forward secrecy and GCM that the SNAP standard lists.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#16
 */
const suites = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
]

interface TlsSettings {
  readonly minVersion: `TLSv${TlsFloor}`
  readonly ciphers: string
  readonly rejectUnauthorized: true
}

/** Sets `rejectUnauthorized` itself, so that `NODE_TLS_REJECT_UNAUTHORIZED=0` cannot turn it off for payments. */
function tlsSettings(floor: TlsFloor): TlsSettings {
  return { minVersion: `TLSv${floor}`, ciphers: suites.join(':'), rejectUnauthorized: true }
}

/** A lost request is `not-sent` if not one byte left the process, and `unknown` if DOKU may have acted on it. */
export type Loss = 'not-sent' | 'unknown'

/**
 * No usable answer came. `loss` tells whether DOKU can have acted on the request.
 * @example
 * ```ts
 * import { ProblemError, TransportError } from 'express-doku-ovo'
 *
 * await ovo.service.balance({ id: 'customer-1' }).catch((error: unknown) => {
 *   const cause = error instanceof ProblemError ? error.cause : undefined
 *   if (cause instanceof TransportError) console.log(cause.loss === 'not-sent' ? 'DOKU was not reached' : 'no usable answer')
 * })
 * ```
 */
export class TransportError extends DokuOvoError {
  readonly code: 'DOKU_NOT_REACHED' | 'DOKU_ANSWER_LOST'
  readonly loss: Loss
  constructor(loss: Loss, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.loss = loss
    this.code = loss === 'not-sent' ? 'DOKU_NOT_REACHED' : 'DOKU_ANSWER_LOST'
  }
}

export interface HttpAnswer {
  readonly httpStatus: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export interface HttpRequest {
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string
  /** The longest time from the call to the last byte of the answer, in ms. */
  readonly deadlineMs: number
  /**
   * Asked directly before the first byte leaves; if it says no, nothing is sent. It covers the time in which the request
   * waited for a connection. Default: yes.
   */
  readonly mayStart?: () => boolean
}

export interface Transport {
  /**
   * POSTs exactly once: it never retries and never follows a redirect.
   * @throws TransportError if no complete answer came within the deadline
   */
  post(request: HttpRequest): Promise<HttpAnswer>
  close(): Promise<void>
}

export interface TransportOptions {
  /** Scheme, host and port. */
  readonly baseUrl: string
  /** The largest answer body that is read, in bytes. */
  readonly maxAnswerBytes: number
  /** Default: `'1.2'`. A given `dispatcher` has its own. */
  readonly tls?: TlsFloor
  /** For tests and for hosts behind a proxy. Default: a pool that closes with the transport. */
  readonly dispatcher?: Dispatcher
}

/** One request and its answer. Collects the answer, and knows whether the request began to leave. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<HttpAnswer>
  readonly #settle: { resolve: (answer: HttpAnswer) => void; reject: (error: TransportError) => void }
  readonly #maxBytes: number
  readonly #mayStart: (() => boolean) | undefined
  readonly #timer: NodeJS.Timeout
  #controller: Dispatcher.DispatchController | undefined
  #chunks: Buffer[] = []
  #bytes = 0
  #httpStatus = 0
  #headers: HttpAnswer['headers'] = {}
  #over = false

  constructor({ deadlineMs, mayStart }: Pick<HttpRequest, 'deadlineMs' | 'mayStart'>, maxAnswerBytes: number) {
    this.#maxBytes = maxAnswerBytes
    this.#mayStart = mayStart
    const { promise, resolve, reject } = promiseWithResolvers<HttpAnswer>()
    this.answer = promise
    this.#settle = { resolve, reject }
    this.#timer = setTimeout(() => this.#fail(`DOKU did not answer within ${deadlineMs} ms`), deadlineMs)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const again = this.#controller !== undefined
    if (!this.#over && !again && this.#mayStart?.() === false) this.#fail('it became too late to send the request')
    if (!this.#over && !again) {
      this.#controller = controller
      return
    }
    // undici can queue a request again, and can start one that was given up. Neither may be sent.
    controller.abort(new Error('a request is sent once'))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    httpStatus: number,
    headers: HttpAnswer['headers'],
  ): void {
    this.#httpStatus = httpStatus
    this.#headers = headers
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > this.#maxBytes) this.#fail(`DOKU's answer is larger than ${this.#maxBytes} bytes`)
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    if (!this.#finish()) return
    const body = Buffer.concat(this.#chunks).toString('utf8')
    this.#settle.resolve({ httpStatus: this.#httpStatus, headers: this.#headers, body })
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#fail(this.#controller ? "DOKU's answer was cut off" : 'DOKU could not be reached', error)
  }

  #fail(message: string, cause?: Error): void {
    if (!this.#finish()) return
    const loss = this.#controller ? 'unknown' : 'not-sent'
    this.#settle.reject(new TransportError(loss, message, cause))
    this.#controller?.abort(new Error(message))
  }

  /** @returns true for the first caller only, because an exchange ends once */
  #finish(): boolean {
    if (this.#over) return false
    this.#over = true
    clearTimeout(this.#timer)
    return true
  }
}

// `Promise.withResolvers` needs Node 22.
function promiseWithResolvers<T>() {
  let resolve: (value: T) => void = () => {}
  let reject: (reason: TransportError) => void = () => {}
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

/** The most connections to DOKU at once. A further request waits for a free one, within its own deadline. */
const connectionsAtMost = 128

const connectTimeoutMs = 10_000

/** A transport to one host. */
export function createTransport(options: TransportOptions): Transport {
  const own = options.dispatcher ? undefined : createPool(options)
  const dispatcher = own ?? (options.dispatcher as Dispatcher)
  return {
    post(request) {
      const { path, headers, body } = request
      const exchange = new Exchange(request, options.maxAnswerBytes)
      try {
        dispatcher.dispatch({ origin: options.baseUrl, path, method: 'POST', headers, body }, exchange)
      } catch (error) {
        exchange.onResponseError(undefined, error as Error)
      }
      return exchange.answer
    },
    async close() {
      await own?.close()
    },
  }
}

function createPool({ baseUrl, tls = '1.2' }: TransportOptions): Pool {
  return new Pool(baseUrl, {
    connections: connectionsAtMost,
    pipelining: 1,
    connect: { timeout: connectTimeoutMs, ...tlsSettings(tls) },
    // The deadline of each exchange covers the whole answer.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
}
