import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Figures, FromProcess, Question, ServerSetup, ToProcess } from './messages.ts'

export type CreateListener = (setup: ServerSetup) => RequestListener | Promise<RequestListener>

const answers: Record<Question, () => Figures> = {
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return { micros: user + system }
  },
  memory: () => {
    // Twice: what the first collection finalises, the second one frees.
    for (let round = 0; round < 2; round++) globalThis.gc?.()
    const resources = process.getActiveResourcesInfo()
    const countOf = (name: string) => resources.filter((resource) => resource === name).length
    return {
      heapBytes: process.memoryUsage().heapUsed,
      sockets: countOf('TCPSocketWrap'),
      timers: countOf('Timeout'),
    }
  },
}

function tell(message: FromProcess): void {
  process.send?.(message)
}

/** Runs one server of the benchmark: it is told its setup, listens on loopback, answers questions, and ends with its parent. */
export function serve(createListener: CreateListener): void {
  process.once('disconnect', () => process.exit())
  process.on('message', async (message: ToProcess) => {
    if (message.type === 'setup') {
      const server = createServer(await createListener(message.setup)).listen(0, '127.0.0.1')
      await once(server, 'listening')
      tell({ type: 'listening', port: (server.address() as AddressInfo).port })
    }
    if (message.type === 'ask') tell({ type: 'answer', id: message.id, answer: answers[message.question]() })
  })
  tell({ type: 'ready' })
}
