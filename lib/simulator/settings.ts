import { type KeyObject, randomInt } from 'node:crypto'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { systemClock } from '../primitives/clock.ts'
import { type Dialect, usualDialect } from './dialect.ts'
import { parseKey } from './keys.ts'
import { problemsOf, problemsOfAll } from './option-rules.ts'
import { type MerchantUrls, SAMPLE_ACCOUNTS, type SimulatorOptions } from './options.ts'

/** The options, complete, with parsed keys. */
export interface Settings extends Required<Omit<SimulatorOptions, 'merchant' | 'memory'>> {
  readonly merchantPublicKey: KeyObject
  readonly dokuPrivateKey: KeyObject
  readonly merchant: MerchantUrls | undefined
  readonly memory?: Uint8Array
  readonly dialect: Dialect
}

const MINUTE_MS = 60_000

const defaults = {
  clock: systemClock,
  sleep: (ms, signal) => sleepFor(ms, undefined, { signal, ref: false }),
  random: () => randomInt(2 ** 47) / 2 ** 47,
  retryScheduleMs: [30 * MINUTE_MS, 330 * MINUTE_MS, 690 * MINUTE_MS],
  accounts: SAMPLE_ACCOUNTS,
  accessTokenSeconds: 900,
  customerTokenSeconds: 900,
  timestampWindowMs: 10 * MINUTE_MS,
  onlyNewestAccessToken: false,
  sendsBindingNotification: true,
  deduplicates: true,
  dialect: usualDialect,
  log: () => {},
} satisfies Partial<SimulatorOptions>

/** Checks and completes the options. Throws one TypeError that names every wrong one. */
export function parseOptions(options: SimulatorOptions): Settings {
  const problems = problemsOfAll(options ?? {})
  if (problems.length > 0) throw new TypeError(`createSimulator: ${problems.join('; ')}`)
  return {
    ...defaults,
    merchant: undefined,
    ...options,
    dialect: { ...usualDialect, ...options.dialect },
    merchantPublicKey: parseKey(options.merchantPublicKey, 'public'),
    dokuPrivateKey: parseKey(options.dokuPrivateKey, 'private'),
  }
}

/** Checks what `setMerchant` is given, in the words of the option of the same name. */
export function parseMerchant(urls: MerchantUrls): MerchantUrls {
  const problems = problemsOf('merchant', urls)
  if (problems.length > 0) throw new TypeError(`setMerchant: ${problems.join('; ')}`)
  return { ...urls }
}
