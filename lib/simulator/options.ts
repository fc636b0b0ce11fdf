import type { KeyObject } from 'node:crypto'
import type { Clock } from '../primitives/clock.ts'

/** The merchant's own URLs, both absolute. DOKU calls them. */
export interface MerchantUrls {
  /** DOKU fetches a token here before it notifies, for example `https://shop.example/ovo/webhooks/token`. */
  readonly tokenUrl: string
  /** DOKU posts payment and binding notifications here. */
  readonly notificationUrl: string
}

/** An OVO account that exists when the simulator starts. */
export interface SampleAccount {
  /** Digits that begin with 62, for example `6281200000001`. */
  readonly phoneNo: string
  readonly pin: string
  readonly otp: string
  /** OVO Cash, in rupiah with two decimals: `'10000.00'`. */
  readonly cash: string
  /** OVO Points, in rupiah with two decimals. */
  readonly points: string
  /** OVO has blocked the account, so that nobody can link it. Default: false. */
  readonly blocked?: boolean
}

/** Resolves after `ms`. The signal aborts when the simulator closes. The function may ignore the signal. */
export type RetrySleep = (ms: number, signal: AbortSignal) => Promise<void>

/** The options of `createSimulator`. */
export interface SimulatorOptions {
  /** The merchant's Client ID. Any non-empty text. */
  readonly clientId: string
  /** The secret that both sides sign with. Any non-empty text. */
  readonly secretKey: string
  /** The public key that the merchant would upload to the dashboard: RSA, as PEM (SPKI) or a KeyObject. */
  readonly merchantPublicKey: string | KeyObject
  /** DOKU's own key, which signs DOKU's token requests: RSA, as PEM (PKCS#1 or PKCS#8) or a KeyObject. */
  readonly dokuPrivateKey: string | KeyObject
  /** The merchant's URLs. Default: none, and no notification is sent until `setMerchant` is called. */
  readonly merchant?: MerchantUrls
  /** Returns milliseconds since the epoch. Default: the machine's clock. */
  readonly clock?: Clock
  /** Waits between the attempts to deliver a notification. Default: a timer that does not keep the process alive. */
  readonly sleep?: RetrySleep
  /** Returns a number in [0, 1). Ids are made from it. Default: the machine's secure random numbers. */
  readonly random?: () => number
  /**
   * The pause before each retry of a notification, in ms. Default: DOKU's 30 min, 5 h 30 and 11 h 30.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-3
   */
  readonly retryScheduleMs?: readonly number[]
  /** The OVO accounts. Default: `SAMPLE_ACCOUNTS`. */
  readonly accounts?: readonly SampleAccount[]
  /** The life of an access token (B2B), in seconds. Default: 900. */
  readonly accessTokenSeconds?: number
  /** The life of a customer token (B2B2C), in seconds. Default: 900. */
  readonly customerTokenSeconds?: number
  /** How far X-TIMESTAMP may be from the clock, in both directions, in ms. DOKU does not say. Default: 10 min. */
  readonly timestampWindowMs?: number
  /** Whether a new access token makes all earlier ones invalid ([protocol §3](https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#3) leaves it open). Default: false. */
  readonly onlyNewestAccessToken?: boolean
  /**
   * Whether a finished binding is notified. DOKU's pages do not promise it, so a merchant must also
   * work without it. Default: true.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#6-1
   */
  readonly sendsBindingNotification?: boolean
  /**
   * Whether a request with a known X-EXTERNAL-ID or partnerReferenceNo counts as a repetition. With false, a request that comes
   * twice is charged twice, which reveals a merchant that sends requests again by itself. Default: true.
   */
  readonly deduplicates?: boolean
  /** Choices for the points that DOKU's pages leave open. Default: the likely value of each. */
  readonly dialect?: Partial<Dialect>
  /**
   * The bytes that `save()` returned, of a simulator with the same credentials. The new one continues from that state, and
   * ignores `accounts`. Default: a new state.
   */
  readonly memory?: Uint8Array
  /** Called with one line for each call, each notification and each unexpected error. Default: no log. */
  readonly log?: (line: string) => void
}

/**
 * The usual accounts: two with money, one with too little, and one that OVO has blocked.
 * @example
 * ```ts
 * import { SAMPLE_ACCOUNTS } from 'express-doku-ovo/simulator'
 *
 * const [rich] = SAMPLE_ACCOUNTS
 * console.log(rich?.phoneNo, rich?.otp, rich?.pin)
 * ```
 */
export const SAMPLE_ACCOUNTS: readonly SampleAccount[] = [
  { phoneNo: '6281200000001', pin: '111111', otp: '111111', cash: '2000000.00', points: '50000.00' },
  { phoneNo: '6281200000002', pin: '222222', otp: '222222', cash: '2000000.00', points: '50000.00' },
  { phoneNo: '6281200000003', pin: '333333', otp: '333333', cash: '5000.00', points: '0.00' },
  { phoneNo: '6281200000004', pin: '444444', otp: '444444', cash: '2000000.00', points: '0.00', blocked: true },
]

/**
 * How this simulator behaves at the points where DOKU's pages are silent or contradict each other. The defaults are the likely
 * values. A merchant must also work with the other values.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#conflicts
 */
export interface Dialect {
  /**
   * The apis whose paths exist. All other paths answer 404 02. Default: both.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-1
   */
  readonly generations: readonly ('ovo-v1.0' | 'core-v1')[]
  /**
   * Whether X-DEVICE-ID is required. Default: `by-generation`, which requires it in `ovo-v1.0` only.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-12
   */
  readonly deviceId: 'by-generation' | 'required' | 'optional'
  /**
   * The accepted form of Authorization-customer. Default: `either`.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-8
   */
  readonly customerToken: 'either' | 'with-bearer' | 'bare'
  /**
   * The token in a notification's string-to-sign: the merchant's (`bearer`), none, or the newest one that DOKU issued.
   * Default: `bearer`.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-9
   */
  readonly notificationSignedWith: 'bearer' | 'empty' | 'doku-token'
  /**
   * Whether a notification carries a token that was fetched from the merchant. Default: true.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-11
   */
  readonly notificationBearer: boolean
  /**
   * The serviceCode that a status request may carry. Default: `either`.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-14
   */
  readonly statusServiceCode: 'either' | '54' | '55'
  /**
   * The form of accessTokenExpiryTime in a customer token's answer. Default: `iso`.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-18
   */
  readonly customerTokenExpiry: 'iso' | 'seconds' | 'absent'
  /**
   * The form of expiresIn in an access token's answer. Default: `number`.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-19
   */
  readonly expiresIn: 'number' | 'text'
  /**
   * The 409 body for the same request under the same X-EXTERNAL-ID: the first answer, or 409 00.
   * Default: `first-answer`.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-20
   */
  readonly duplicates: 'first-answer' | 'conflict'
  /** The answer to a refund without a customer token: 401 04 if it is `refused`. Default: `refused`. */
  readonly refundWithoutCustomer: 'refused' | 'accepted'
}

/** The values of each setting. The first one is the default. */
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
  refundWithoutCustomer: ['refused', 'accepted'],
}

const names = Object.keys(choices) as (keyof Dialect)[]

export const usualDialect = Object.fromEntries(names.map((name) => [name, choices[name][0]])) as unknown as Dialect

/** The allowed values in words, for the error about any other one. */
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
