import type { DatabaseAddress } from '../servers/database.ts'

/** The points in a payment's life at which a host is made to die, each at the very statement. */
export const killPoints = [
  'before-insert',
  'after-insert',
  'before-send',
  'after-upstream-commit',
  'mid-answer',
  'before-update',
  'after-update',
  'during-hook',
] as const
export type KillPoint = (typeof killPoints)[number]

/** `plugin`: the package as a host mounts it. `naive`: what it is there to replace. */
export type HostKind = 'plugin' | 'naive'

/** The host dies when it comes to the point for this time: 1 is the first. */
export interface KillPlan {
  readonly point: KillPoint
  readonly time: number
}

export interface Merchant {
  readonly clientId: string
  readonly secretKey: string
  readonly privateKey: string
  readonly dokuPublicKey: string
}

/** All that a host has to know. Plain data: it goes from process to process. */
export interface HostSetup {
  readonly kind: HostKind
  readonly database: DatabaseAddress
  readonly merchant: Merchant
  readonly dokuUrl: string
  readonly publicUrl: string
  /** The file that all hosts append to. */
  readonly journal: string
  /** How far the host's clock is ahead of the machine's, in ms. */
  readonly clockOffsetMs: number
  /** How many times faster the clock runs meanwhile: what the host sleeps is that much shorter. */
  readonly speed: number
  /** How likely a hook throws instead of doing its work: 0 never. */
  readonly hookFailureRate: number
  /** Whether due records are looked for all the time; otherwise when asked only. */
  readonly reconciles: boolean
  /** Connections to the database. */
  readonly connections: number
  readonly seed: string
  readonly kill?: KillPlan
}

export type Question = 'reconcile' | 'parkedEvents' | 'close'

export type ToHost =
  | { readonly type: 'serve'; readonly setup: HostSetup }
  | { readonly type: 'clock'; readonly offsetMs: number }
  | { readonly type: 'ask'; readonly id: number; readonly question: Question }

export type FromHost =
  | { readonly type: 'warm' }
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'answer'; readonly id: number; readonly count: number; readonly error?: string }

/** What the hosts write down, one line of JSON each. The order in the file is the order in which it happened. */
export type JournalLine =
  | {
      readonly type: 'paymentChanged'
      readonly eventId: string
      readonly partnerReferenceNo: string
      readonly orderId: string
      readonly from: string
      readonly to: string
    }
  | { readonly type: 'orderPaidTwice'; readonly eventId: string; readonly orderId: string }
  | { readonly type: 'killed'; readonly point: KillPoint }
  /** An error that the plug-in left to the host. */
  | { readonly type: 'surprise'; readonly error: string }
