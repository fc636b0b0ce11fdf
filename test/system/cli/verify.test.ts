import { createHash, createHmac, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { InboundTokens } from '../../../lib/doku/inbound-token.ts'
import { clientId, dokuKeys, merchantKeys, secretKey } from '../../support/keys.ts'
import { merchantEnvironment } from './host.ts'
import { workFolder } from './installed.ts'
import { runCli } from './run-cli.ts'

const at = '2026-03-01T05:00:00Z'
const arrivedAt = Date.parse(at)
const path = '/ovo/webhooks/notification'
const timestamp = '2026-03-01T11:59:58+07:00'
const body =
  '{"originalPartnerReferenceNo":"INV-1","latestTransactionStatus":"00","amount":{"value":"10000.00","currency":"IDR"},"url":"https://x/é"}'
const environment = merchantEnvironment({ OVO_PUBLIC_URL: 'https://shop.example/ovo' })

/** What is signed, and what is sent. */
interface Case {
  readonly signed?: Partial<{
    path: string
    token: string
    body: string
    timestamp: string
    secret: string
    hex: boolean
  }>
  readonly sent?: Partial<{
    target: string
    body: string
    timestamp: string
    bearer: string | undefined
    partnerId: string
  }>
  readonly arguments?: readonly string[]
  readonly environment?: Record<string, string>
}

const otherKeys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

const issue = (now: number, key = merchantKeys.privateKey) =>
  new InboundTokens(clientId, [createPrivateKey(key)], () => now).issue()
const bearer = await issue(arrivedAt - 10_000)

/** A signature made here, without the package: it is what the command has to explain. */
function signatureOf({ signed = {} }: Case, token: string): string {
  const hash = createHash('sha256')
    .update(signed.body ?? body)
    .digest('hex')
  const text = `POST:${signed.path ?? path}:${signed.token ?? token}:${hash}:${signed.timestamp ?? timestamp}`
  return createHmac('sha512', signed.secret ?? secretKey)
    .update(text)
    .digest(signed.hex ? 'hex' : 'base64')
}

function captureOf(one: Case): string {
  const { sent = {} } = one
  const token = 'bearer' in sent ? sent.bearer : bearer
  const lines = [
    `POST ${sent.target ?? path} HTTP/1.1`,
    'Host: shop.example',
    `X-TIMESTAMP: ${sent.timestamp ?? timestamp}`,
    `X-Signature: ${signatureOf(one, token ?? '')}`,
    `X-PARTNER-ID: ${sent.partnerId ?? clientId}`,
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    '',
    sent.body ?? body,
  ]
  return lines.join('\r\n')
}

async function judge(one: Case) {
  const args = ['verify', '--request', '-', '--json', ...(one.arguments ?? ['--at', at])]
  const { code, out, err } = await runCli(args, {
    input: captureOf(one),
    environment: { ...environment, ...one.environment },
  })
  expect(err).to.equal('')
  const { findings, ...rest } = JSON.parse(out)
  return { code, ...rest, said: Object.fromEntries(findings.map((one: { check: string }) => [one.check, one])) }
}

describe('verify', () => {
  it('accepts what DOKU signs by the book', async () => {
    const { code, accepted, said } = await judge({})
    expect([code, accepted, said.signature.says]).to.deep.equal([0, true, 'it fits'])
  })

  it('prints no secret and no token, in a form for people', async () => {
    const folder = workFolder()
    writeFileSync(join(folder, 'captured.txt'), captureOf({ signed: { path: '/elsewhere' } }))
    const { code, out } = await runCli(['verify', '--request', 'captured.txt', '--at', at], { folder, environment })
    expect(code).to.equal(1)
    expect(out).to.contain('The app answers 401 4015600 Unauthorized. Signature.').and.to.contain('to do: ')
    expect(out).not.to.contain(secretKey).and.not.to.contain(bearer)
  })

  const differences: readonly [title: string, one: Case, says: RegExp, fix: RegExp][] = [
    ['no token at all', { signed: { token: '' } }, /token: no token/, /signedWith: \['bearer', 'empty'\]/],
    [
      'the token that DOKU issued',
      { signed: { token: 'doku-token' }, environment: { DOKU_ACCESS_TOKEN: 'doku-token' } },
      /token: the access token that DOKU issued/,
      /'doku-token'/,
    ],
    [
      'the path without the prefix',
      { signed: { path: '/webhooks/notification' } },
      /the path from \/webhooks/,
      /publicUrl/,
    ],
    [
      'the path that the proxy has changed',
      { sent: { target: '/shop/ovo/webhooks/notification' }, signed: { path: '/shop/ovo/webhooks/notification' } },
      /path: the requested path/,
      /publicUrl/,
    ],
    [
      'the path without its query',
      { sent: { target: `${path}?a=1` } },
      /path: the path without its query/,
      /publicUrl/,
    ],
    ['the whole address', { signed: { path: `https://shop.example${path}` } }, /whole URL/, /publicUrl/],
    [
      'a body that something has written anew',
      { sent: { body: body.replace('"10000.00"', '"10000.\\u0030\\u0030"') } },
      /body: the body parsed and written again/,
      /pass the body on/,
    ],
    [
      'a body as PHP writes it',
      { signed: { body: body.replaceAll('/', '\\/') } },
      /escaped slashes/,
      /pass the body on/,
    ],
    ['a body as Python writes it', { signed: { body: body.replace('é', '\\u00e9') } }, /in ASCII/, /pass the body on/],
    [
      'another spelling of the time',
      { signed: { timestamp: '2026-03-01T04:59:58Z' } },
      /timestamp: the same time in UTC/,
      /X-TIMESTAMP/,
    ],
    ['hex', { signed: { hex: true } }, /spelling: hex/, /Base64/],
    [
      'a secret with a line end',
      { environment: { DOKU_SECRET_KEY: `${secretKey}\n` }, sent: {} },
      /secret: .*without the blanks/,
      /secretKey/,
    ],
    [
      'two things at once',
      { signed: { path: '/webhooks/notification', token: '' } },
      /path: .*; token: |token: .*; path: /,
      /publicUrl.*signedWith/,
    ],
  ]

  for (const [title, one, says, fix] of differences) {
    it(`finds that it was signed over ${title}`, async () => {
      const { code, said } = await judge(one)
      expect(code).to.equal(1)
      expect(said.signature.status).to.equal('failed')
      expect(said.signature.says).to.match(says)
      expect(said.signature.fix).to.match(fix)
    })
  }

  it('takes a body with whitespace, as the app does', async () => {
    const { code, said } = await judge({ sent: { body: body.replaceAll(',', ', ') } })
    expect([code, said.signature.status]).to.deep.equal([0, 'ok'])
  })

  it('says that the secret is another one when nothing else fits', async () => {
    const { code, said } = await judge({ signed: { secret: 'SK-of-production' } })
    expect(code).to.equal(1)
    expect(said.signature.says).to.contain('another secret key')
    expect(said.token.status).to.equal('ok')
  })

  it('recognises DOKU’s RSA signature', async () => {
    const hash = createHash('sha256').update(body).digest('hex')
    const signature = sign(
      'sha256',
      Buffer.from(`POST:${path}:${hash}:${timestamp}`),
      createPrivateKey(dokuKeys.privateKey),
    )
    const input = captureOf({}).replace(/X-Signature: .*/, `X-Signature: ${signature.toString('base64')}`)
    const { out } = await runCli(['verify', '--request', '-', '--at', at], { input, environment })
    expect(out).to.contain('DOKU’s RSA key')
  })

  it('tells a bearer that the app has not issued from one that has expired', async () => {
    const foreign = await judge({ sent: { bearer: await issue(arrivedAt, otherKeys.privateKey) } })
    expect(foreign.answer).to.equal('401 4015601 Invalid Token (B2B)')
    expect(foreign.said.token.says).to.contain('this app did not issue the bearer')
    const late = await judge({ sent: { bearer: await issue(arrivedAt - 901_000) } })
    expect(late.answer).to.equal('401 4015601 Invalid Token (B2B)')
    expect(late.said.token.says).to.equal('the bearer expired at 2026-03-01T04:59:59Z')
    const none = await judge({ sent: { bearer: undefined } })
    expect(none.said.token.fix).to.contain('Token URL')
  })

  it('tells another merchant, and an old capture', async () => {
    const other = await judge({ sent: { partnerId: 'BRN-9' } })
    expect(other.said.client.says).to.contain('X-PARTNER-ID is BRN-9')
    expect(other.answer).to.equal('401 4015600 Unauthorized. Unknown Client')
    const old = await judge({
      sent: { timestamp: '2026-02-28T05:00:00Z' },
      signed: { timestamp: '2026-02-28T05:00:00Z' },
    })
    expect(old.said.timestamp).to.include({ status: 'warning', says: '86400 s before 2026-03-01T05:00:00Z' })
  })

  for (const [title, key, code, says] of [
    ['DOKU’s key', dokuKeys, 0, 'DOKU’s key signed it'],
    ['the merchant’s own key', merchantKeys, 1, 'the merchant’s own key signed it'],
    ['another key', otherKeys, 1, 'dokuPublicKey is not the key'],
  ] as const) {
    it(`judges a token request that is signed with ${title}`, async () => {
      const text = `${clientId}|${timestamp}`
      const signature = sign('sha256', Buffer.from(text), createPrivateKey(key.privateKey)).toString('base64')
      const headers = { 'X-CLIENT-KEY': clientId, 'X-TIMESTAMP': timestamp, 'X-SIGNATURE': signature }
      const input = JSON.stringify({ path: '/ovo/webhooks/token', headers, body: '{"grantType":"client_credentials"}' })
      const { code: exit, out } = await runCli(['verify', '--request', '-', '--at', at], { input, environment })
      expect(exit).to.equal(code)
      expect(out).to.contain(says)
      expect(out).to.contain(
        code === 0 ? 'The app accepts it.' : 'The app answers 401 4017300 Unauthorized. Signature.',
      )
    })
  }

  it('says what is wrong with the key that is to judge a token request', async () => {
    const input = JSON.stringify({ path: '/ovo/webhooks/token', headers: { 'X-CLIENT-KEY': clientId }, body: '{}' })
    const wrong = { ...environment, DOKU_PUBLIC_KEY: 'garbage' }
    const { code, err } = await runCli(['verify', '--request', '-'], { input, environment: wrong })
    expect(code).to.equal(2)
    expect(err).to.match(/^express-doku-ovo: dokuPublicKey: this is .+; the public key is needed\n$/)
  })

  it('reads a capture that is JSON', async () => {
    const headers = {
      'X-TIMESTAMP': timestamp,
      'X-SIGNATURE': signatureOf({}, bearer),
      'X-PARTNER-ID': clientId,
      authorization: `Bearer ${bearer}`,
    }
    const input = JSON.stringify({ method: 'POST', url: `https://shop.example${path}`, headers, body })
    expect(await runCli(['verify', '--request', '-', '--at', at], { input, environment })).to.include({ code: 0 })
  })

  for (const [input, says] of [
    ['hello', 'does not begin with a request line'],
    ['{', 'begins like JSON, but is not valid JSON'],
    ['{"path":"/","headers":{},"body":{}}', 'must be the exact text'],
  ] as const) {
    it(`refuses the capture ${input}`, async () => {
      const { code, err } = await runCli(['verify', '--request', '-'], { input, environment })
      expect(code).to.equal(2)
      expect(err).to.contain(says)
    })
  }
})
