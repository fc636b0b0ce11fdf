import type { Simulator } from 'express-doku-ovo/simulator'
import { type Answer, ShopClient } from './driver/shop-client.ts'
import { setStage } from './driver/stage.ts'
import { orderId, orderIn } from './host/orders.ts'
import type { Report } from './report.ts'
import type { Database } from './servers/database.ts'
import { until } from './wait.ts'
import type { Workshop } from './workshop.ts'

const rounds = 50
const clicksPerHost = 50

/** The same order, clicked on fifty times at once at each of two hosts; and that fifty times over. */
export async function clickRounds(database: Database, main: string, report: Report, workshop: Workshop): Promise<void> {
  const plan = { kind: 'plugin', database, seed: 'clicks', main, customers: 1, speed: 1 } as const
  const { fleet, doku, customers } = await setStage(plan, workshop)
  await fleet.open()
  await customers.bind()
  const hosts = fleet.urls.map((url) => new ShopClient(url, workshop))
  const complaints: string[] = []
  let late = 0
  for (let round = 1; round <= rounds; round += 1) {
    const order = orderId(round % 2 === 0 ? 'at-once' : 'on-page', 0, `clicked-${round}`)
    const answers = await Promise.all(hosts.flatMap((host) => clicks(host, order)))
    late += answers.filter(isLate).length
    await until(`a payment of ${order}`, async () => isSuccess(await click(hosts[round % hosts.length], order)))
    complaints.push(...judge(order, answers, doku))
  }
  const charges = doku.ledger.length
  if (charges > rounds / 2) complaints.push(`${charges} charges for ${rounds / 2} orders that are charged at once`)
  if (late > (rounds * hosts.length * clicksPerHost) / 2) complaints.push(`${late} clicks came too late to the storage`)
  report.check(
    `${rounds} orders, clicked on ${hosts.length} x ${clicksPerHost} times each on ${database.kind}, came to DOKU once each`,
    complaints,
  )
  await fleet.close()
}

function clicks(host: ShopClient, order: string): Promise<Answer>[] {
  return Array.from({ length: clicksPerHost }, () => click(host, order))
}

async function click(host: ShopClient | undefined, order: string): Promise<Answer> {
  if (!host) throw new Error('there is no host')
  return host.post('customer-0', '/payments', { orderId: order })
}

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300
}

/** A busy machine's storage may be late for some clicks, which are refused then. */
function isLate({ status }: Answer): boolean {
  return status === 503
}

/**
 * One arrival at DOKU, and everybody was told of that one payment. Where the storage was late, an attempt may never have
 * been sent: then there may be none, or another one after it; but never two arrivals.
 */
function judge(order: string, answers: readonly Answer[], { arrivals }: Simulator): string[] {
  const arrived = arrivals.filter(({ operation, body }) => operation === 'payment' && orderIn(body) === order)
  const payments = new Set(answers.filter(isSuccess).map(({ body }) => body.partnerReferenceNo))
  const refused = answers.filter((answer) => !isSuccess(answer) && !isLate(answer))
  const wasLate = answers.some(isLate)
  const isSentOnce = arrived.length === 1 || (wasLate && arrived.length === 0)
  const isToldOne = payments.size === 1 || wasLate
  return [
    ...(isSentOnce ? [] : [`${order}: ${arrived.length} arrivals at DOKU`]),
    ...(isToldOne ? [] : [`${order}: ${payments.size} payments: ${[...payments].join(', ')}`]),
    ...refused.map(({ status, body }) => `${order}: a click was answered with ${status} ${body.code}`),
  ]
}
