import type { ClientRateLimitInfo, Store } from 'express-rate-limit'
import { withDeadline } from '../../primitives/deadline.ts'

/** Longer than any store takes that is well, in ms. */
const deadlineMs = 1000

/** A host's store, made strict: what takes too long, or counts what cannot be, is an outage. */
export function strictStore(store: Store): Store {
  const late = () => new Error(`the rate limit store did not answer within ${deadlineMs} ms`)
  const inTime = <T>(run: () => T | Promise<T>) => withDeadline(Promise.resolve().then(run), deadlineMs, late)
  return {
    ...(store.prefix !== undefined && { prefix: store.prefix }),
    ...(store.localKeys !== undefined && { localKeys: store.localKeys }),
    init: (options) => store.init?.(options),
    increment: (key) => inTime(async () => requireCount(await store.increment(key))),
    decrement: (key) => inTime(() => store.decrement(key)),
    resetKey: (key) => inTime(() => store.resetKey(key)),
  }
}

function requireCount(info: ClientRateLimitInfo): ClientRateLimitInfo {
  if (Number.isInteger(info?.totalHits) && info.totalHits > 0) return info
  throw new Error('the rate limit store answered without a count')
}
