import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Dialect, type Simulator, type SimulatorOptions, signNotification } from 'express-doku-ovo/simulator'
import { clientId, dokuKeys, secretKey } from '../../support/keys.ts'
import { alicesPhone, startSimulator } from '../../support/shop.ts'
import { freePort, merchantEnvironment } from './host.ts'
import { workFolder } from './installed.ts'
import { Cli } from './run-cli.ts'

interface Walk {
  readonly simulator?: Partial<SimulatorOptions>
  readonly environment?: Record<string, string>
  /** Appended to the address to which the browser comes back. */
  readonly query?: string
  /** What the person does in place of confirming. */
  readonly decline?: boolean
  readonly wait?: string
}

interface Seen {
  readonly code: number | null
  readonly out: string
  readonly err: string
  readonly report: string
  /** The row of a question: DOKU, as assumed?, set. */
  of(id: string, question: RegExp): { saw: string; verdict: string; set: string }
}

describe('probe', () => {
  let simulator: Simulator

  afterEach(() => simulator.close())

  /** The person at the browser: does what the page asks, and comes back as a browser does. */
  async function visit(cli: Cli, purpose: 'binding' | 'payment', { decline, query = '' }: Walk) {
    const page = new RegExp(`\\n {2}(http\\S+/ui/${purpose}/\\S+)\\nPress Enter`)
    const [, url = ''] = await cli.printed(page)
    const act = {
      binding: [simulator.approveBinding, simulator.declineBinding],
      payment: [simulator.approvePayment, simulator.declinePayment],
    }
    const [approve, refuse] = act[purpose]
    const { returnUrl } = decline ? (refuse?.(url) ?? {}) : (approve?.(url) ?? {})
    if (returnUrl) await fetch(returnUrl + query)
    cli.write('\n')
  }

  async function walk(how: Walk = {}): Promise<Seen> {
    const port = await freePort()
    const publicUrl = `http://127.0.0.1:${port}/ovo`
    const merchant = { tokenUrl: `${publicUrl}/webhooks/token`, notificationUrl: `${publicUrl}/webhooks/notification` }
    simulator = await startSimulator({ merchant, ...how.simulator })
    const folder = workFolder()
    const environment = merchantEnvironment({
      DOKU_ENVIRONMENT: simulator.url,
      OVO_PUBLIC_URL: publicUrl,
      DOKU_API: 'core-v1',
      ...how.environment,
    })
    const cli = new Cli(['probe', '--phone', alicesPhone, '--listen', String(port), '--wait', how.wait ?? '30'], {
      folder,
      environment,
    })
    await visit(cli, 'binding', how)
    if (!how.decline) await visit(cli, 'payment', how)
    const { code, out, err } = await cli.ended()
    const report = readFileSync(join(folder, 'doku-probe.md'), 'utf8')
    return { code, out, err, report, of: (id, question) => rowOf(report, id, question) }
  }

  function rowOf(report: string, id: string, question: RegExp) {
    const rows = report.split('\n').map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')))
    const row = rows.find((cells) => cells[0]?.startsWith(`[${id}](https://`) && question.test(cells[1] ?? ''))
    if (!row) return expect.fail(`no ${id} ${question} in ${report}`)
    const [, , saw = '', verdict = '', , set = ''] = row
    return { saw, verdict, set }
  }

  const dialect = (chosen: Partial<Dialect>): Walk => ({ simulator: { dialect: chosen } })

  it('finds everything as assumed where it is, with nothing to set, and a report without secrets', async () => {
    const seen = await walk({ simulator: { timestampWindowMs: 720_000 } })
    expect(seen.err).to.equal('')
    expect(seen.code).to.equal(0)
    expect(seen.report).to.contain('None: the options fit.')
    expect(seen.out).to.match(/\d+ as assumed, 0 different, 0 not seen\.\nTo set: nothing/)
    expect(seen.of('C-1', /generations/).saw).to.equal('ovo-v1.0 and core-v1')
    expect(seen.of('U-8', /far/).saw).to.equal('accepted: up to 10 min behind, up to 10 min ahead')
    expect(seen.of('C-9', /token/).saw).to.equal('exactly these')
    expect(seen.of('C-20', /same request/).saw).to.match(/^the first answer again: HTTP 409 2005500/)
    expect(seen.of('§11', /known/).saw).to.match(/^HTTP 409 4095401/)
    expect(seen.of('C-14', /serviceCode/).saw).to.match(/^55: HTTP 200 .*; 54: HTTP 200 /)
    expect(seen.of('C-23', /refund/).saw).to.match(/^1.00 of 10000.00: HTTP 200 2005800/)
    expect(seen.of('U-1', /binding/).saw).to.equal('none; the browser came to the URL for success')
    expect(seen.of('U-2', /binding notification/).saw).to.contain('additionalInfo.authCode')
    // One payment, no second one, and the account is free again.
    expect(simulator.ledger).to.have.length(1)
    expect(simulator.refunds.map(({ amount }) => amount)).to.deep.equal(['1.00'])
    expect(simulator.accounts[0]?.linkedTo).to.equal(undefined)
    const [binding] = simulator.notifications
    const details = binding?.body.additionalInfo as { authCode: string } | undefined
    for (const secret of [secretKey, details?.authCode ?? 'no binding', alicesPhone])
      expect(seen.report).not.to.contain(secret)
    expect(seen.report).not.to.match(/eyJ/)
  })

  it('sees the other answer to each question that an option answers', async () => {
    const seen = await walk({
      simulator: {
        onlyNewestAccessToken: true,
        timestampWindowMs: 90_000,
        sendsBindingNotification: false,
        dialect: {
          generations: ['ovo-v1.0'],
          notificationSignedWith: 'empty',
          notificationBearer: false,
          statusServiceCode: '54',
          customerTokenExpiry: 'seconds',
          expiresIn: 'text',
          duplicates: 'conflict',
          deviceId: 'optional',
          customerToken: 'with-bearer',
        },
      },
      environment: { DOKU_API: 'ovo-v1.0' },
      query: '?status=SUCCESS&x=1',
      wait: '1',
    })
    expect(seen.code).to.equal(0)
    expect(seen.of('C-1', /generations/)).to.include({ saw: 'ovo-v1.0', verdict: 'as assumed' })
    expect(seen.of('U-8', /far/).saw).to.equal('accepted: up to 1 min behind, up to 1 min ahead')
    expect(seen.of('§3', /newer/).saw).to.match(/^yes: HTTP 401 4015501/)
    expect(seen.of('C-19', /expiresIn/).saw).to.equal('"900" (string)')
    expect(seen.of('C-18', /expiry of/).saw).to.equal('"900": 900 s from now')
    expect(seen.of('C-12', /DEVICE/).saw).to.match(/^no: /)
    expect(seen.of('U-2', /binding notification/).saw).to.equal('no, none came')
    expect(seen.of('U-1', /payment/).saw).to.equal('status, x; the browser came to the URL for success')
    expect(seen.of('C-8', /Bearer/).saw).to.match(/^with Bearer: HTTP 200 .*; without: HTTP 401 4011102/)
    expect(seen.of('C-11', /fetch a token/)).to.include({
      verdict: '**different**',
      set: 'webhooks: { requireBearer: false }',
    })
    expect(seen.of('C-9', /token/)).to.include({ saw: 'exactly these' })
    expect(seen.of('C-14', /serviceCode/).set).to.equal("endpoints: { status: { extraBody: { serviceCode: '54' } } }")
    expect(seen.of('C-20', /same request/).saw).to.match(/^a refusal: HTTP 409 4095500/)
    expect(seen.of('C-23', /refund/).verdict).to.equal('not seen')
    expect(seen.out).to.contain('To set: \n  C-11: webhooks: { requireBearer: false }')
  })

  for (const [source, says] of [
    ['empty', 'token: no token: an empty one'],
    ['doku-token', 'token: the access token that DOKU issued to the merchant'],
  ] as const) {
    it(`sees that a notification is signed with ${source}, and says what to set`, async () => {
      const seen = await walk(dialect({ notificationSignedWith: source }))
      expect(seen.of('C-9', /token/)).to.deep.equal({
        saw: says,
        verdict: '**different**',
        set: `webhooks: { signedWith: ['bearer', '${source}'] }`,
      })
      expect(seen.of('C-11', /fetch a token/).verdict).to.equal('as assumed')
    })
  }

  it('pays with the bare customer token where DOKU wants it so', async () => {
    const seen = await walk(
      dialect({ customerToken: 'bare', deviceId: 'required', customerTokenExpiry: 'absent', statusServiceCode: '55' }),
    )
    expect(seen.code).to.equal(0)
    expect(seen.of('C-8', /Bearer/).verdict).to.equal('**different**')
    expect(seen.of('C-8', /Bearer/).set).to.equal(
      "endpoints: { balance: { customerTokenAs: 'bare' }, payment: { customerTokenAs: 'bare' }, refund: { customerTokenAs: 'bare' } }",
    )
    expect(seen.of('C-12', /DEVICE/)).to.include({ set: 'endpoints: { binding: { deviceRequired: true } }' })
    expect(seen.of('C-18', /expiry of/).saw).to.equal('it is absent, so 900 s are assumed')
    expect(seen.of('C-14', /serviceCode/).saw).to.match(/^55: HTTP 200 .*; 54: HTTP 400 4005501/)
    expect(simulator.ledger).to.have.length(1)
  })

  it('ends early, with a report, when the person declines', async () => {
    const seen = await walk({ decline: true, wait: '0' })
    expect(seen.code).to.equal(1)
    expect(seen.report).to.contain('**The probe ended early:** the account is not linked: HTTP 401 4017400')
    expect(seen.of('C-9', /token/)).to.deep.include({
      saw: 'the probe ended before this question',
      verdict: 'not seen',
    })
    expect(simulator.ledger).to.deep.equal([])
  })

  it('says which api to set when its paths are not served', async () => {
    simulator = await startSimulator({ dialect: { generations: ['core-v1'] } })
    const folder = workFolder()
    const environment = merchantEnvironment({
      DOKU_ENVIRONMENT: simulator.url,
      OVO_PUBLIC_URL: 'http://127.0.0.1:1/ovo',
    })
    const cli = new Cli(['probe', '--phone', alicesPhone, '--listen', String(await freePort())], {
      folder,
      environment,
    })
    const { code } = await cli.ended()
    expect(code).to.equal(1)
    const row = rowOf(readFileSync(join(folder, 'doku-probe.md'), 'utf8'), 'C-1', /generations/)
    expect(row).to.deep.equal({ saw: 'core-v1', verdict: '**different**', set: "api: 'core-v1'" })
  })

  it('ends early when nobody is at the terminal, and at Ctrl-C', async () => {
    simulator = await startSimulator()
    for (const leave of [(cli: Cli) => cli.endInput(), (cli: Cli) => cli.kill('SIGINT')]) {
      const folder = workFolder()
      const environment = merchantEnvironment({
        DOKU_ENVIRONMENT: simulator.url,
        OVO_PUBLIC_URL: 'http://127.0.0.1:1/ovo',
      })
      const cli = new Cli(['probe', '--phone', alicesPhone, '--listen', String(await freePort())], {
        folder,
        environment,
      })
      await cli.printed(/Press Enter/)
      leave(cli)
      expect((await cli.ended()).code).to.equal(1)
      expect(readFileSync(join(folder, 'doku-probe.md'), 'utf8')).to.contain('the input ended or Ctrl-C was pressed')
    }
  })

  it('leaves notifications about other payments for the app: DOKU sends them again', async () => {
    simulator = await startSimulator()
    const port = await freePort()
    const publicUrl = `http://127.0.0.1:${port}/ovo`
    const environment = merchantEnvironment({ DOKU_ENVIRONMENT: simulator.url, OVO_PUBLIC_URL: publicUrl })
    const cli = new Cli(['probe', '--phone', alicesPhone, '--listen', String(port)], { environment })
    await cli.printed(/Press Enter/)
    const { url, ...request } = await signNotification({
      clientId,
      secretKey,
      url: `${publicUrl}/webhooks/notification`,
      payment: { partnerReferenceNo: 'INV-1', amount: '10000.00' },
      accessToken: { tokenUrl: `${publicUrl}/webhooks/token`, dokuPrivateKey: dokuKeys.privateKey },
    })
    expect((await fetch(url, request)).status).to.equal(503)
    cli.endInput()
    await cli.ended()
  })

  it('refuses production, a report that is there, and a wrong phone number', async () => {
    simulator = await startSimulator()
    const folder = workFolder()
    const environment = merchantEnvironment({
      DOKU_ENVIRONMENT: 'production',
      OVO_PUBLIC_URL: 'https://shop.example/ovo',
    })
    const run = async (args: readonly string[]) => {
      const { code, err } = await new Cli(['probe', ...args], { folder, environment }).ended()
      expect(code).to.equal(2)
      return err
    }
    expect(await run(['--phone', alicesPhone])).to.contain('the probe is for the sandbox')
    expect(await run(['--phone', '0812'])).to.contain('--phone must be like')
    expect(await run([])).to.contain('--phone <phoneNo> is missing')
    writeFileSync(join(folder, 'doku-probe.md'), 'kept')
    expect(await run(['--phone', alicesPhone])).to.contain('doku-probe.md exists and is not overwritten')
    expect(existsSync(join(folder, 'doku-probe.md'))).to.equal(true)
    expect(simulator.calls).to.deep.equal([])
  })
})
