import { expect } from 'chai'
import { createCluster } from 'redis'
import { StorageError } from '../../../lib/errors.ts'
import { storageConformance } from '../../../lib/storage/conformance/conformance.ts'
import { redisStorage } from '../../../lib/storage/redis/redis.ts'
import type { Stored } from '../../../lib/storage/storage.ts'
import { canStartRedis, need, type PrivateServer, startRedisCluster } from '../../support/servers.ts'

describe('redisStorage on Redis Cluster', () => {
  let nodes: PrivateServer[] = []
  let client: ReturnType<typeof newClient>
  let storages = 0

  before(async function () {
    need(this, 'redis-server', canStartRedis())
    nodes = await startRedisCluster()
    client = newClient(nodes)
    await client.connect()
  })

  after(async () => {
    client?.destroy()
    await Promise.all(nodes.map((node) => node.stop()))
  })

  storageConformance({ describe, it }, () => redisStorage(client, { prefix: `${storages++}:`, deadlineMs: 60_000 }))

  it('spreads the records over all masters', async () => {
    const storage = redisStorage(client, { prefix: 'spread:', deadlineMs: 60_000 })
    for (let count = 0; count < 100; count++) await storage.insert(`key-${count}`, count)
    const sizes = await Promise.all(client.masters.map(async (master) => (await client.nodeClient(master)).dbSize()))
    expect(sizes).to.have.length(3)
    for (const size of sizes) expect(size).to.be.greaterThan(0)
  })

  it('leases what the other masters have while one hangs, and rejects when there is nothing else', async () => {
    const storage = redisStorage(client, { prefix: 'partial:', deadlineMs: 4000 })
    const keys = Array.from({ length: 60 }, (_, number) => `key-${number}`)
    for (const key of keys) await storage.insert(key, null, { dueAt: 1 })
    nodes[0]?.pause()
    const outcomes: PromiseSettledResult<Stored[]>[] = []
    for (let call = 0; call < 2; call++) outcomes.push(...(await Promise.allSettled([storage.lease(5, 1000, 100)])))
    nodes[0]?.resume()
    expect(outcomes[0])
      .to.have.property('value')
      .with.length.within(1, keys.length - 1)
    expect(outcomes[1]).to.have.property('reason').that.is.instanceOf(StorageError)
  })
})

function newClient(nodes: readonly PrivateServer[]) {
  return createCluster({ rootNodes: nodes.map(({ url }) => ({ url })) }).on('error', () => {})
}
