import { audit, type Findings, isFinal, readPayments, type StoredPayment } from './audit.ts'
import { endTrouble, makeTrouble } from './driver/doku.ts'
import type { Death } from './driver/fleet.ts'
import { type Stage, type StagePlan, setStage } from './driver/stage.ts'
import { readJournal } from './host/journal.ts'
import { killPoints } from './host/messages.ts'
import { openStorage } from './host/open-storage.ts'
import type { Workshop } from './workshop.ts'

export interface CrashPlan extends Omit<StagePlan, 'customers' | 'speed'> {
  readonly kills: number
}

export interface CrashResult {
  readonly plan: CrashPlan
  readonly deaths: ReadonlyMap<Death, number>
  readonly orders: number
  readonly payments: readonly StoredPayment[]
  readonly charges: number
  readonly notifications: number
  readonly statusChecks: number
  /** Answers to customers, by status; 0 is none. */
  readonly answers: ReadonlyMap<number, number>
  readonly findings: Findings
  /** By the machine's clock and by everybody else's. */
  readonly seconds: number
  readonly simulatedHours: number
}

const customers = 12
/** A minute passes in three seconds: so that checking again after a minute happens while hosts are dying. */
const speed = 20
const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** In the end time is put forward step by step, each longer than the one before, for eleven days. */
const settlingStepsMs = [minuteMs, 10 * minuteMs, hourMs, 12 * hourMs].flatMap((ms) => Array<number>(20).fill(ms))
const longestReconcileMs = 60_000

/** One storage, two hosts at a time, customers, DOKU, and death. */
export async function crashRun(plan: CrashPlan, workshop: Workshop): Promise<CrashResult> {
  const started = Date.now()
  const stage = await setStage({ ...plan, customers, speed }, workshop)
  await play(stage, plan)
  const settled = await settle(stage, plan)
  return { plan, ...settled, ...figuresOf(stage), seconds: (Date.now() - started) / 1000 }
}

async function play(stage: Stage, { kind, kills, seed }: CrashPlan): Promise<void> {
  const { doku, fleet, customers, timeline, journal } = stage
  await fleet.open()
  await customers.bind()
  makeTrouble(doku, seed)
  timeline.run(speed)
  await fleet.killAll()
  const shopping = customers.shop()
  await fleet.killUntil(kills, kind === 'plugin' ? killPoints : [], journal)
  timeline.stop()
  endTrouble(doku)
  await fleet.open()
  customers.close()
  await shopping
  customers.comeBack()
}

/** Nobody dies any more, and time goes by until nothing is left to do; then everything is looked at. */
async function settle(stage: Stage, plan: CrashPlan): Promise<Pick<CrashResult, 'payments' | 'findings'>> {
  const { doku, fleet, customers, timeline, journal, clientId } = stage
  const opened = await openStorage(stage.database, timeline.now, 4)
  const read = () => readPayments(opened.storage, clientId, customers.orders)
  confirmInTheApp(stage)
  if (plan.kind === 'plugin') {
    await passTime(stage, read)
    await customers.insist()
    await passTime(stage, read)
  }
  const parked = await fleet.ask('parkedEvents')
  const unwilling = await fleet.close()
  const payments = await read()
  await opened.close()
  const findings = audit({ doku, customers, payments, journal: readJournal(journal) })
  return {
    payments,
    findings: {
      ...findings,
      'parked events': Array<string>(Math.max(...parked)).fill('an event'),
      'hosts that did not end when closed': Array<string>(unwilling).fill('a host'),
    },
  }
}

async function passTime({ fleet, timeline }: Stage, read: () => Promise<StoredPayment[]>): Promise<void> {
  for (const stepMs of settlingStepsMs) {
    timeline.advance(stepMs)
    const done = await fleet.ask('reconcile', longestReconcileMs)
    if (done.every((count) => count === 0) && (await read()).every(isFinal)) return
  }
}

/**
 * Whose browser never got to OVO's page, because the host died with its address, confirms in the OVO app: DOKU charges
 * payments of which the shop may know nothing but that they were sent. Every third one is never confirmed at all.
 */
function confirmInTheApp({ doku, customers }: Stage): void {
  const accepted = doku.calls.filter(({ operation, verdict }) => operation === 'payment' && verdict === 'accepted')
  const references = accepted.map(({ body }): string => JSON.parse(body).partnerReferenceNo)
  const paid = new Set(doku.ledger.map(({ partnerReferenceNo }) => partnerReferenceNo))
  const open = references.filter((reference) => !paid.has(reference) && !customers.declined.has(reference))
  for (const reference of open.filter((_, index) => index % 3 > 0)) doku.succeedLate(reference)
}

function figuresOf({ doku, fleet, customers, timeline, journal }: Stage) {
  return {
    deaths: fleet.deathsIn(journal),
    orders: customers.orders.size,
    charges: doku.ledger.length,
    notifications: doku.notifications.length,
    statusChecks: doku.calls.filter(({ operation }) => operation === 'status').length,
    answers: customers.answers,
    simulatedHours: timeline.offsetMs / hourMs,
  }
}
