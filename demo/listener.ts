import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Express } from 'express'
import { DemoError } from './demo-error.ts'

/** Only this machine can reach the demo. DOKU's sandbox comes in through a tunnel. */
const host = '127.0.0.1'

export interface Listener {
  readonly url: string
  readonly port: number
  /** Starts to answer requests. */
  serve(app: Express): void
  close(): Promise<void>
}

/** Listens on the wanted port, or on a free one if that is taken. Port 0 means any free port. */
export async function startListener(port: number): Promise<Listener> {
  const server = createServer()
  const actual = (await tryPort(server, port)) ?? (await tryPort(server, 0)) ?? port
  return {
    url: `http://${host}:${actual}`,
    port: actual,
    serve: (app) => void server.on('request', app),
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** Returns the port that it listens on. @returns undefined when the wanted port is taken */
async function tryPort(server: Server, port: number): Promise<number | undefined> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
    throw new DemoError(`PORT ${port} cannot be used: ${(error as Error).message}`, { cause: error })
  }
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}
