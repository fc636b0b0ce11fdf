import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { apis, type Json, type JsonObject, type Operation } from 'express-doku-ovo'

export interface Arrival {
  readonly operation: Operation
  readonly headers: IncomingMessage['headers']
  // biome-ignore lint/suspicious/noExplicitAny: tests look into requests freely
  readonly body: any
}

/** What DOKU does with a request: an answer, or something done to the connection. */
export type Reply = { status: number; body: Json | string } | ((response: ServerResponse, arrival: Arrival) => unknown)

const ok = (body: JsonObject): Reply => ({ status: 200, body: { responseMessage: 'Successful', ...body } })

export const refusal = (
  responseCode: string,
  responseMessage = responseCode === '4017400' ? 'Unauthorized. Account is not linked' : 'refused',
): Reply => ({
  status: Number(responseCode.slice(0, 3)),
  body: { responseCode, responseMessage },
})

export const statusReply = (latestTransactionStatus: string, more: JsonObject = {}): Reply =>
  ok({ responseCode: '2005500', latestTransactionStatus, ...more })

/** Faults after which nobody can know what DOKU did. */
export const faults: Record<string, Reply> = {
  'the connection is cut': (response) => response.socket?.destroy(),
  'the connection is cut in the middle of the answer': (response) => {
    response.writeHead(200, { 'content-length': 100 }).write('{"responseCode":"2005400"')
    setImmediate(() => response.socket?.destroy())
  },
  'the answer never comes': () => {},
  'DOKU answers 500': refusal('5005400'),
  'DOKU answers 504': refusal('5045400'),
  'DOKU answers 202': refusal('2025400'),
  'DOKU answers HTML': { status: 502, body: '<html>Bad gateway</html>' },
  'DOKU answers 200 with HTML': { status: 200, body: '<html>Welcome</html>' },
  'DOKU answers 200 with garbage for a page': ok({ responseCode: '2005400', webRedirectUrl: 'javascript:alert(1)' }),
  'DOKU answers 409 without saying what became of the first': refusal('4095400'),
  'DOKU says the reference was used before': refusal('4095401'),
  'HTTP status and response code contradict each other': { status: 400, body: { responseCode: '2005400' } },
}

function operationOf(path: string): Operation | undefined {
  for (const api of Object.values(apis)) {
    for (const [operation, endpoint] of Object.entries(api)) if (endpoint.path === path) return operation as Operation
  }
  return undefined
}

/** An HTTP server that plays DOKU as a test tells it to, and otherwise says yes to everything. */
export class FakeDoku {
  readonly arrivals: Arrival[] = []
  /** Used up one by one; when none is left, `always`, and then a success. */
  readonly replies: Partial<Record<Operation, Reply[]>> = {}
  readonly always: Partial<Record<Operation, Reply>> = {}
  url = ''
  /** DOKU's clock, in ms since the epoch, for the `Date` of its answers. */
  now: () => number = Date.now
  #count = 0
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response))

  static async start(): Promise<FakeDoku> {
    const doku = new FakeDoku()
    await doku.listen()
    return doku
  }

  async listen(port = 0): Promise<void> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  next(operation: Operation, ...replies: Reply[]): void {
    this.replies[operation] = [...(this.replies[operation] ?? []), ...replies]
  }

  of(operation: Operation): Arrival[] {
    return this.arrivals.filter((arrival) => arrival.operation === operation)
  }

  /** What DOKU says when all is well: every token and code is another one. */
  success(operation: Operation): Reply {
    const n = ++this.#count
    const tokens = { tokenType: 'Bearer', accessToken: `${operation}-secret-${n}` }
    const answers: Partial<Record<Operation, JsonObject>> = {
      accessToken: { responseCode: '2007300', ...tokens, expiresIn: 900 },
      customerToken: { responseCode: '2007400', ...tokens, accessTokenExpiryTime: '900' },
      binding: {
        responseCode: '2000700',
        redirectUrl: `${this.url}/binding/auth-code-secret-${n}`,
        additionalInfo: { authCode: `auth-code-secret-${n}` },
      },
      balance: { responseCode: '2001100', accountInfos: [{ balanceType: 'CASH', amount: idr('5.00') }] },
      payment: { responseCode: '2005400', referenceNo: `doku-${n}`, webRedirectUrl: `${this.url}/payment/${n}` },
      status: { responseCode: '2005500', latestTransactionStatus: '01' },
      unbinding: { responseCode: '2000900' },
    }
    return ok(answers[operation] ?? {})
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = operationOf(request.url ?? '')
    if (!operation) return void response.writeHead(404).end()
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const arrival = { operation, headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) }
    this.arrivals.push(arrival)
    response.setHeader('date', new Date(this.now()).toUTCString())
    const reply = this.replies[operation]?.shift() ?? this.always[operation] ?? this.success(operation)
    if (typeof reply === 'function') return void (await reply(response, arrival))
    answer(response, reply)
  }
}

export function idr(value: string) {
  return { value, currency: 'IDR' }
}

export function answer(response: ServerResponse, reply: Reply): void {
  if (typeof reply === 'function') throw new TypeError('this reply answers by itself')
  response.writeHead(reply.status, { 'content-type': 'application/json' })
  response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body))
}
