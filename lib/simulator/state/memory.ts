import { deserialize, serialize } from 'node:v8'
import type { SampleAccount } from '../options.ts'
import { type Account, createAccounts } from './accounts.ts'
import { type BindingMemory, noBindings } from './bindings.ts'
import { noPayments, noRefunds, type PaymentMemory, type RefundMemory } from './payments.ts'
import { noTokens, type TokenMemory } from './tokens.ts'

/** All that must not be forgotten. Plain data, whose parts refer to each other. */
export interface Memory {
  readonly accounts: ReadonlyMap<string, Account>
  readonly bindings: BindingMemory
  readonly payments: PaymentMemory
  readonly refunds: RefundMemory
  readonly tokens: TokenMemory
}

export function newMemory(samples: readonly SampleAccount[]): Memory {
  return {
    accounts: createAccounts(samples),
    bindings: noBindings(),
    payments: noPayments(),
    refunds: noRefunds(),
    tokens: noTokens(),
  }
}

/** In V8's own format: JSON knows neither maps nor that two payments have the same account. */
export function packMemory(memory: Memory): Uint8Array {
  return serialize(memory)
}

export function unpackMemory(bytes: Uint8Array): Memory {
  return deserialize(bytes)
}
