import { dialectRule, isDialect } from './dialect.ts'
import { isRsaKey } from './keys.ts'
import type { SimulatorOptions } from './options.ts'
import { AMOUNT } from './protocol/money.ts'

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
  memory: ['what save() has returned', (value) => value instanceof Uint8Array],
  log: callable,
}

const REQUIRED: readonly string[] = ['clientId', 'secretKey', 'merchantPublicKey', 'dokuPrivateKey']

/** What is wrong with the options, in the caller's words; nothing when all is well. */
export function problemsOfAll(options: object): string[] {
  const missing = REQUIRED.filter((name) => !Object.hasOwn(options, name)).map((name) => `${name} is missing`)
  return [...missing, ...Object.entries(options).flatMap(([name, value]) => problemsOf(name, value))]
}

export function problemsOf(name: string, value: unknown): string[] {
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
