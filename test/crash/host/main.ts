import { once } from 'node:events'
import { createServer } from 'node:http'
import express, { type RequestHandler } from 'express'
import { seeded } from '../seeded.ts'
import type { DatabaseKind } from '../servers/database.ts'
import { createPassing, dyingStorage } from './dying.ts'
import { append } from './journal.ts'
import type { FromHost, HostSetup, Question, ToHost } from './messages.ts'
import { createNaiveHost } from './naive-host.ts'
import { loadDriver, openStorage } from './open-storage.ts'
import { createPlugin, type HostParts } from './plugin-host.ts'

type Answer = () => number | Promise<number>

/** What a host that serves can be asked. */
type Capabilities = Readonly<Record<Question, Answer>>

let clockOffsetMs = 0
let capabilities: Capabilities | undefined
const clock = () => Date.now() + clockOffsetMs
const tell = (message: FromHost) =>
  new Promise<void>((resolve) => void process.send?.(message, undefined, {}, () => resolve()))

function mount(parts: HostParts): { handler: RequestHandler; answers: Omit<Capabilities, 'close'>; close(): unknown } {
  if (parts.setup.kind === 'naive') {
    const nothing = () => 0
    return { handler: createNaiveHost(parts), answers: { reconcile: nothing, parkedEvents: nothing }, close: nothing }
  }
  const ovo = createPlugin(parts)
  const { service } = ovo
  const parkedEvents = async () => (await service.parkedEvents()).length
  return { handler: ovo, answers: { reconcile: service.reconcile, parkedEvents }, close: ovo.close }
}

async function serve(setup: HostSetup): Promise<void> {
  clockOffsetMs = setup.clockOffsetMs
  const opened = await openStorage(setup.database, clock, setup.connections)
  const passing = createPassing(setup.kill, setup.journal)
  const storage = dyingStorage(opened.storage, passing)
  const { handler, answers, close } = mount({ setup, storage, clock, passing, random: seeded(setup.seed) })
  const server = createServer(createApp(setup, handler)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('there is no port')
  capabilities = {
    ...answers,
    async close() {
      await close()
      server.closeAllConnections()
      server.close()
      await opened.close()
      return 0
    },
  }
  await tell({ type: 'listening', port: address.port })
}

function createApp({ journal }: HostSetup, handler: RequestHandler) {
  const app = express()
  app.use('/ovo', handler)
  app.use((error: Error, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
    append(journal, { type: 'surprise', error: String(error.stack) })
    res.status(500).end()
  })
  return app
}

async function answer(id: number, question: Question): Promise<void> {
  try {
    const count = (await capabilities?.[question]()) ?? 0
    await tell({ type: 'answer', id, count })
  } catch (error) {
    await tell({ type: 'answer', id, count: 0, error: String(error) })
  }
  // Nothing else may keep the process alive from here on.
  if (question === 'close') process.disconnect()
}

process.on('message', (message: ToHost) => {
  if (message.type === 'serve') void serve(message.setup)
  else if (message.type === 'clock') clockOffsetMs = message.offsetMs
  else void answer(message.id, message.question)
})

await loadDriver(process.argv[2] as DatabaseKind)
await tell({ type: 'warm' })
