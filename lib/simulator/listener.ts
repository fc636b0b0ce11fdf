import { once } from 'node:events'
import type { Server } from 'node:http'

/** Only this machine may talk to the simulator. */
const HOST = '127.0.0.1'

export interface Address {
  readonly url: string
  readonly port: number
}

/** Port 0 means any free one. */
export async function listen(server: Server, port: number): Promise<Address> {
  server.listen(port, HOST)
  await once(server, 'listening')
  const address = server.address()
  const actual = typeof address === 'object' && address !== null ? address.port : port
  return { url: `http://${HOST}:${actual}`, port: actual }
}

/** Ends idle and busy connections alike. Stopping what does not listen succeeds. */
export async function stop(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}
