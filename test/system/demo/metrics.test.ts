import { expect } from 'chai'
import type { Logger } from 'express-doku-ovo'
import { Browser } from '../../../demo/browser.ts'
import { hearChannels } from '../../../demo/channels.ts'
import { type Demo, startDemo } from '../../../demo/start.ts'

const ignore = () => {}
const logger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }

type Counts = Record<string, number>

/** The samples of an exposition, without the comments. */
function samplesIn(text: string): Counts {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => {
      const [, sample = line, value] = /^(\w+\{\w+="[^"]*",\w+="[^"]*"\}) (\d+)$/.exec(line) ?? []
      return [sample, Number(value)]
    }),
  )
}

/** The same, counted here. */
function countMessages(): { counts: Counts; stop: () => void } {
  const counts: Counts = {}
  const count = (what: string, first: [string, unknown], second: [string, unknown]) => {
    const labels = [first, second].map(([name, value]) => `${name}="${value}"`).join(',')
    const sample = `express_doku_ovo_${what}_total{${labels}}`
    counts[sample] = (counts[sample] ?? 0) + 1
  }
  const stop = hearChannels({
    call: ({ operation, outcome }) => count('calls', ['operation', operation], ['outcome', outcome]),
    webhook: ({ route, httpStatus }) => count('webhooks', ['route', route], ['status', httpStatus]),
    change: ({ subject, to }) => count('changes', ['subject', subject], ['status', to]),
  })
  return { counts, stop }
}

describe('GET /metrics of the demo', () => {
  let demo: Demo
  beforeEach(async () => {
    demo = await startDemo({ port: 0, api: undefined, sandbox: undefined, keeping: {} }, { logger, told: ignore })
  })
  afterEach(() => demo.close())

  const fetchMetrics = () => fetch(`${demo.url}/metrics`)

  it('is in the text exposition format, and says what each counter counts before anything has happened', async () => {
    const answer = await fetchMetrics()
    expect(answer.status).to.equal(200)
    expect(answer.headers.get('content-type')).to.equal('text/plain; version=0.0.4; charset=utf-8')
    const text = await answer.text()
    for (const what of ['calls', 'webhooks', 'changes']) {
      expect(text).to.match(new RegExp(`^# HELP express_doku_ovo_${what}_total \\S.*$`, 'm'))
      expect(text).to.match(new RegExp(`^# TYPE express_doku_ovo_${what}_total counter$`, 'm'))
    }
  })

  it('counts every call by operation and outcome, webhook by route and status, change by subject and status', async () => {
    const { counts, stop } = countMessages()
    try {
      await shopAndFail(demo)
    } finally {
      stop()
    }
    const samples = samplesIn(await (await fetchMetrics()).text())
    expect(samples).to.deep.equal(counts)
    expect(samples).to.include({
      'express_doku_ovo_calls_total{operation="binding",outcome="success"}': 1,
      'express_doku_ovo_calls_total{operation="payment",outcome="unknown"}': 1,
      'express_doku_ovo_webhooks_total{route="token",status="400"}': 1,
      'express_doku_ovo_changes_total{subject="binding",status="active"}': 1,
      'express_doku_ovo_changes_total{subject="payment",status="unknown"}': 1,
    })
    expect(JSON.stringify(samples)).not.to.match(/alice|62812/)
  })

  it('begins at nothing in a demo that is started anew', async () => {
    await shopAndFail(demo)
    const other = await startDemo(
      { port: 0, api: undefined, sandbox: undefined, keeping: {} },
      { logger, told: ignore },
    )
    try {
      expect(samplesIn(await (await fetch(`${other.url}/metrics`)).text())).to.deep.equal({})
    } finally {
      await other.close()
    }
  })
})

/** Links, loses the answer to a payment, and lets a stranger ask for a token. */
async function shopAndFail({ url, simulator }: Demo): Promise<void> {
  const alice = new Browser(url)
  await alice.request('POST', '/api/session', { personId: 'alice' })
  const { body: binding } = await alice.request('POST', '/ovo/bindings', { phoneNo: '6281200000001' })
  simulator?.approveBinding(String(binding.redirectUrl))
  await simulator?.settled()
  const { body: basket } = await alice.request('PUT', '/api/basket/scarf', { quantity: 1 })
  const { body: order } = await alice.request('POST', '/api/orders', { basketId: basket.id })
  simulator?.faults.next('payment', { kind: 'http-error', status: 503, body: 'html' })
  expect((await alice.request('POST', '/ovo/payments', { orderId: order.id })).status).to.equal(202)
  const headers = { 'content-type': 'application/json' }
  const stranger = await fetch(`${url}/ovo/webhooks/token`, { method: 'POST', headers, body: '{}' })
  expect(stranger.status).to.equal(400)
}
