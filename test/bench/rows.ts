import type { DatabaseKind } from '../crash/servers/database.ts'
import type { Main } from './child.ts'
import type { ScenarioName } from './processes/messages.ts'
import { type Pace, paymentScenario } from './stage.ts'

/** One of the two that are compared. */
export interface Contender {
  readonly name: string
  readonly main: Main
  readonly scenario: ScenarioName
  /** A part of every right answer. */
  readonly expects: string
  readonly limiter?: boolean
  /** Whether every request uses up a payment that waits for its notification. */
  readonly usesAwaiting?: true
  /** Where payments are kept, with so many that are there already. Absent: memory. */
  readonly database?: { readonly kind: DatabaseKind; readonly stored: number }
  readonly processes?: number
}

/** B's CPU per request over A's, and A's requests per second over B's, should both reach so much. */
export interface Row {
  readonly id: string
  readonly what: string
  readonly a: Contender
  readonly b: Contender
  readonly reach: number
}

const pay: Contender = { name: 'express-doku-ovo', main: 'plugin', ...paymentScenario }
const balance: Contender = { ...pay, scenario: 'balance', expects: '"cash":{"value":"250000.00"' }
const token: Contender = { ...pay, scenario: 'token', expects: '"responseCode":"2007300"' }
const notification: Contender = {
  ...pay,
  scenario: 'notification',
  expects: '"responseCode":"2005600"',
  usesAwaiting: true,
}
const handWritten = { name: 'hand-written Express route', main: 'hand-written' } as const
const echo = { name: 'bare Express JSON echo', main: 'echo' } as const
const sdk: Contender = {
  name: 'route by the README of doku-nodejs-library',
  main: 'official-sdk',
  scenario: 'sdk-payment',
  expects: '2005400',
}

const fewPayments = 1_000

function rowOfDatabase(kind: DatabaseKind, manyPayments: number): Row {
  const on = (stored: number): Contender => ({
    ...pay,
    name: `${stored.toLocaleString('en')} payments in ${kind}`,
    database: { kind, stored },
  })
  return { id: `7-${kind}`, what: 'POST /payments', a: on(manyPayments), b: on(fewPayments), reach: 0.9 }
}

export function rowsFor({ manyPayments }: Pace): readonly Row[] {
  const onPostgres = { kind: 'postgres', stored: fewPayments } as const
  return [
    {
      id: '1',
      what: 'POST /payments, all but the limiter',
      a: { ...pay, limiter: false },
      b: { ...pay, ...handWritten, expects: '"webRedirectUrl"' },
      reach: 0.85,
    },
    { id: '2', what: 'POST /payments', a: pay, b: { ...pay, ...echo, expects: '"orderId"' }, reach: 0.6 },
    { id: '3', what: 'POST /payments', a: pay, b: sdk, reach: 2 },
    {
      id: '4',
      what: 'POST /webhooks/notification, changing state',
      a: notification,
      b: { ...notification, ...echo, expects: '"latestTransactionStatus"' },
      reach: 1,
    },
    {
      id: '5',
      what: 'POST /webhooks/token',
      a: token,
      b: { ...token, ...echo, expects: '"grantType"' },
      reach: 0.65,
    },
    { id: '6', what: 'GET /balance', a: balance, b: { ...balance, ...handWritten }, reach: 0.9 },
    rowOfDatabase('redis', manyPayments),
    rowOfDatabase('postgres', manyPayments),
    {
      id: '8',
      what: 'POST /payments on one PostgreSQL',
      a: { ...pay, name: 'two processes', processes: 2, database: onPostgres },
      b: { ...pay, name: 'one process', database: onPostgres },
      reach: 1.6,
    },
  ]
}
