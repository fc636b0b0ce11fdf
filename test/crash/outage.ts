import type { Answer } from './driver/shop-client.ts'
import { type Stage, setStage } from './driver/stage.ts'
import { linesOf, readJournal } from './host/journal.ts'
import { orderId } from './host/orders.ts'
import type { Report } from './report.ts'
import type { Database } from './servers/database.ts'
import { until } from './wait.ts'
import type { Workshop } from './workshop.ts'

/** How a storage goes away, and how it comes back. */
interface Outage {
  readonly name: string
  begin(database: Database): unknown
  end(database: Database): unknown
}

const outages: readonly Outage[] = [
  { name: 'paused', begin: (database) => database.pause(), end: (database) => database.resume() },
  { name: 'killed', begin: (database) => database.kill(), end: (database) => database.restart() },
]

const customer = 'customer-0'
/** A refusal that takes longer is not the plug-in's fault when another one was in time: the machine may be busy. */
const triesAtLeast = 3
const triesAtMost = 12
const promptMs = 1_000

/** The storage goes away before something is sent, and after. */
export async function outageRounds(
  database: Database,
  main: string,
  report: Report,
  workshop: Workshop,
): Promise<void> {
  const plan = { kind: 'plugin', database, seed: 'outage', main, customers: 1, speed: 1 } as const
  const stage = await setStage(plan, workshop)
  await stage.fleet.open()
  await stage.customers.bind()
  for (const outage of outages) {
    const before = `${database.kind} ${outage.name} before sending: 503 within ${promptMs} ms, and nothing is sent`
    report.check(before, await goneBeforeSending(stage, database, outage))
    const after = `${database.kind} ${outage.name} after sending: unknown, and final when it is back`
    report.check(after, await goneAfterSending(stage, database, outage))
  }
  await stage.fleet.close()
}

async function goneBeforeSending({ doku, shop }: Stage, database: Database, outage: Outage): Promise<string[]> {
  const order = { orderId: orderId('at-once', 0, `before-${outage.name}`) }
  const sentBefore = doku.arrivals.length
  await outage.begin(database)
  const times: number[] = []
  const statuses: number[] = []
  const isEnough = () => times.length >= triesAtLeast && Math.min(...times) <= promptMs
  while (!isEnough() && times.length < triesAtMost) {
    const started = performance.now()
    statuses.push((await shop.post(customer, '/payments', order)).status)
    times.push(performance.now() - started)
  }
  const sent = doku.arrivals.length - sentBefore
  await outage.end(database)
  // The first click may be written down too late for its answer: then the next one finds that payment.
  await until('a payment after the outage', async () =>
    isSuccess((await shop.post(customer, '/payments', order)).status),
  )
  const fastest = Math.round(Math.min(...times))
  return [
    ...statuses.filter((status) => status !== 503).map((status) => `answered with ${status}`),
    ...(fastest <= promptMs ? [] : [`answered after ${fastest} ms at the earliest`]),
    ...(sent === 0 ? [] : [`${sent} requests went to DOKU`]),
  ]
}

/** A payment that has arrived at DOKU, and waits there for its answer. A click that a busy storage refuses is followed by another. */
async function clickUntilHeld({ doku, shop }: Stage, outage: Outage): Promise<{ answer: Promise<Answer> }> {
  const held = doku.until(() => doku.faults.held('payment') === 1).then(() => true)
  const click = (number: number) =>
    shop.post(customer, '/payments', { orderId: orderId('at-once', 0, `after-${outage.name}-${number}`) })
  let clicks = 1
  let answer = click(clicks)
  await until('a payment that DOKU holds', async () => {
    const isHeld = await Promise.race([held, answer.then(() => false)])
    if (!isHeld) answer = click(++clicks)
    return isHeld
  })
  return { answer }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

async function goneAfterSending(stage: Stage, database: Database, outage: Outage): Promise<string[]> {
  const { doku, shop, timeline, fleet, journal } = stage
  doku.faults.always('notification', { kind: 'lost' })
  doku.faults.next('payment', { kind: 'latency', before: 'answer' })
  const clicked = await clickUntilHeld(stage, outage)
  await outage.begin(database)
  doku.faults.release('payment')
  const { status, body } = await clicked.answer
  await outage.end(database)
  const path = `/payments/${body.partnerReferenceNo}`
  const events = () => linesOf(readJournal(journal), 'paymentChanged').filter(({ to }) => to === 'paid')
  const isToldPaid = () => events().some(({ partnerReferenceNo }) => partnerReferenceNo === body.partnerReferenceNo)
  await until('the final status after the outage', async () => {
    timeline.advance(60_000)
    await fleet.ask('reconcile').catch(() => {})
    return isToldPaid()
  })
  const final = await shop.get(customer, path)
  const charges = doku.ledger.filter(({ partnerReferenceNo }) => partnerReferenceNo === body.partnerReferenceNo)
  doku.faults.clear()
  return [
    ...(status === 202 && body.status === 'unknown' ? [] : [`answered with ${status} ${body.status}`]),
    ...(final.body.status === 'paid' ? [] : [`ended as ${final.body.status}`]),
    ...(charges.length === 1 ? [] : [`charged ${charges.length} times`]),
  ]
}
