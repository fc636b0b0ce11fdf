import { customerActions } from './customer-actions.ts'
import type { FaultControls } from './faults/faults.ts'
import { bindingMessage, type Message, paymentMessage } from './notifications/bodies.ts'
import type { SimulatorOptions } from './options.ts'
import { createSimulatorServer, listen, stop } from './server.ts'
import { parseMerchant, parseOptions } from './settings.ts'
import type { NotificationSubject, Simulator } from './simulator.ts'
import { viewAccount } from './state/accounts.ts'
import { createWorld, packMemory, type World } from './world.ts'

/**
 * Creates a server that plays DOKU and OVO for one merchant. The server:
 * - serves the paths of both apis, and checks every request as strictly as DOKU documents it;
 * - keeps OVO accounts and a ledger;
 * - shows the customer's pages;
 * - sends notifications to the merchant.
 *
 * The simulator shares no protocol code with this package's client, so that one mistake cannot hide in both. It does nothing
 * before `listen()`. Call `close()` at the end.
 *
 * @throws TypeError that names every option that is missing, wrong or unknown
 * @example
 * ```ts
 * import { generateKeyPairSync } from 'node:crypto'
 * import { createSimulator } from 'express-doku-ovo/simulator'
 *
 * const merchant = generateKeyPairSync('rsa', { modulusLength: 2048 })
 * const doku = generateKeyPairSync('rsa', { modulusLength: 2048 })
 * const simulator = createSimulator({
 *   clientId: 'BRN-0001-test',
 *   secretKey: 'SK-only-for-tests',
 *   merchantPublicKey: merchant.publicKey,
 *   dokuPrivateKey: doku.privateKey,
 * })
 * const { url } = await simulator.listen() // for `environment: { baseUrl: url }`
 * await simulator.close()
 * ```
 */
export function createSimulator(options: SimulatorOptions): Simulator {
  const world = createWorld(parseOptions(options))
  const { journal } = world
  const server = createSimulatorServer(world)
  return {
    get url() {
      return world.url
    },
    get accounts() {
      return [...world.accounts.values()].map(viewAccount)
    },
    calls: journal.calls,
    arrivals: journal.arrivals,
    refunds: world.refunds.ledger,
    faults: faultControls(world),
    ledger: world.payments.ledger,
    notifications: world.notifier.attempts,
    async listen(port = 0) {
      const address = await listen(server, port)
      world.url = address.url
      return address
    },
    async close() {
      world.gate.close()
      await Promise.all([stop(server), world.notifier.close()])
      journal.close()
    },
    setMerchant(urls) {
      world.notifier.merchant = parseMerchant(urls)
    },
    ...customerActions(world),
    notify: async (subject, overrides) => world.notifier.send(messageAbout(world, subject), overrides),
    revokeAccessTokens: () => world.tokens.revokeAccessTokens(),
    observe: (listener) => journal.observe(listener),
    until: (holds) => journal.until(holds),
    arrived(operation, times = 1) {
      const ofOperation = () => journal.arrivals.filter((arrival) => arrival.operation === operation)
      return journal.until(() => ofOperation().length >= times)
    },
    save: () => packMemory(world.memory),
    settled: () => world.notifier.settled(),
  }
}

function faultControls({ faults, gate }: World): FaultControls {
  return {
    next: (target, struck) => faults.next(target, struck),
    always: (target, fault) => faults.always(target, fault),
    random: (plan) => faults.random(plan),
    clear: (target) => faults.clear(target),
    release: (target) => gate.release(target),
    held: (target) => gate.heldAt(target),
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
  throw new Error(`cannot notify: the simulator knows no ${JSON.stringify(subject)}`)
}
