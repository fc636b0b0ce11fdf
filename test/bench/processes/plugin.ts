import express from 'express'
import { type DokuOvo, dokuOvo, memoryStorage, ProblemError, type Storage } from 'express-doku-ovo'
import type { ServerSetup } from './messages.ts'
import { openStorage } from './open-storage.ts'
import { serve } from './serve.ts'
import { customerIdOf, customerIds, findOrder, mountPath, publicUrl } from './shop.ts'
import { storedPayment } from './stored-payments.ts'

/** Counts as every request does, and turns nobody away. */
const unreachable = { limit: 1_000_000_000, windowMs: 60_000 }
const limitedNames = ['pay', 'payment', 'balance', 'webhookToken', 'webhookNotification'] as const
const rateLimit = { limits: Object.fromEntries(limitedNames.map((name) => [name, unreachable])) }

async function createStorage({ database, awaiting, merchant }: ServerSetup): Promise<Storage> {
  if (database) return openStorage(database)
  const storage = memoryStorage()
  for (let number = 0; number < awaiting; number++) {
    const { key, value, dueAt } = storedPayment(merchant.clientId, number, 'awaiting-customer', Date.now())
    await storage.insert(key, value, dueAt === undefined ? {} : { dueAt })
  }
  return storage
}

/** Links the account; the first call as the customer fetches the customer token. */
async function link({ service }: DokuOvo, customerId: string): Promise<void> {
  const customer = { id: customerId }
  await service.bind(customer, { phoneNo: '081234567890' }).catch((error) => {
    if (!(error instanceof ProblemError && error.code === 'ALREADY_BOUND')) throw error
  })
  await service.balance(customer)
}

/** The package as a host mounts it, with everything on. */
serve(async (setup) => {
  const ovo = dokuOvo({
    ...setup.merchant,
    environment: { baseUrl: setup.dokuUrl },
    api: 'core-v1',
    publicUrl,
    storage: await createStorage(setup),
    rateLimit: setup.limiter && rateLimit,
    identify: (req) => {
      const id = customerIdOf(req)
      return id ? { id } : undefined
    },
    findOrder,
    ...(setup.hook && { hooks: { paymentChanged: () => {} } }),
  })
  for (const customerId of customerIds) await link(ovo, customerId)
  return express().use(mountPath, ovo)
})
