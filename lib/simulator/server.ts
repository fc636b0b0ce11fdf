import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { exchange } from './exchange.ts'
import { isPagePath, servePage } from './pages/serve-page.ts'
import { Refusal, refuse } from './protocol/answers.ts'
import { type Received, type Route, routeOf } from './protocol/routes.ts'
import type { World } from './world.ts'

/** Far more than any request of the protocol needs. */
const LARGEST_BODY_BYTES = 1_048_576

/** For the responseCode of a path that belongs to no operation. */
const NO_SERVICE_CODE = '00'

export function createSimulatorServer(world: World): Server {
  return createServer((request, response) => {
    serve(world, request, response).catch((error) => {
      world.settings.log(`${request.method} ${request.url}: ${error}`)
      response.destroy()
    })
  })
}

async function serve(world: World, request: IncomingMessage, response: ServerResponse) {
  const received = await receive(request)
  const route = servedRoute(world, received.path)
  if (route) return exchange(world, route, received, response)
  if (isPagePath(received.path)) return servePage(world, received, response)
  const { status, body } = refuse(NO_SERVICE_CODE, new Refusal('invalidRouting'))
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** The dialect chooses the apis that are served. All other paths are unknown. */
function servedRoute({ settings }: World, path: string): Route | undefined {
  const route = routeOf(path)
  const isServed = ['any', ...settings.dialect.generations].includes(route?.generation ?? '')
  return isServed ? route : undefined
}

async function receive(request: IncomingMessage): Promise<Received> {
  const target = request.url ?? '/'
  const [path = ''] = target.split('?', 1)
  return { method: request.method ?? '', target, path, headers: headersOf(request), body: await readAll(request) }
}

function headersOf({ headers }: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()]))
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > LARGEST_BODY_BYTES) throw new Error('the body is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Only this machine can reach the simulator. */
const HOST = '127.0.0.1'

/** The address that a simulator listens on. */
export interface Address {
  /** For example `http://127.0.0.1:4100`. */
  readonly url: string
  readonly port: number
}

/** Port 0 means any free port. */
export async function listen(server: Server, port: number): Promise<Address> {
  server.listen(port, HOST)
  await once(server, 'listening')
  const address = server.address()
  const actual = typeof address === 'object' && address !== null ? address.port : port
  return { url: `http://${HOST}:${actual}`, port: actual }
}

/** Closes all connections, idle or busy. Does nothing if the server does not listen. */
export async function stop(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}
