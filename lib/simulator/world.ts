import { Faults } from './faults/faults.ts'
import { Gate } from './faults/gate.ts'
import { Journal } from './journal.ts'
import { Notifier } from './notifications/notifier.ts'
import { GENERATIONS, type Generation } from './protocol/routes.ts'
import { createIds, type Ids } from './protocol/values.ts'
import type { Settings } from './settings.ts'
import type { Account } from './state/accounts.ts'
import { Bindings } from './state/bindings.ts'
import { type Memory, newMemory, unpackMemory } from './state/memory.ts'
import { Payments, Refunds } from './state/payments.ts'
import { ExternalIds, Tokens } from './state/tokens.ts'

/** Everything that one simulator knows: what operations, pages and notifications work on. */
export interface World {
  readonly settings: Settings
  readonly ids: Ids
  /** What the next five keep their things in. */
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
  /** Where faults hold things back. */
  readonly gate: Gate
  /** Where the simulator listens; the pages are addressed from here. */
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

/** The address of the page on which a customer confirms something. @see protocol.md section 14 */
export function pageUrl(world: World, purpose: 'binding' | 'payment', generation: Generation, id: string): string {
  return `${world.url}/direct-debit/ui/${purpose}/${GENERATIONS[generation].pagePrefix}${id}`
}
