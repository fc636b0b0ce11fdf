import type { DatabaseKind } from '../crash/servers/database.ts'
import type { Main } from './build-processes.ts'
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
  /** How many processes serve. */
  readonly processes?: number
}

/** A row of the table: A over B, in requests per second and in what a CPU second does, should reach so much. */
export interface Row {
  readonly id: string
  readonly what: string
  readonly a: Contender
  readonly b: Contender
  readonly reach: number
  /** The row whose limit this one shows. */
  readonly limitOf?: string
  /** What has to be known to read the row. */
  readonly note?: string
}

const pay: Contender = {
  name: 'express-doku-ovo',
  main: 'plugin',
  ...paymentScenario,
}
const balance: Contender = { ...pay, scenario: 'balance', expects: '"cash":{"value":"250000.00"' }
const notification: Contender = {
  ...pay,
  scenario: 'notification',
  expects: '"responseCode":"2005600"',
  usesAwaiting: true,
}
const token: Contender = { ...pay, scenario: 'token', expects: '"responseCode":"2007300"' }

const handWritten = { name: 'hand-written Express route', main: 'hand-written' } as const
const echo = { name: 'bare Express JSON echo', main: 'echo' } as const
const sdk: Contender = {
  name: 'route by the README of doku-nodejs-library',
  main: 'official-sdk',
  scenario: 'sdk-payment',
  expects: '2005400',
}

const fewPayments = 1_000
const counted = (number: number) => number.toLocaleString('en')

function rowsOfDatabase(kind: DatabaseKind, { manyPayments }: Pace): Row {
  const on = (stored: number): Contender => ({
    ...pay,
    name: `${counted(stored)} payments in ${kind}`,
    database: { kind, stored },
  })
  return {
    id: `7-${kind}`,
    what: `POST /payments, ${counted(manyPayments)} payments stored in ${kind}`,
    a: on(manyPayments),
    b: on(fewPayments),
    reach: 0.9,
    note: 'B begins each block with so many; both lose what they added when the block is over',
  }
}

/** The row, and what it could reach: the steps that it cannot do without. */
function withBareSteps(row: Row): [Row, Row] {
  const { id, a, b, reach } = row
  const bareSteps: Row = {
    id: `${id}-bare`,
    limitOf: id,
    what: `the bare steps of row ${id}`,
    a: { ...a, name: 'bare steps', main: 'bare-steps' },
    b,
    reach,
    note: 'what the row promises, without any check',
  }
  return [row, bareSteps]
}

/** For a row that its bare steps reach, or nearly: the same with the checks, and still without any structure. */
function withCheckedSteps(row: Row): [Row, Row, Row] {
  const { id, a, b, reach } = row
  const checkedSteps: Row = {
    id: `${id}-checked`,
    limitOf: id,
    what: `the bare steps of row ${id} with our checks`,
    a: { ...a, name: 'checked steps', main: 'checked-steps' },
    b,
    reach,
    note: 'what is left when everything but steps and checks is gone',
  }
  return [...withBareSteps(row), checkedSteps]
}

/** @see issue 6: the figures to reach */
export function rowsFor(pace: Pace): readonly Row[] {
  return [
    ...withCheckedSteps({
      id: '1',
      what: 'POST /payments, all but the limiter',
      a: { ...pay, limiter: false },
      b: { ...pay, ...handWritten, expects: '"webRedirectUrl"' },
      reach: 0.85,
    }),
    ...withBareSteps({
      id: '2',
      what: 'POST /payments, everything on',
      a: pay,
      b: { ...pay, ...echo, expects: '"orderId"' },
      reach: 0.6,
    }),
    { id: '3', what: 'POST /payments, everything on', a: pay, b: sdk, reach: 2 },
    ...withBareSteps({
      id: '4',
      what: 'POST /webhooks/notification, changing state',
      a: notification,
      b: { ...notification, ...echo, expects: '"latestTransactionStatus"' },
      reach: 1,
    }),
    ...withCheckedSteps({
      id: '5',
      what: 'POST /webhooks/token',
      a: token,
      b: { ...token, ...echo, expects: '"grantType"' },
      reach: 0.65,
    }),
    ...withCheckedSteps({
      id: '6',
      what: 'GET /balance, everything on',
      a: balance,
      b: { ...balance, ...handWritten },
      reach: 0.9,
    }),
    rowsOfDatabase('redis', pace),
    rowsOfDatabase('postgres', pace),
    {
      id: '8',
      what: 'POST /payments, two processes on one PostgreSQL',
      a: { ...pay, name: 'two processes', processes: 2, database: { kind: 'postgres', stored: fewPayments } },
      b: { ...pay, name: 'one process', database: { kind: 'postgres', stored: fewPayments } },
      reach: 1.6,
      note: 'needs a core for each process, and others for PostgreSQL, DOKU and the load',
    },
  ]
}
