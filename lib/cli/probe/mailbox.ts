import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Inbound, InboundMessage } from '../../doku/inbound.ts'
import { InboundRefusal, inboundServiceCodes } from '../../doku/snap-reply.ts'
import type { Settings } from '../../options/options.ts'
import { isObject, type JsonObject, parseJson } from '../../primitives/json.ts'
import { UsageError } from '../command.ts'
import { readAll } from '../io.ts'
import type { Captured } from '../verify/what-was-signed.ts'

/** A request of DOKU for our token, and its result. */
export interface TokenVisit {
  readonly isGenuine: boolean
  readonly refusal?: string
  /** The X-TIMESTAMP as DOKU wrote it. */
  readonly timestamp: string
}

export interface Notification extends Captured {
  readonly kind: 'binding' | 'payment'
  readonly json: JsonObject
}

/** A browser's return from one of OVO's pages. */
export interface Return {
  readonly purpose: string
  readonly outcome: string
  /** The names of the appended parameters. Values are left out, because they may be secrets. */
  readonly added: readonly string[]
}

const sendAgain = 'the app is not running; please send this again'

interface Waiting {
  readonly holds: () => boolean
  readonly end: () => void
}

/** Takes the merchant's place while the probe runs: receives the requests of DOKU, and keeps them. */
export class Mailbox {
  readonly tokenVisits: TokenVisit[] = []
  readonly notifications: Notification[] = []
  readonly returns: Return[] = []
  readonly #settings: Settings
  readonly #inbound: Inbound
  readonly #server: Server
  readonly #base: string
  readonly #expected: { readonly kind: Notification['kind']; readonly id: string }[] = []
  readonly #waiting = new Set<Waiting>()
  readonly #waitedFor = new Set<Notification['kind']>()

  constructor(settings: Settings, stop: AbortSignal) {
    this.#settings = settings
    stop.addEventListener('abort', () => this.#stopWaiting(), { once: true })
    this.#base = new URL(settings.publicUrl).pathname.replace(/\/$/, '')
    const { windowMs: notificationWindowMs, ...webhooks } = settings.webhooks
    this.#inbound = new Inbound({
      ...settings,
      ...webhooks,
      notificationWindowMs,
      currentAccessToken: async () => undefined,
    })
    this.#server = createServer((request, response) => {
      this.#receive(request, response).catch(() => response.destroy())
    })
  }

  async open(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1')
    try {
      await once(this.#server, 'listening')
    } catch (error) {
      throw new UsageError(
        `port ${port} cannot be used (${(error as NodeJS.ErrnoException).code}); choose another: --listen`,
      )
    }
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  /**
   * Returns the first notification of a kind. Only the first call for a kind waits, so that absent notifications cost one wait.
   * @returns undefined if none came in time
   */
  async notification(kind: Notification['kind'], waitMs: number): Promise<Notification | undefined> {
    const find = () => this.notifications.find((one) => one.kind === kind)
    const isFirst = !this.#waitedFor.has(kind)
    this.#waitedFor.add(kind)
    if (isFirst && find() === undefined) await this.#until(() => find() !== undefined, waitMs)
    return find()
  }

  #until(holds: () => boolean, waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting: Waiting = {
        holds,
        end: () => {
          clearTimeout(timer)
          this.#waiting.delete(waiting)
          resolve()
        },
      }
      const timer = setTimeout(waiting.end, waitMs)
      this.#waiting.add(waiting)
    })
  }

  #stopWaiting(): void {
    for (const { end } of this.#waiting) end()
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? '/'
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const captured = { method: request.method ?? '', target, headers, body: await readAll(request) }
    const { pathname } = new URL(target, 'http://localhost')
    if (pathname === `${this.#base}/webhooks/token`) await this.#giveToken(captured, response)
    else if (pathname === `${this.#base}/webhooks/notification`) this.#take(captured, response)
    else this.#welcome(target, response)
    for (const { holds, end } of this.#waiting) if (holds()) end()
  }

  async #giveToken(captured: Captured, response: ServerResponse): Promise<void> {
    const timestamp = captured.headers['x-timestamp'] ?? ''
    try {
      const { headers, body } = await this.#inbound.issueToken(
        new InboundMessage({ ...captured, path: captured.target }),
      )
      this.tokenVisits.push({ isGenuine: true, timestamp })
      send(response, 200, body, headers)
    } catch (error) {
      if (!(error instanceof InboundRefusal)) throw error
      const { httpStatus, responseCode, responseMessage } = error
      this.tokenVisits.push({ isGenuine: false, refusal: `${responseCode} ${responseMessage}`, timestamp })
      send(response, httpStatus, { responseCode, responseMessage })
    }
  }

  /** From now on the mailbox keeps each notification that contains this id, in whatever form. */
  expect(kind: Notification['kind'], id: string): void {
    // A payment's notification contains the customer's id too, so the newest id is compared first.
    this.#expected.unshift({ kind, id })
  }

  /**
   * Keeps an expected notification without a check, because the probe wants to see how DOKU signs it. Any other one belongs to
   * the app, so the answer 503 makes DOKU send it again.
   */
  #take(captured: Captured, response: ServerResponse): void {
    const kind = this.#expected.find(({ id }) => captured.body.includes(id))?.kind
    if (kind === undefined) {
      send(response, 503, { responseCode: `503${inboundServiceCodes.payment}00`, responseMessage: sendAgain })
      return
    }
    const parsed = parseJson(captured.body)
    const json = parsed.ok && isObject(parsed.value) ? parsed.value : {}
    this.notifications.push({ ...captured, kind, json })
    send(response, 200, { responseCode: `200${inboundServiceCodes[kind]}00`, responseMessage: 'Successful' })
  }

  #welcome(target: string, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(target, 'http://localhost')
    const [, purpose, outcome] = /\/probe\/(\w+)\/(\w+)$/.exec(pathname) ?? []
    if (purpose === undefined || outcome === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('This is express-doku-ovo probe.\n')
      return
    }
    this.returns.push({ purpose, outcome, added: [...searchParams.keys()] })
    response
      .writeHead(200, { 'content-type': 'text/plain' })
      .end('You are back at the probe. Press Enter in its terminal.\n')
  }

  /** The URL to which OVO's page sends the customer back. */
  returnUrl(purpose: 'binding' | 'payment', outcome: 'success' | 'failed'): string {
    return `${this.#settings.publicUrl}/probe/${purpose}/${outcome}`
  }
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
