import { startRedis } from '../../support/servers.ts'
import { slopeOf, spreadOf } from '../statistics.ts'
import type { Measure } from './figure.ts'

const parts = 10
const bytesPerMegabyte = 1_000_000
const slopeUnit = 100_000

/**
 * Everything that customers and DOKU do, again and again: pay, tell, look, ask for the balance, fetch a token. Payments
 * are in Redis, because memory that is to hold them all has to grow. What is left is measured after each part.
 */
export const measureSoak: Measure = async (stage) => {
  // What Redis writes to disk does not concern the process that is measured.
  const redis = await startRedis('--appendfsync', 'no')
  stage.workshop.atEnd(() => redis.stop())
  const server = await stage.startServer('plugin', { database: { kind: 'redis', url: redis.url, space: 'bench' } })
  const amount = stage.pace.soakRequests / parts
  const points: { x: number; y: number; sockets: number; timers: number }[] = []
  let failures = 0
  // The first one is to warm up: caches fill, code is compiled.
  for (let part = 0; part <= parts; part++) {
    // A soak can take longer than a token lasts.
    const bearer = await stage.fetchBearer(server)
    const load = await stage.load(
      [server],
      { scenario: 'everything', expects: '{', from: part * amount, amount },
      bearer,
    )
    failures += load.failures
    const {
      heapBytes = Number.NaN,
      sockets = Number.NaN,
      timers = Number.NaN,
    } = await settled(() => server.ask('memory'))
    if (part > 0) points.push({ x: (part * amount) / slopeUnit, y: heapBytes / bytesPerMegabyte, sockets, timers })
  }
  await server.stop()
  const variation = (values: readonly number[]) => spreadOf(values).max - spreadOf(values).min
  return [
    { what: 'heap growth per 100,000 requests, MB', value: slopeOf(points), atMost: 1 },
    { what: 'sockets more or less', value: variation(points.map(({ sockets }) => sockets)), atMost: 0 },
    { what: 'timers more or less', value: variation(points.map(({ timers }) => timers)), atMost: 0 },
    { what: 'requests that failed', value: failures, atMost: 0 },
  ]
}

/** When the load's connections are closed on this side, too, and no check of a payment is under way: when two looks in a row see the same. */
async function settled<T extends { sockets?: number; timers?: number }>(look: () => Promise<T>): Promise<T> {
  for (let before = await look(); ; ) {
    await new Promise((resolve) => void setTimeout(resolve, 500))
    const now = await look()
    if (now.sockets === before.sockets && now.timers === before.timers) return now
    before = now
  }
}
