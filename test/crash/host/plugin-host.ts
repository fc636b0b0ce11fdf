import { type DokuOvo, type DokuOvoOptions, dokuOvo } from '../../../lib/index.ts'
import type { Storage } from '../../../lib/storage/storage.ts'
import { dyingDispatcher, type Passing } from './dying.ts'
import { append } from './journal.ts'
import type { HostSetup } from './messages.ts'
import { findOrder } from './orders.ts'

/** Shorter than in real life, so that a customer's click ends before the host does. */
const deadlineMs = 1_500
const shortestSleepMs = 10
/** So often that a host finds something to finish before it dies. */
const reconcileEveryMs = 200

export interface HostParts {
  readonly setup: HostSetup
  readonly storage: Storage
  readonly clock: () => number
  readonly passing: Passing
  readonly random: () => number
}

/** Its clock is fast, which the package would warn of at every start. */
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** The package as a host mounts it; its hooks write down what they are told. */
export function createPlugin(parts: HostParts): DokuOvo {
  const { setup, storage, clock, passing } = parts
  return dokuOvo({
    ...setup.merchant,
    environment: { baseUrl: setup.dokuUrl },
    api: 'core-v1',
    // Its customers click faster than people do.
    rateLimit: false,
    publicUrl: setup.publicUrl,
    storage,
    clock,
    sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, Math.max(shortestSleepMs, ms / setup.speed))),
    dispatcher: dyingDispatcher(setup.dokuUrl, passing),
    endpoints: { payment: { deadlineMs }, status: { deadlineMs } },
    identify: (req) => {
      const id = req.get('x-customer')
      return id ? { id } : undefined
    },
    findOrder,
    reconcileEveryMs: setup.reconciles && reconcileEveryMs,
    requireCluster: true,
    logger: silent,
    hooks: hooksOf(parts),
  })
}

/** A hook dies before or after its work; one that fails has done nothing. */
function hooksOf({ setup, passing, random }: HostParts): NonNullable<DokuOvoOptions['hooks']> {
  const { journal, hookFailureRate } = setup
  return {
    paymentChanged({ id: eventId, previousStatus, payment }) {
      passing('during-hook')
      if (random() < hookFailureRate) throw new Error('the hook fails, as hooks do')
      const { partnerReferenceNo, orderId } = payment
      append(journal, {
        type: 'paymentChanged',
        eventId,
        partnerReferenceNo,
        orderId,
        from: previousStatus,
        to: payment.status,
      })
      passing('during-hook')
    },
    orderPaidTwice({ id: eventId, orderId }) {
      append(journal, { type: 'orderPaidTwice', eventId, orderId })
    },
  }
}
