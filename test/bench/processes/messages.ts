import type { Merchant } from '../../crash/host/messages.ts'
import type { DatabaseAddress } from '../../crash/servers/database.ts'

/** What a server under test is told before it listens. */
export interface ServerSetup {
  readonly merchant: Merchant
  readonly dokuUrl: string
  /** Whether requests are counted, as they are by default. The limit itself is one that nobody reaches. */
  readonly limiter: boolean
  /** Whether the host has a hook that is told of every change. */
  readonly hook: boolean
  /** Absent: memory. */
  readonly database?: DatabaseAddress | undefined
  /** How many payments wait for their notification before the first request comes. Only in memory. */
  readonly awaiting: number
}

/** What a process can be asked, while it runs. */
export type Question = 'cpu' | 'memory'

export type Figures = Readonly<Record<string, number>>

/** What is asked for; `everything`: all of it in turn. */
export type ScenarioName = 'payment' | 'sdk-payment' | 'notification' | 'token' | 'balance' | 'everything'

/** What DOKU's notifications are made with. */
export interface Secrets {
  readonly clientId: string
  readonly secretKey: string
  readonly dokuPrivateKey: string
}

/** One stretch of load. */
export interface LoadJob {
  readonly scenario: ScenarioName
  /** One for each process that serves; connections are spread over them. */
  readonly origins: readonly string[]
  readonly connections: number
  /** A part of every answer that is as it should be; any other counts as a failure, whatever its status. */
  readonly expects: string
  /** The first of the orders, or waiting payments, that this stretch uses up. */
  readonly from: number
  readonly secrets: Secrets
  /** The token that DOKU has fetched from us. */
  readonly bearer: string
  /** How long, */
  readonly seconds?: number
  /** or how much. */
  readonly amount?: number
  /** Evenly, whatever the answers do; absent: as fast as answers come. */
  readonly requestsPerSecond?: number
}

export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  /** Answers that were not 2xx, or not what was expected; connections that broke, and requests that were not answered. */
  readonly failures: number
  /** From when a request was due until its answer, in ms. Only of an even load. */
  readonly meanLatencyMs?: number
}

export type ToProcess =
  | { readonly type: 'setup'; readonly setup: ServerSetup }
  | { readonly type: 'ask'; readonly id: number; readonly question: Question }
  | { readonly type: 'load'; readonly id: number; readonly job: LoadJob }

export type FromProcess =
  | { readonly type: 'ready' }
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Figures | LoadResult }
  | { readonly type: 'failed'; readonly id: number; readonly error: string }
