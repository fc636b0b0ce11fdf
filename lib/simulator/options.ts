import type { KeyObject } from 'node:crypto'
import type { Clock } from '../primitives/clock.ts'

/** Where the merchant listens. Both are absolute; the notification URL takes payment and binding notifications. */
export interface MerchantUrls {
  readonly tokenUrl: string
  readonly notificationUrl: string
}

/** An OVO account that exists when the simulator starts. Amounts are rupiah with two decimals. */
export interface SampleAccount {
  readonly phoneNo: string
  readonly pin: string
  readonly otp: string
  readonly cash: string
  readonly points: string
  /** OVO has blocked it: it cannot be bound. */
  readonly blocked?: boolean
}

/** Resolves after `ms`. The signal aborts when the simulator closes; ignoring it is allowed. */
export type RetrySleep = (ms: number, signal: AbortSignal) => Promise<void>

export interface SimulatorOptions {
  readonly clientId: string
  readonly secretKey: string
  /** What the merchant would upload to the dashboard: RSA, PEM (SPKI) or a KeyObject. */
  readonly merchantPublicKey: string | KeyObject
  /** DOKU's own key, which signs its token requests: RSA, PEM (PKCS#1 or PKCS#8) or a KeyObject. */
  readonly dokuPrivateKey: string | KeyObject
  /** Without it no notification is sent, until `setMerchant` says where to. */
  readonly merchant?: MerchantUrls
  /** Milliseconds since the epoch. Default: the machine's. */
  readonly clock?: Clock
  /** Waits between the attempts to deliver a notification. Default: a timer that does not keep the process alive. */
  readonly sleep?: RetrySleep
  /** A number in [0, 1), from which ids are made. Default: the machine's. */
  readonly random?: () => number
  /** Pauses before each retry of a notification, in ms. Default: DOKU's 30 min, 5 h 30 and 11 h 30 (protocol.md section 7.3). */
  readonly retryScheduleMs?: readonly number[]
  /** Default: `SAMPLE_ACCOUNTS`. */
  readonly accounts?: readonly SampleAccount[]
  /** Default: 900. */
  readonly accessTokenSeconds?: number
  /** Default: 900. */
  readonly customerTokenSeconds?: number
  /** How far X-TIMESTAMP may be from the clock, either way, in ms. DOKU does not say. Default: 10 min. */
  readonly timestampWindowMs?: number
  /** A new access token makes the ones before it invalid (protocol.md section 3 leaves it open). Default: false. */
  readonly onlyNewestAccessToken?: boolean
  /** Default: true. It is not on DOKU's pages (protocol.md section 6.1): a merchant has to do without it, too. */
  readonly sendsBindingNotification?: boolean
  /**
   * Whether a request under a known X-EXTERNAL-ID or partnerReferenceNo is told apart from a new one. Without that, whatever
   * comes twice is charged twice: a merchant that sends again by itself is found out. Default: true.
   */
  readonly deduplicates?: boolean
  /** What DOKU's pages leave open, done in another way. Default: the likely one of each. */
  readonly dialect?: Partial<Dialect>
  /**
   * What `save()` has returned, of a simulator with the same credentials: goes on from there. Then `accounts` counts for
   * nothing. Default: as new.
   */
  readonly memory?: Uint8Array
  /** Told one line per call, per notification and per surprise. Default: nobody. */
  readonly log?: (line: string) => void
}

/** Two customers with money, one with too little, and one that OVO has blocked. */
export const SAMPLE_ACCOUNTS: readonly SampleAccount[] = [
  { phoneNo: '6281200000001', pin: '111111', otp: '111111', cash: '2000000.00', points: '50000.00' },
  { phoneNo: '6281200000002', pin: '222222', otp: '222222', cash: '2000000.00', points: '50000.00' },
  { phoneNo: '6281200000003', pin: '333333', otp: '333333', cash: '5000.00', points: '0.00' },
  { phoneNo: '6281200000004', pin: '444444', otp: '444444', cash: '2000000.00', points: '0.00', blocked: true },
]
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
