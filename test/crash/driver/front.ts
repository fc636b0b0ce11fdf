import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Workshop } from '../workshop.ts'

/** The shop's one address: each connection goes to one of the hosts that are alive, by turns. */
export class Front {
  readonly #ports: number[] = []
  readonly #waiting = new Set<Socket>()
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((client) => this.#accept(client))
  #turn = 0

  /** Where customers and DOKU find the router. */
  url = ''

  async open(workshop: Workshop): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('there is no port')
    this.url = `http://127.0.0.1:${address.port}/ovo`
    workshop.atEnd(() => this.#close())
    return this
  }

  add(port: number): void {
    this.#ports.push(port)
    for (const client of this.#waiting) this.#forward(client)
    this.#waiting.clear()
  }

  remove(port: number): void {
    const index = this.#ports.indexOf(port)
    if (index >= 0) this.#ports.splice(index, 1)
  }

  #accept(client: Socket): void {
    this.#keep(client)
    client.once('close', () => this.#waiting.delete(client))
    this.#forward(client)
  }

  /** Whoever comes while no host is alive waits for one. */
  #forward(client: Socket): void {
    const port = this.#ports[this.#turn++ % Math.max(1, this.#ports.length)]
    if (port === undefined) return void this.#waiting.add(client)
    const host = this.#keep(connect(port, '127.0.0.1'))
    client.pipe(host).pipe(client)
    client.once('close', () => host.destroy())
    host.once('close', () => client.destroy())
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    return socket.once('close', () => this.#sockets.delete(socket))
  }

  async #close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
