import { expect } from 'chai'
import { createClient } from 'redis'
import { StorageError } from '../../../../lib/errors.ts'
import { storageConformance } from '../../../../lib/storage/conformance/conformance.ts'
import { type RedisLike, redisStorage } from '../../../../lib/storage/redis/redis.ts'
import { isReachable, need, serviceUrls } from '../../../support/servers.ts'

/** Patient: how long two busy cores take is not what is tested. */
const deadlineMs = 60_000

const serviceUrl = serviceUrls.redis

describe('redisStorage', () => {
  describe('on the machine’s own Redis', () => {
    const prefix = `express-doku-ovo-test-${process.pid}:`
    const client = createClient({ url: serviceUrl }).on('error', () => {})
    let storages = 0

    before(async function () {
      need(this, `Redis at ${serviceUrl}`, await isReachable(serviceUrl))
      await client.connect()
    })

    after(async () => {
      if (!client.isOpen) return
      for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
        if (keys.length > 0) await client.unlink(keys)
      }
      await client.close()
    })

    storageConformance({ describe, it }, () => redisStorage(client, { prefix: `${prefix}${storages++}:`, deadlineMs }))
  })

  it('refuses what is not a node-redis client of version 5 or later, and a prefix with braces', () => {
    const version4 = { eval() {}, evalSha() {} } as unknown as RedisLike
    expect(() => redisStorage(version4)).to.throw(TypeError, 'version 5')
    expect(() => redisStorage(createClient(), { prefix: '{tag}:' })).to.throw(TypeError, 'prefix')
  })

  it('reports a client that is not connected as an outage', async () => {
    const error = await errorOf(redisStorage(createClient({ url: 'redis://127.0.0.1:1' })).read('key'))
    expect(error).to.be.instanceOf(StorageError).with.property('cause')
  })
})

function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}
