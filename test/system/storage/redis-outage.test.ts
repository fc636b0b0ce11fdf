import { expect } from 'chai'
import { createClient } from 'redis'
import { StorageError } from '../../../lib/errors.ts'
import { storageConformance } from '../../../lib/storage/conformance/conformance.ts'
import { redisStorage } from '../../../lib/storage/redis/redis.ts'
import { raceTests } from '../../support/process-race.ts'
import { canStartRedis, need, type PrivateServer, startRedis } from '../../support/servers.ts'

/** Short, so that the tests do not take long; nothing is asserted about how long. */
const deadlineMs = 200

describe('redisStorage and what can happen to a Redis', () => {
  let server: PrivateServer
  let client: ReturnType<typeof newClient>
  let isPaused = false
  let storages = 0

  before(async function () {
    need(this, 'redis-server', canStartRedis())
    server = await startRedis()
    client = newClient(server)
    await client.connect()
  })

  after(async () => {
    client?.destroy()
    await server?.stop()
  })

  afterEach(() => {
    if (isPaused) server.resume()
    isPaused = false
  })

  function pause(): void {
    server.pause()
    isPaused = true
  }

  function newStorage(deadlineInMs = 60_000) {
    return redisStorage(client, { prefix: `${storages++}:`, deadlineMs: deadlineInMs })
  }

  storageConformance({ describe, it }, () => newStorage(), {
    brokenStorage: () => {
      pause()
      return newStorage(deadlineMs)
    },
  })

  it('rejects every call while the server is down, and works again when it is back, with nothing lost', async () => {
    const storage = redisStorage(client, { prefix: 'killed:', deadlineMs })
    const patient = redisStorage(client, { prefix: 'killed:', deadlineMs: 60_000 })
    const inserted = await patient.insert('key', 'value', { dueAt: 1 })
    await server.kill()
    const calls = () => [
      storage.read('key'),
      storage.insert('new', 1),
      storage.remove('key'),
      storage.lease(5, 1000, 10),
    ]
    const outcomes = await Promise.allSettled(calls())
    await server.restart()
    for (const outcome of outcomes) {
      expect(outcome)
        .to.have.property('reason')
        .that.is.instanceOf(StorageError)
        .with.property('code', 'STORAGE_UNAVAILABLE')
    }
    expect(await patient.read('key')).to.deep.equal(inserted)
    expect(await patient.lease(5, 1000, 10)).to.deep.equal([inserted])
  })

  it('does not send, when the server is back, what it has given up on while there was no connection', async () => {
    const hasty = redisStorage(client, { prefix: 'queued:', deadlineMs: 50 })
    const patient = redisStorage(client, { prefix: 'queued:', deadlineMs: 60_000 })
    await server.kill()
    await Promise.allSettled([hasty.read('notices the outage')])
    const [given] = await Promise.allSettled([hasty.insert('given up', 'value')])
    await server.restart()
    expect(given?.status).to.equal('rejected')
    expect(await patient.insert('marker', 'later than any that waited')).not.to.equal(undefined)
    expect(await patient.read('given up')).to.equal(undefined)
  })

  it('lets a write that was sent before the outage run late, without harm to a newer one', async () => {
    const hasty = redisStorage(client, { prefix: 'late:', deadlineMs: 50 })
    const patient = redisStorage(client, { prefix: 'late:', deadlineMs: 60_000 })
    const start = await patient.insert('key', 'start')
    pause()
    const [late] = await Promise.allSettled([hasty.update('key', 'late', start?.version ?? 0)])
    server.resume()
    isPaused = false
    expect(late?.status).to.equal('rejected')
    expect(await patient.update('key', 'newer', start?.version ?? 0)).to.equal(undefined)
    expect(await patient.read('key')).to.have.property('value', 'late')
  })

  describe('with several processes', () => {
    const storage = () => redisStorage(client, { prefix: 'race:', deadlineMs: 60_000 })
    raceTests(() => ['redis', server.url, 'race:'], storage)
  })
})

function newClient({ url }: PrivateServer) {
  return createClient({ url, socket: { reconnectStrategy: 10 } }).on('error', () => {})
}
