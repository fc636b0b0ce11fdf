import { Writable } from 'node:stream'
import { expect } from 'chai'
import { pino } from 'pino'
import { merchantKeys, secretKey } from '../support/keys.ts'
import { until } from '../support/private-server.ts'
import { alicesPhone, bind, type Shop, type ShopSetup, startShop } from '../support/shop.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests look into log lines freely
type Line = { readonly level: number; readonly msg: string } & Record<string, any>

/** pino's numbers for its levels. */
const warn = 40
const error = 50

describe('pino, given as the logger as it is', () => {
  let text: string
  let shop: Shop

  async function start({ options, ...setup }: ShopSetup = {}): Promise<void> {
    text = ''
    const stream = new Writable({
      write(chunk, _encoding, done) {
        text += chunk
        done()
      },
    })
    shop = await startShop({ ...setup, options: { ...options, logger: pino({ level: 'debug' }, stream) } })
  }
  afterEach(() => shop.close())

  const lines = (): Line[] =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  const lineThat = (says: string) => lines().find(({ msg }) => msg === says)

  it('has a warning by its code, with what to do', async () => {
    await start({ json: 'before' })
    await shop.request('', 'POST', '/webhooks/token', {})
    const line = lines().find(({ code }) => code === 'BODY_CONSUMED')
    expect(line?.level).to.equal(warn)
    expect(line?.msg).to.include('mount it before express.json()')
  })

  it('has what DOKU was told when its notification was refused', async () => {
    await start()
    const { body } = await shop.request('', 'POST', '/webhooks/notification', {})
    const { responseCode, responseMessage } = body
    expect(responseCode).to.match(/^401/)
    expect(lineThat('a webhook was refused')).to.deep.include({
      level: warn,
      route: 'notification',
      responseCode,
      responseMessage,
    })
  })

  it('has a call that failed with our code, DOKU’s code, and the payment that it was for', async () => {
    await start()
    await bind(shop, 'alice', alicesPhone)
    shop.simulator.faults.next('payment', [{ kind: 'refusal', code: '403xx14' }, { kind: 'cut' }])
    const { body } = await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
    const refused = lines().find(({ payment }) => payment === body.partnerReferenceNo)
    expect(refused).to.include({ level: warn })
    expect(refused?.err).to.include({ type: 'DokuError', code: 'DOKU_ERROR', responseCode: '4035414' })
  })

  it('has an error of a hook with its stack, and the event that was parked for it', async () => {
    const failing = () => {
      throw new Error('the shop’s database is down')
    }
    await start({ options: { hooks: { bindingChanged: failing }, hookRetriesMs: [] } })
    await shop.request('alice', 'POST', '/bindings', { phoneNo: alicesPhone })
    await until(async () => lineThat('an event is parked: its hook failed too often') !== undefined)
    const failed = lineThat('a hook failed')
    expect(failed).to.include({ level: error, type: 'bindingChanged' })
    expect(failed?.err.stack).to.include('the shop’s database is down')
    expect(failed?.err.stack).to.include('pino.test')
    const parked = lineThat('an event is parked: its hook failed too often')
    expect(parked?.eventId).to.equal(failed?.eventId)
  })

  it('has no secret and no phone number, whatever goes wrong', async () => {
    await start()
    await bind(shop, 'alice', alicesPhone)
    shop.simulator.faults.always('payment', { kind: 'html' })
    shop.simulator.faults.always('status', { kind: 'garbage' })
    shop.simulator.faults.always('balance', { kind: 'refusal', code: '401xx01', message: `no: ${alicesPhone}` })
    await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
    await shop.request('alice', 'GET', '/balance')
    await shop.request('', 'POST', '/webhooks/notification', {}, { authorization: `Bearer ${secretKey}` })
    expect(lines()).to.have.length.above(1)
    const body = merchantKeys.privateKey.split('\n')[1] ?? ''
    for (const secret of [secretKey, alicesPhone, body]) expect(text).not.to.include(secret)
  })
})
