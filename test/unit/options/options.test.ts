import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import { ConfigurationError, type DokuOvoOptions, dokuOvo } from 'express-doku-ovo'
import Keyv from 'keyv'
import { dokuKeys, merchantKeys } from '../../support/keys.ts'
import { testOptions } from '../../support/shop.ts'

const good = (): DokuOvoOptions => testOptions('http://127.0.0.1:1', 'https://shop.example/ovo')

/** What is wrong, as the host is told. Options are whatever a host without types can write. */
function problemsOf(options: Record<string, unknown>): readonly string[] {
  try {
    dokuOvo({ ...good(), ...options } as unknown as DokuOvoOptions)
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigurationError)
    return (error as ConfigurationError).problems
  }
  return []
}

describe('dokuOvo(options)', () => {
  it('starts with nothing but the required options', async () => {
    await dokuOvo(good()).close()
  })

  it('reports every problem at once, in the host’s words', () => {
    const problems = problemsOf({
      clientId: '',
      secretKey: undefined,
      privateKey: merchantKeys.publicKey,
      dokuPublicKey: dokuKeys.privateKey,
      environment: 'live',
      publicUrl: '/ovo',
      findOrder: undefined,
      stroage: new Keyv(),
    })
    expect(problems).to.have.length(8)
    const text = problems.join('\n')
    expect(text).to.match(/^clientId: must be/m)
    expect(text).to.match(/^secretKey: is missing$/m)
    expect(text).to.match(/^privateKey: this is a PUBLIC key; the private key is needed$/m)
    expect(text).to.match(/^dokuPublicKey: this is a PRIVATE key; the public key is needed$/m)
    expect(text).to.match(/^environment: must be 'sandbox', 'production' or/m)
    expect(text).to.match(/^publicUrl: must be an absolute/m)
    expect(text).to.match(/^findOrder: is missing$/m)
    expect(text).to.match(/^stroage: there is no such option; did you mean storage\?$/m)
  })

  it('never quotes a secret', () => {
    const secret = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' })
    const text = problemsOf({ privateKey: secret, secretKey: ['SK-do-not-print'], dokuPublicKey: 'garbage-key' }).join(
      '\n',
    )
    expect(text).to.contain('privateKey: this is an EC key')
    expect(text).not.to.contain(String(secret).split('\n')[1])
    expect(text).not.to.contain('SK-do-not-print')
    expect(text).not.to.contain('garbage-key')
  })

  it('refuses the merchant’s own public key in place of DOKU’s', () => {
    expect(problemsOf({ dokuPublicKey: merchantKeys.publicKey })).to.deep.equal([
      "dokuPublicKey: this is the merchant's own public key; copy the DOKU Public Key from the dashboard",
    ])
  })

  const wrong: [name: string, options: Record<string, unknown>, problem: RegExp][] = [
    ['a base URL without TLS', { environment: { baseUrl: 'http://api.doku.com' } }, /^environment\.baseUrl: .*https/],
    [
      'a base URL with a path',
      { environment: { baseUrl: 'https://api.doku.com/v1' } },
      /^environment\.baseUrl: .*path/,
    ],
    ['an unknown api', { api: 'ovo-v2' }, /^api: /],
    ['a publicUrl with a query', { publicUrl: 'https://shop.example/ovo?x=1' }, /^publicUrl: .*without \?/],
    ['a storage that is none', { storage: {} }, /^storage: must be a Storage or a Keyv/],
    ['an identify that is no function', { identify: 'me' }, /^identify: must be a function/],
    ['a misspelt hook', { hooks: { paymentChange: () => {} } }, /^hooks\.paymentChange: .*did you mean paymentChanged/],
    ['a misspelt route', { routes: { balnce: false } }, /^routes\.balnce: .*did you mean balance/],
    ['a misspelt operation', { endpoints: { paymnt: {} } }, /^endpoints\.paymnt: .*did you mean payment/],
    ['an endpoint without a slash', { endpoints: { payment: { path: 'pay' } } }, /^endpoints\.payment\.path: /],
    ['a short encryption key', { encryptionKeys: ['short'] }, /^encryptionKeys\.0: must be at least 16/],
    ['a relative return URL', { returnUrls: { payment: '/orders' } }, /^returnUrls\.payment: /],
    [
      'ids that are no accident, in production',
      { environment: 'production', randomBytes: (size: number) => Buffer.alloc(size) },
      /^randomBytes: is for tests only/,
    ],
    [
      'an unknown spelling of the customer token',
      { endpoints: { balance: { customerTokenAs: 'raw' } } },
      /^endpoints\.balance\.customerTokenAs: must be 'bearer' or 'bare'/,
    ],
    ['a logger without warn', { logger: { info() {} } }, /^logger: must have/],
    ['an unknown signature source', { webhooks: { signedWith: ['mine'] } }, /^webhooks\.signedWith\.0: /],
  ]
  for (const [name, options, problem] of wrong) {
    it(`refuses ${name}`, () => {
      const problems = problemsOf(options)
      expect(problems).to.have.length(1)
      expect(problems[0]).to.match(problem)
    })
  }

  it('refuses no options at all, without crashing', () => {
    expect(() => dokuOvo(undefined as unknown as DokuOvoOptions)).to.throw(ConfigurationError)
  })

  it('takes a Keyv as storage', async () => {
    await dokuOvo({ ...good(), storage: new Keyv() }).close()
  })

  it('does not notice when the host changes its options afterwards', async () => {
    const options = good()
    const ovo = dokuOvo(options)
    options.findOrder = () => ({ amount: '1.00' })
    expect(Object.isFrozen(ovo.service)).to.equal(true)
    const error = await ovo.service.pay({ id: 'alice' }, { orderId: 'order-1' }).catch((reason) => reason)
    expect(error.code).to.equal('ORDER_NOT_FOUND')
    await ovo.close()
  })
})
