import { performance } from 'node:perf_hooks'
import type { Settings } from '../../options/options.ts'
import { randomToken } from '../../primitives/ids.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Finding } from '../command.ts'

/** The number of simultaneous callers in each race. */
const racers = 20
/** The life of the test records in ms, in case they are not removed. */
const lifeMs = 60_000
/** In ms. A payment writes twice before the call to DOKU, so customers notice a slower storage. */
const slowMs = 100

/** Lets several callers race for one record, and measures reads and writes. */
export async function checkStorage({ storage, clock, environment }: Settings, isModule: boolean): Promise<Finding[]> {
  if (!isModule) {
    return [
      {
        check: 'storage',
        status: 'skipped',
        says: 'variables cannot describe a storage',
        fix: 'give the app’s own options: --options <module>',
      },
    ]
  }
  const key = `doctor/${randomToken(12)}`
  try {
    const findings = [
      ...(await race(storage, key, clock() + lifeMs)),
      await measure(storage, `${key}/time`, clock() + lifeMs),
    ]
    return [scopeFinding(storage, environment), ...findings]
  } catch (error) {
    const fix = 'start the server, check its address and permissions, and for PostgreSQL call storage.migrate() once'
    return [{ check: 'storage', status: 'failed', says: (error as Error).message, fix }]
  } finally {
    await Promise.all([key, `${key}/time`].map((one) => storage.remove(one).catch(() => {})))
  }
}

function scopeFinding({ scope }: Storage, environment: Settings['environment']): Finding {
  const check = 'storage'
  if (scope === 'cluster') return { check, status: 'ok', says: 'works for any number of processes' }
  const fix = 'give redisStorage(client) or postgresStorage(pool), and requireCluster: true'
  const says = 'for one process only, and perhaps lost when it ends'
  return environment === 'production' ? { check, status: 'failed', says, fix } : { check, status: 'warning', says, fix }
}

async function race(storage: Storage, key: string, expiresAt: number): Promise<Finding[]> {
  const inserted = await all((racer) => storage.insert(key, { racer }, { expiresAt }))
  const [version] = inserted.map((stored) => stored.version)
  const updated =
    version === undefined ? [] : await all((racer) => storage.update(key, { racer }, version, { expiresAt }))
  return [onlyOne('insert', inserted.length), onlyOne('compare-and-set', updated.length)]
}

async function all<T>(attempt: (racer: number) => Promise<T | undefined>): Promise<T[]> {
  const results = await Promise.all(Array.from({ length: racers }, (_, racer) => attempt(racer)))
  return results.filter((result) => result !== undefined)
}

function onlyOne(what: string, winners: number): Finding {
  const says = `${winners} of ${racers} simultaneous callers won`
  if (winners === 1) return { check: what, status: 'ok', says }
  const fix =
    'do not take payments with this storage, because two clicks could charge twice; run storageConformance against it'
  return { check: what, status: 'failed', says, fix }
}

async function measure(storage: Storage, key: string, expiresAt: number): Promise<Finding> {
  const timed = async (work: () => Promise<unknown>) => {
    const started = performance.now()
    await work()
    return performance.now() - started
  }
  const writes: number[] = []
  const reads: number[] = []
  for (let turn = 0; turn < racers; turn++) {
    await storage.remove(key)
    writes.push(await timed(() => storage.insert(key, { turn }, { expiresAt })))
    reads.push(await timed(() => storage.read(key)))
  }
  const [write, read] = [median(writes), median(reads)]
  const says = `a write takes ${write.toFixed(1)} ms, a read ${read.toFixed(1)} ms (median of ${racers})`
  if (write <= slowMs) return { check: 'latency', status: 'ok', says }
  return {
    check: 'latency',
    status: 'warning',
    says,
    fix: 'move app and storage closer together: a payment waits for two writes',
  }
}

function median(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0
}
