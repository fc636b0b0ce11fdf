import type { Simulator } from 'express-doku-ovo/simulator'
import { type Answer, ShopClient } from './driver/shop-client.ts'
import { setStage } from './driver/stage.ts'
import { orderId, orderIn } from './host/orders.ts'
import type { Report } from './report.ts'
import type { Database } from './servers/database.ts'
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
  for (let round = 1; round <= rounds; round += 1) {
    const order = orderId(round % 2 === 0 ? 'at-once' : 'on-page', 0, `clicked-${round}`)
    const answers = await Promise.all(hosts.flatMap((host) => clicks(host, order)))
    complaints.push(...judge(order, answers, doku))
  }
  const charges = doku.ledger.length
  if (charges > rounds / 2) complaints.push(`${charges} charges for ${rounds / 2} orders that are charged at once`)
  report.check(
    `${rounds} orders, clicked on ${hosts.length} x ${clicksPerHost} times each on ${database.kind}, came to DOKU once each`,
    complaints,
  )
  await fleet.close()
}

function clicks(host: ShopClient, order: string): Promise<Answer>[] {
  return Array.from({ length: clicksPerHost }, () => host.post('customer-0', '/payments', { orderId: order }))
}

/**
 * One arrival at DOKU, and everybody was told of that one payment. A busy machine's storage may be late for a few clicks,
 * which are refused then.
 */
function judge(order: string, all: readonly Answer[], { arrivals }: Simulator): string[] {
  const arrived = arrivals.filter(({ operation, body }) => operation === 'payment' && orderIn(body) === order)
  const late = all.filter(({ status }) => status === 503)
  const answers = late.length * 2 < all.length ? all.filter((answer) => !late.includes(answer)) : all
  const payments = new Set(answers.map(({ body }) => body.partnerReferenceNo))
  const refused = answers.filter(({ status }) => status < 200 || status > 299)
  return [
    ...(arrived.length === 1 ? [] : [`${order}: ${arrived.length} arrivals at DOKU`]),
    ...(payments.size === 1 ? [] : [`${order}: ${payments.size} payments: ${[...payments].join(', ')}`]),
    ...refused.map(({ status, body }) => `${order}: a click was answered with ${status} ${body.code}`),
  ]
}
