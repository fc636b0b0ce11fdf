import { type DokuOvoOptions, dokuOvo } from 'express-doku-ovo'
import { openStorage, type StorageAddress } from './open-storage.ts'

/** What a process of the merchant needs before it can do anything. */
export interface MerchantSetup {
  readonly storage: StorageAddress
  readonly options: Pick<DokuOvoOptions, 'clientId' | 'secretKey' | 'publicUrl' | 'environment'> & {
    readonly privateKey: string
    readonly dokuPublicKey: string
    readonly encryptionKeys?: readonly string[]
  }
}

/** What it is told to do: the same for many customers at once, at a time of the test's choosing. */
export interface MerchantOrder {
  readonly now: number
  readonly action: 'bind' | 'balance'
  /** By id, which ends with the customer's phone number. */
  readonly customers: readonly string[]
}

/** What came of it, customer by customer. */
export interface MerchantReport {
  /** OVO's pages, of bindings. */
  readonly pages: readonly string[]
  readonly failures: readonly string[]
}

/** Run as a process of its own, on a storage that others share. Its clock stands until it is told another time. */
async function main({ storage: address, options }: MerchantSetup): Promise<void> {
  let now = 0
  const { storage, disconnect } = await openStorage(address, () => now)
  const ovo = dokuOvo({
    ...options,
    storage,
    clock: () => now,
    identify: () => undefined,
    findOrder: () => undefined,
    reconcileEveryMs: false,
  })
  const actions = {
    bind: async (id: string) =>
      (await ovo.service.bind({ id }, { phoneNo: id.replace(/\D/g, '') })).redirectUrl ?? 'no page',
    balance: async (id: string) => (await ovo.service.balance({ id })).cash.value,
  }
  process.on('message', async (order: MerchantOrder) => {
    now = order.now
    const outcomes = await Promise.allSettled(order.customers.map(actions[order.action]))
    const pages = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []))
    process.send?.({ pages, failures } satisfies MerchantReport)
  })
  process.once('disconnect', async () => {
    await ovo.close()
    disconnect()
  })
  process.send?.('ready')
}

process.once('message', (setup: MerchantSetup) => void main(setup))
