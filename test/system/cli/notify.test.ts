import { networkInterfaces } from 'node:os'
import { expect } from 'chai'
import { isThisMachine } from '../../../lib/cli/io.ts'
import { dokuKeys, merchantKeys, secretKey } from '../../support/keys.ts'
import { alicesPhone, bind, type Shop, startShop } from '../../support/shop.ts'
import { merchantEnvironment } from './host.ts'
import { runCli } from './run-cli.ts'

describe('notify', () => {
  let shop: Shop
  let reference: string
  /** DOKU's side is played by hand here. */
  let environment: Record<string, string>

  beforeEach(async () => {
    shop = await startShop({ mount: '/ovo' })
    await bind(shop, 'alice', alicesPhone)
    const { body } = await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
    reference = body.partnerReferenceNo
    environment = merchantEnvironment({ OVO_PUBLIC_URL: shop.url })
  })

  afterEach(() => shop.close())

  const playing = () => ({ ...environment, DOKU_SIMULATOR_PRIVATE_KEY: dokuKeys.privateKey.replaceAll('\n', '\\n') })
  const statusOf = async () => (await shop.request('alice', 'GET', `/payments/${reference}`)).body.status
  const paid = () => ['notify', '--reference', reference, '--amount', '10000.00']

  it('fetches a token as DOKU does, and the payment is paid', async () => {
    const { code, out } = await runCli([...paid(), '--json'], { environment: playing() })
    expect(code).to.equal(0)
    const answer = JSON.parse(out)
    expect(answer).to.include({ httpStatus: 200, token: 'fetched from the app' })
    expect(JSON.parse(answer.body).responseCode).to.equal('2005600')
    expect(await statusOf()).to.equal('paid')
  })

  it('makes the token itself when it has not the key that plays DOKU', async () => {
    const { code, out } = await runCli(paid(), { environment })
    expect(code).to.equal(0)
    expect(out).to.contain('token: made here, not fetched').and.to.contain('The app answers 200')
    expect(out).not.to.contain(secretKey)
    expect(await statusOf()).to.equal('paid')
  })

  it('says with 1 what the app refuses', async () => {
    const { code, out } = await runCli(['notify', '--reference', reference, '--amount', '9999.00'], { environment })
    expect(code).to.equal(1)
    expect(out).to.contain('4045613')
    expect(await statusOf()).to.equal('awaiting-customer')
  })

  it('says with 1 that the app gives no token for another key', async () => {
    const wrong = { ...environment, DOKU_SIMULATOR_PRIVATE_KEY: merchantKeys.privateKey }
    const { code, err } = await runCli(paid(), { environment: wrong })
    expect(code).to.equal(1)
    expect(err).to.contain("the merchant's token URL answered 401")
  })

  it('tells of a binding, with the authCode from the environment', async () => {
    const args = ['notify', '--customer', 'bob', '--status', 'FAILED']
    expect((await runCli(args, { environment })).err).to.contain('DOKU_AUTH_CODE is missing')
    const { code, out } = await runCli(args, { environment: { ...environment, DOKU_AUTH_CODE: '1234567890' } })
    expect(code).to.equal(0)
    expect(out).to.contain('"custIdMerchant":"bob"')
    expect(out).not.to.contain('1234567890')
  })

  it('goes to no other machine, unless that is said', async () => {
    const args = [...paid(), '--url', 'http://192.0.2.1/ovo/webhooks/notification']
    const { code, err } = await runCli(args, { environment })
    expect(code).to.equal(2)
    expect(err).to.contain('192.0.2.1 is not this machine').and.to.contain('--allow-host 192.0.2.1')
    const unknown = [...paid(), '--url', 'http://shop.invalid/ovo/webhooks/notification']
    expect((await runCli(unknown, { environment })).err).to.contain('shop.invalid is not this machine')
    const allowed = await runCli([...unknown, '--allow-host', 'shop.invalid'], { environment })
    expect(allowed.code).to.equal(1)
    expect(allowed.err).to.contain('cannot be reached')
  })

  for (const [args, says] of [
    [[], '--reference <partnerReferenceNo> is missing'],
    [['--reference', 'A', '--amount', '10000'], 'rupiah with two decimals'],
    [['--reference', 'A', '--amount', '1.00', '--status', 'PAID'], '--status must be 00 to 07'],
    [['--customer', 'bob', '--amount', '1.00'], 'give --reference and --amount, or --customer'],
  ] as const) {
    it(`refuses ${args.join(' ') || 'nothing to tell'}`, async () => {
      const { code, err } = await runCli(['notify', ...args], { environment })
      expect(code).to.equal(2)
      expect(err).to.contain(says)
    })
  }
})

describe('isThisMachine', () => {
  it('knows loopback and the addresses of its own interfaces', async () => {
    const own = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? [])
    for (const host of ['localhost', '127.9.8.7', '[::1]', ...own])
      expect(await isThisMachine(host), host).to.equal(true)
    for (const host of ['192.0.2.1', '8.8.8.8', 'shop.invalid', '128.0.0.1'])
      expect(await isThisMachine(host), host).to.equal(false)
  })
})
