import { deserialize, serialize } from 'node:v8'
import { Faults } from './faults/faults.ts'
import { Gate } from './faults/gate.ts'
import { Journal } from './journal.ts'
import { Notifier } from './notifications/notifier.ts'
import type { SampleAccount } from './options.ts'
import { GENERATIONS, type Generation } from './protocol/routes.ts'
import { createIds, type Ids } from './protocol/values.ts'
import type { Settings } from './settings.ts'
import { type Account, createAccounts } from './state/accounts.ts'
import { type BindingMemory, Bindings, noBindings } from './state/bindings.ts'
import { noPayments, noRefunds, type PaymentMemory, Payments, type RefundMemory, Refunds } from './state/payments.ts'
import { ExternalIds, noTokens, type TokenMemory, Tokens } from './state/tokens.ts'

/** The state that `save()` keeps. Plain data; its parts refer to each other. */
interface Memory {
  readonly accounts: ReadonlyMap<string, Account>
  readonly bindings: BindingMemory
  readonly payments: PaymentMemory
  readonly refunds: RefundMemory
  readonly tokens: TokenMemory
}

function newMemory(samples: readonly SampleAccount[]): Memory {
  return {
    accounts: createAccounts(samples),
    bindings: noBindings(),
    payments: noPayments(),
    refunds: noRefunds(),
    tokens: noTokens(),
  }
}

/** Writes V8's own format. JSON has no maps, and would copy an account that two payments share. */
export function packMemory(memory: Memory): Uint8Array {
  return serialize(memory)
}

function unpackMemory(bytes: Uint8Array): Memory {
  return deserialize(bytes)
}

/** The whole state of one simulator. Operations, pages and notifications read and change it. */
export interface World {
  readonly settings: Settings
  readonly ids: Ids
  /** The plain data behind the next five. */
  readonly memory: Memory
  readonly accounts: ReadonlyMap<string, Account>
  readonly bindings: Bindings
  readonly tokens: Tokens
  readonly payments: Payments
  readonly refunds: Refunds
  readonly externalIds: ExternalIds
  readonly notifier: Notifier
  readonly journal: Journal
  readonly faults: Faults
  /** Holds back calls, notifications and late successes for faults. */
  readonly gate: Gate
  /** The address that the simulator listens on. The URLs of the pages begin with it. */
  url: string
}

export function createWorld(settings: Settings): World {
  const memory = settings.memory ? unpackMemory(settings.memory) : newMemory(settings.accounts)
  const ids = createIds(settings.random)
  const journal = new Journal(settings)
  const faults = new Faults()
  const gate = new Gate(settings.sleep)
  const tokens = new Tokens(memory.tokens, settings, ids)
  return {
    settings,
    ids,
    memory,
    accounts: memory.accounts,
    bindings: new Bindings(memory.bindings),
    tokens,
    payments: new Payments(memory.payments),
    refunds: new Refunds(memory.refunds),
    externalIds: new ExternalIds(),
    notifier: new Notifier({ settings, ids, journal, faults, gate, tokens }),
    journal,
    faults,
    gate,
    url: '',
  }
}

/**
 * The URL of the page on which a customer confirms a binding or a payment.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#14
 */
export function pageUrl(world: World, purpose: 'binding' | 'payment', generation: Generation, id: string): string {
  return `${world.url}/direct-debit/ui/${purpose}/${GENERATIONS[generation].pagePrefix}${id}`
}
