import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import express, { type Express } from 'express'
import { dokuOvo } from 'express-doku-ovo'
import type { Dispatcher } from 'undici'
import { type RouteName, routeTable } from '../../lib/routes/table.ts'
import { silentLogger } from '../../lib/telemetry.ts'
import { testOptions } from '../support/shop.ts'
import type { Reader } from './bodies.ts'

/** Every route of the table over the whole router, without the cost of a connection for each request. */

/** DOKU cannot be reached here, which is no fault; anything else of 500 and more would be. */
const expected = 'DOKU_UNAVAILABLE'

const noDoku: Pick<Dispatcher, 'dispatch'> = {
  dispatch() {
    throw new Error('there is no DOKU here')
  },
}

function openApp(uncaught: (error: unknown) => void): Express {
  const ovo = dokuOvo({
    ...testOptions('http://127.0.0.1:1', 'https://shop.example/ovo'),
    api: 'core-v1',
    authorizeRefund: () => true,
    reconcileEveryMs: false,
    dispatcher: noDoku as Dispatcher,
    logger: silentLogger,
  })
  const app = express().use('/ovo', ovo)
  app.use((error: unknown, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
    uncaught(error)
    res.writeHead(500).end()
  })
  return app
}

interface Reply {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body: string
}

/** Ends up nowhere: nothing is ever read from it or written to it. */
const socket = new Socket()

/** Hands a request to the app as Node would, and takes the answer before it would go out. */
function inject(app: Express, method: string, url: string, headers: Record<string, string>, body: Buffer) {
  return new Promise<Reply>((resolve) => {
    const req = Object.assign(new IncomingMessage(socket), { method, url, headers, complete: true })
    req.push(body)
    req.push(null)
    const res = new ServerResponse(req)
    const end = (text: unknown) => {
      resolve({ status: res.statusCode, headers: res.getHeaders(), body: String(text ?? '') })
      res.emit('close')
      return res
    }
    app(req as express.Request, Object.assign(res, { end }) as unknown as express.Response)
  })
}

/** What a request line can hold: Node refuses anything else before us. */
const inPath = (text: string) => text.replaceAll(/[^\x21-\x7e]|[?#/]/g, '').slice(0, 8000) || 'x'
const inHeader = (text: string) => text.replaceAll(/[^\x20-\x7e\x80-\xff]/g, '').slice(0, 8000)

/** As it is, where a `%` may stand for anything, or so that it stands for these very bytes. */
const inPathToo = (bytes: Buffer) => bytes.toString('latin1').slice(0, 2500).replaceAll(/[^\w]/g, encodeURIComponent)

function judge({ status, headers, body }: Reply): string | undefined {
  const isExpected = status === 503 && (JSON.parse(body) as { code?: unknown }).code === expected
  if (status >= 500 && !isExpected) return `answered ${status}: ${body}`
  if (headers['cache-control'] !== 'no-store' || headers['x-content-type-options'] !== 'nosniff') {
    return `answered ${status} without its headers`
  }
  return undefined
}

export function routeReaders(): Reader<Buffer>[] {
  let uncaught: unknown
  const app = openApp((error) => {
    uncaught = error
  })
  return (Object.keys(routeTable) as RouteName[]).map((name) => {
    const { method, path } = routeTable[name]
    const read = async (bytes: Buffer) => {
      const text = bytes.toString('latin1')
      const part = bytes.length % 2 === 0 ? inPath(text) : inPathToo(bytes)
      const url = `/ovo${path.replaceAll(/:\w+/g, () => part)}?${inPath(text)}`
      const stranger = { 'user-agent': inHeader(text), 'x-forwarded-for': inHeader(text), cookie: inHeader(text) }
      const headers = { 'x-customer': 'alice', 'content-type': 'application/json', ...stranger }
      uncaught = undefined
      const reply = await inject(app, method.toUpperCase(), url, headers, bytes)
      return uncaught ? `next(err): ${uncaught instanceof Error ? uncaught.stack : uncaught}` : judge(reply)
    }
    return { name: `${method.toUpperCase()} ${path}`, read }
  })
}
