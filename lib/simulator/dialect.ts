/**
 * How this DOKU does what DOKU's pages leave open or contradict themselves about. The defaults are what express-doku-ovo
 * takes for likely; a merchant has to get along with the others too. @see protocol.md, "Conflicts"
 */
export interface Dialect {
  /** Whose paths there are; the others answer 404 02 (C-1). */
  readonly generations: readonly ('ovo-v1.0' | 'core-v1')[]
  /** Whether X-DEVICE-ID has to come (C-12). */
  readonly deviceId: 'by-generation' | 'required' | 'optional'
  /** How Authorization-customer has to be written (C-8). */
  readonly customerToken: 'either' | 'with-bearer' | 'bare'
  /** Which token is in a notification's string-to-sign: the merchant's, none, or the newest that DOKU issued (C-9). */
  readonly notificationSignedWith: 'bearer' | 'empty' | 'doku-token'
  /** Whether a notification carries a token that was fetched from the merchant (C-11). */
  readonly notificationBearer: boolean
  /** Which serviceCode a status request may carry (C-14). */
  readonly statusServiceCode: 'either' | '54' | '55'
  /** How accessTokenExpiryTime of a customer token is written (C-18). */
  readonly customerTokenExpiry: 'iso' | 'seconds' | 'absent'
  /** How expiresIn of an access token is written (C-19). */
  readonly expiresIn: 'number' | 'text'
  /** What the same request under the same X-EXTERNAL-ID gets with its 409: the first answer, or 409 00 (C-20). */
  readonly duplicates: 'first-answer' | 'conflict'
}

/** The values of each setting, its default first. */
const choices: { readonly [Name in keyof Dialect]: readonly Dialect[Name][] } = {
  generations: [['ovo-v1.0', 'core-v1'], ['ovo-v1.0'], ['core-v1']],
  deviceId: ['by-generation', 'required', 'optional'],
  customerToken: ['either', 'with-bearer', 'bare'],
  notificationSignedWith: ['bearer', 'empty', 'doku-token'],
  notificationBearer: [true, false],
  statusServiceCode: ['either', '54', '55'],
  customerTokenExpiry: ['iso', 'seconds', 'absent'],
  expiresIn: ['number', 'text'],
  duplicates: ['first-answer', 'conflict'],
}

const names = Object.keys(choices) as (keyof Dialect)[]

export const usualDialect = Object.fromEntries(names.map((name) => [name, choices[name][0]])) as unknown as Dialect

/** In words, for the refusal of another one. */
export const dialectRule = `{ ${names.map((name) => `${name}?: ${choices[name].map((one) => JSON.stringify(one)).join(' | ')}`).join(', ')} }`

export function isDialect(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).every(([name, chosen]) => isChoice(name, chosen))
}

function isChoice(name: string, chosen: unknown): boolean {
  const allowed: readonly unknown[] = Object.hasOwn(choices, name) ? choices[name as keyof Dialect] : []
  const text = JSON.stringify(chosen)
  return allowed.some((one) => JSON.stringify(one) === text)
}
