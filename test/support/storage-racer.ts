import type { Storage, Stored } from '../../lib/storage/storage.ts'
import { openStorage, type StorageAddress } from './open-storage.ts'

/** What one process of a race is told, and for which keys it answers that it has won. */
export interface RaceOrder {
  readonly action: 'insert' | 'update' | 'lease'
  readonly keys: readonly string[]
  /** For an update: at which version each key is. */
  readonly versions: readonly number[]
  readonly racer: string
}

const actions: Record<RaceOrder['action'], (storage: Storage, order: RaceOrder) => Promise<(Stored | undefined)[]>> = {
  insert: (storage, { keys, racer }) => Promise.all(keys.map((key) => storage.insert(key, racer))),
  update: (storage, { keys, versions, racer }) =>
    Promise.all(keys.map((key, index) => storage.update(key, racer, versions[index] ?? 0))),
  lease: async (storage, { keys }) => {
    const shares = await Promise.all(keys.map(() => storage.lease(6000, 1000, 2)))
    return shares.flat()
  },
}

/** Run by `raceProcesses`, as a process of its own: with the name of the storage, its URL, and its prefix or table. */
async function main(address: StorageAddress): Promise<void> {
  const { storage, disconnect } = await openStorage(address)
  await storage.read('warm up')
  process.on('message', async (order: RaceOrder) => {
    const won = await actions[order.action](storage, order)
    process.send?.(won.flatMap((stored) => stored?.key ?? []))
  })
  process.once('disconnect', disconnect)
  process.send?.('ready')
}

await main(process.argv.slice(2) as unknown as StorageAddress)
