import { createPrivateKey, createPublicKey, KeyObject, randomInt } from 'node:crypto'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { systemClock } from '../primitives/clock.ts'
import {
  type Dialect,
  dialectRule,
  isDialect,
  type MerchantUrls,
  SAMPLE_ACCOUNTS,
  type SimulatorOptions,
  usualDialect,
} from './options.ts'
import { AMOUNT } from './protocol/values.ts'

/** The options with all defaults filled in and the keys parsed. */
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

/** Checks the options and fills in the defaults. @throws TypeError that names every wrong option */
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

/** Checks the argument of `setMerchant` by the rule of the option `merchant`. @throws TypeError */
export function parseMerchant(urls: MerchantUrls): MerchantUrls {
  const problems = problemsOf('merchant', urls)
  if (problems.length > 0) throw new TypeError(`setMerchant: ${problems.join('; ')}`)
  return { ...urls }
}

export function isRsaKey(value: unknown, type: 'public' | 'private'): boolean {
  try {
    const key = parseKey(value, type)
    return key.type === type && key.asymmetricKeyType === 'rsa'
  } catch {
    return false
  }
}

/**
 * Reads a key. Refuses a private key as the public one: Node would derive the public half, but the simulator must not hold the
 * merchant's private key.
 */
export function parseKey(value: unknown, type: 'public' | 'private'): KeyObject {
  if (value instanceof KeyObject) return value
  if (typeof value !== 'string') throw new TypeError('neither PEM text nor a KeyObject')
  if (type === 'private') return createPrivateKey(value)
  if (value.includes('PRIVATE KEY')) throw new TypeError('a private key')
  return createPublicKey(value)
}

type Rule = readonly [expected: string, holds: (value: unknown) => boolean]

const filledText: Rule = ['a non-empty string', (value) => typeof value === 'string' && value !== '']

const callable: Rule = ['a function', (value) => typeof value === 'function']

const truth: Rule = ['true or false', (value) => typeof value === 'boolean']

const seconds: Rule = ['a positive number', (value) => typeof value === 'number' && value > 0]

const milliseconds = (value: unknown) => typeof value === 'number' && value >= 0

const rules: Readonly<Record<keyof SimulatorOptions, Rule>> = {
  clientId: filledText,
  secretKey: filledText,
  merchantPublicKey: ['an RSA public key (PEM text or a KeyObject)', (value) => isRsaKey(value, 'public')],
  dokuPrivateKey: ['an RSA private key (PEM text or a KeyObject)', (value) => isRsaKey(value, 'private')],
  merchant: ['{ tokenUrl, notificationUrl }, both absolute URLs', isMerchant],
  clock: callable,
  sleep: callable,
  random: callable,
  retryScheduleMs: ['a list of milliseconds', (value) => Array.isArray(value) && value.every(milliseconds)],
  accounts: [
    'a list of { phoneNo, pin, otp, cash, points }, with amounts like "10000.00"',
    (value) => Array.isArray(value) && value.every(isSampleAccount),
  ],
  accessTokenSeconds: seconds,
  customerTokenSeconds: seconds,
  timestampWindowMs: ['a number of milliseconds', milliseconds],
  onlyNewestAccessToken: truth,
  sendsBindingNotification: truth,
  deduplicates: truth,
  dialect: [dialectRule, isDialect],
  memory: ['the bytes that save() returned', (value) => value instanceof Uint8Array],
  log: callable,
}

const REQUIRED: readonly string[] = ['clientId', 'secretKey', 'merchantPublicKey', 'dokuPrivateKey']

/** Returns every problem of the options, in words for the caller. An empty list means no problem. */
function problemsOfAll(options: object): string[] {
  const missing = REQUIRED.filter((name) => !Object.hasOwn(options, name)).map((name) => `${name} is missing`)
  return [...missing, ...Object.entries(options).flatMap(([name, value]) => problemsOf(name, value))]
}

function problemsOf(name: string, value: unknown): string[] {
  const rule = isOptionName(name) ? rules[name] : undefined
  if (!rule) return [`${name} is not an option`]
  const [expected, holds] = rule
  return holds(value) ? [] : [`${name} must be ${expected}`]
}

function isOptionName(name: string): name is keyof SimulatorOptions {
  return Object.hasOwn(rules, name)
}

function isMerchant(value: unknown): boolean {
  const { tokenUrl, notificationUrl } = fieldsOf(value)
  return [tokenUrl, notificationUrl].every((url) => typeof url === 'string' && URL.canParse(url))
}

function isSampleAccount(value: unknown): boolean {
  const { phoneNo, pin, otp, cash, points } = fieldsOf(value)
  const isText = [phoneNo, pin, otp].every((text) => typeof text === 'string' && text !== '')
  return isText && [cash, points].every((amount) => typeof amount === 'string' && AMOUNT.test(amount))
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
