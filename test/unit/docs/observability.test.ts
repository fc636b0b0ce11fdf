import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import { apis, responseCodes } from 'express-doku-ovo'
import { messageFields } from '../../support/docs/facts.ts'
import { readPage, section, shownFiles, tableRows } from '../../support/docs/markdown.ts'
import { alicesPhone, bind, type Shop, startShop } from '../../support/shop.ts'

const page = readPage('docs/observability.md')

type Channel = keyof typeof messageFields
const channels = Object.keys(messageFields) as Channel[]

interface Field {
  readonly name: string
  readonly optional: boolean
  readonly type: string
}

/** The fields that the page's table has, in its order. */
function documented(channel: Channel): Field[] {
  return tableRows(section(page, `\`express-doku-ovo:${channel}\``)).map(([name = '', type = '']) => {
    const plain = name.replaceAll('`', '')
    return { name: plain.replace('?', ''), optional: plain.endsWith('?'), type: type.replaceAll('`', '') }
  })
}

/** The fields that TypeScript knows. */
function declared(channel: Channel): Field[] {
  return Object.entries<string>(messageFields[channel]).map(([name, type]) => {
    return { name, optional: type.startsWith('?'), type: type.replace('?', '') }
  })
}

/** One of everything: calls that succeed, are refused and are lost; webhooks that are; and a change of every subject. */
async function doEverything(shop: Shop): Promise<void> {
  const { faults } = shop.simulator
  await bind(shop, 'alice', alicesPhone)
  const { body } = await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
  shop.simulator.approvePayment(body.webRedirectUrl)
  await shop.simulator.settled()
  await shop.request('staff', 'POST', `/payments/${body.partnerReferenceNo}/refunds`, {})
  faults.next('balance', [{ kind: 'refusal', code: '403xx14' }, { kind: 'cut' }, { kind: 'html' }])
  for (let count = 0; count < 3; count++) await shop.request('alice', 'GET', '/balance')
  await shop.request('', 'POST', '/webhooks/notification', 'no JSON')
}

describe('docs/observability.md', () => {
  for (const channel of channels) {
    it(`has the fields of a ${channel}’s message, with their types`, () => {
      expect(documented(channel)).to.have.length.above(4)
      expect(documented(channel)).to.deep.equal(declared(channel))
    })
  }

  it('has the fields that are published, each of them, and no other', async () => {
    const seen: Record<Channel, Record<string, unknown>[]> = { call: [], webhook: [], change: [] }
    const listeners = channels.map((channel) => {
      const listen = (message: unknown) => void seen[channel].push(message as Record<string, unknown>)
      subscribe(`express-doku-ovo:${channel}`, listen)
      return () => unsubscribe(`express-doku-ovo:${channel}`, listen)
    })
    const shop = await startShop({ options: { api: 'core-v1', authorizeRefund: () => true } })
    try {
      await doEverything(shop)
    } finally {
      await shop.close()
      for (const stop of listeners) stop()
    }
    for (const channel of channels) {
      const fields = documented(channel)
      const names = seen[channel].map((message) => Object.keys(message))
      expect(new Set(names.flat()), channel).to.deep.equal(new Set(fields.map(({ name }) => name)))
      const required = fields.filter(({ optional }) => !optional).map(({ name }) => name)
      for (const one of names) expect(one, channel).to.include.members(required)
    }
    expect(new Set(seen.change.map(({ subject }) => subject))).to.deep.equal(new Set(['binding', 'payment', 'refund']))
    expect(new Set(seen.webhook.map(({ route }) => route))).to.deep.equal(new Set(['token', 'notification']))
    expect(seen.call.map(({ outcome }) => outcome)).to.include.members(['success', 'declined', 'unknown'])
  })

  it('has every operation and every outcome of a call', () => {
    const text = section(page, '`express-doku-ovo:call`')
    const [, outcomes = ''] = text.split('`outcome` is what the answer means,')
    const named = [...(outcomes.split('without `httpStatus`')[0] ?? '').matchAll(/`([a-z-]+)`/g)].map(
      ([, name]) => name,
    )
    const meanings = responseCodes.map(({ meaning }) => meaning)
    expect(new Set(named)).to.deep.equal(new Set([...meanings, 'unknown', 'not-sent']))
    const row = tableRows(text).find(([name]) => name === '`operation`')?.[2] ?? ''
    const inTable = [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name)
    expect(inTable).to.have.members(Object.keys(apis['core-v1']))
  })

  it('shows the example as it is, whole', () => {
    const [snippet] = shownFiles(page)
    expect(snippet?.from).to.equal('examples/opentelemetry.ts')
    const example = readPage('examples/opentelemetry.ts')
    expect(example.slice(example.indexOf('import'))).to.equal(snippet?.code)
  })
})
