import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Figures, FromProcess, Question, ServerSetup, ToProcess } from './messages.ts'
import { readProfile, watchProfile } from './profile.ts'

export type CreateListener = (setup: ServerSetup) => RequestListener | Promise<RequestListener>

type Answers = Partial<Record<Question, () => Figures>>

const delays = monitorEventLoopDelay({ resolution: 1 })

const commonAnswers: Answers = {
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
  'watch-event-loop': () => {
    delays.enable()
    delays.reset()
    return {}
  },
  'event-loop': () => ({ p99Ms: delays.percentile(99) / 1e6 }),
  'watch-profile': () => {
    watchProfile()
    return {}
  },
  profile: readProfile,
}

function tell(message: FromProcess): void {
  process.send?.(message)
}

/** Runs one server of the benchmark: it is told its setup, listens on loopback, answers questions, and ends with its parent. */
export function serve(createListener: CreateListener, ownAnswers: Answers = {}): void {
  const answers = { ...commonAnswers, ...ownAnswers }
  process.once('disconnect', () => process.exit())
  process.on('message', async (message: ToProcess) => {
    if (message.type === 'setup') {
      const server = createServer(await createListener(message.setup)).listen(0, '127.0.0.1')
      await once(server, 'listening')
      tell({ type: 'listening', port: (server.address() as AddressInfo).port })
    }
    if (message.type === 'ask') tell({ type: 'answer', id: message.id, answer: answers[message.question]?.() ?? {} })
  })
  tell({ type: 'ready' })
}
