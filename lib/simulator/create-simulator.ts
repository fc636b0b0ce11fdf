import { customerActions } from './customer-actions.ts'
import type { RecordedCall } from './exchange.ts'
import { listen, stop } from './listener.ts'
import { bindingMessage, type Message, paymentMessage } from './notifications/bodies.ts'
import type { SimulatorOptions } from './options.ts'
import { createSimulatorServer } from './server.ts'
import { parseMerchant, parseOptions } from './settings.ts'
import type { NotificationSubject, Simulator } from './simulator.ts'
import { viewAccount } from './state/accounts.ts'
import { createWorld, type World } from './world.ts'

/**
 * Plays DOKU and OVO for one merchant: serves both generations of paths, checks every request as strictly as DOKU documents
 * it, keeps accounts and a ledger, shows the customer's pages, and sends notifications. Its knowledge of the protocol is its
 * own: a mistake in this package's client cannot hide behind the same mistake here.
 *
 * @throws TypeError that names every wrong option
 */
export function createSimulator(options: SimulatorOptions): Simulator {
  const world = createWorld(parseOptions(options))
  const calls: RecordedCall[] = []
  const server = createSimulatorServer(world, calls)
  return {
    get url() {
      return world.url
    },
    get accounts() {
      return [...world.accounts.values()].map(viewAccount)
    },
    calls,
    ledger: world.payments.ledger,
    notifications: world.notifier.attempts,
    async listen(port = 0) {
      const address = await listen(server, port)
      world.url = address.url
      return address
    },
    async close() {
      await Promise.all([stop(server), world.notifier.close()])
    },
    setMerchant(urls) {
      world.notifier.merchant = parseMerchant(urls)
    },
    ...customerActions(world),
    notify: async (subject, overrides) => world.notifier.send(messageAbout(world, subject), overrides),
    settled: () => world.notifier.settled(),
  }
}

function messageAbout({ payments, bindings }: World, subject: NotificationSubject): Message {
  if (typeof subject === 'string') {
    const payment = payments.byPartnerReferenceNo(subject)
    if (payment) return paymentMessage(payment)
  } else {
    const binding = bindings.newestOf(subject.custIdMerchant)
    if (binding) return bindingMessage(binding)
  }
  throw new Error(`nothing to notify of: ${JSON.stringify(subject)} is unknown`)
}
