import type { KeyObject } from 'node:crypto'
import type { Clock } from '../primitives/clock.ts'
import type { Dialect } from './dialect.ts'

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
