import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'

/** One request as it arrived. */
export interface Arrival {
  readonly method: string | undefined
  readonly url: string | undefined
  /** Its X-EXTERNAL-ID. */
  readonly id: string
  readonly rawHeaders: readonly string[]
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type Behaviour = (req: IncomingMessage, res: ServerResponse, arrival: Arrival) => void

/** A server on loopback that counts what arrives, and answers as the test says. */
export interface Peer {
  readonly url: string
  readonly arrivals: Arrival[]
  readonly server: Server
  /** How often a request with this X-EXTERNAL-ID arrived. */
  count(id: string): number
  /** Resolves when a request with this X-EXTERNAL-ID arrives. Ask before it can. */
  arrived(id: string): Promise<unknown>
  /** The connections that are open. */
  readonly sockets: Set<Socket>
  close(): Promise<void>
}

export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

export async function closeServer(server: Server, sockets: Iterable<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy()
  server.close()
  await once(server, 'close')
}

export function trackSockets(server: Server): Set<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

async function readBody(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

export async function startPeer(behaviour: Behaviour): Promise<Peer> {
  const events = new EventEmitter()
  const arrivals: Arrival[] = []
  const server = createServer(async (req, res) => {
    const id = String(req.headers['x-external-id'] ?? '')
    const { method, url, rawHeaders, headers } = req
    const arrival = { method, url, id, rawHeaders, headers, body: await readBody(req) }
    arrivals.push(arrival)
    behaviour(req, res, arrival)
    events.emit(`id ${id}`)
  })
  server.keepAliveTimeout = 0
  const sockets = trackSockets(server)
  const port = await listen(server)
  return {
    url: `http://127.0.0.1:${port}`,
    arrivals,
    server,
    sockets,
    count: (id) => arrivals.filter((arrival) => arrival.id === id).length,
    arrived: (id) => once(events, `id ${id}`),
    close: () => closeServer(server, sockets),
  }
}

/** Answers with this HTTP status and JSON. */
export const reply =
  (status: number, body: unknown): Behaviour =>
  (_req, res) => {
    res.writeHead(status, { 'content-type': 'application/json' })
    res.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
