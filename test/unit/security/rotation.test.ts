import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import type { DokuOvoOptions, Storage } from 'express-doku-ovo'
import { parseOptions } from '../../../lib/options/settings.ts'
import { bearerClaims, bearerHeader, bearerKey, draft, jwt, request } from '../../fuzz/genuine.ts'
import { type Merchant, openMerchant } from '../../fuzz/merchant.ts'
import { dokuKeys, secretKey } from '../../support/keys.ts'
import { testOptions } from '../../support/shop.ts'

const newSecret = 'SK-the-next-one'
const newKeys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

const bearerOf = (secret: string) => jwt(bearerHeader, bearerClaims(), bearerKey(secret))

function problemsOf(options: Record<string, unknown>): readonly string[] {
  try {
    parseOptions({ ...testOptions('http://127.0.0.1:1', 'https://shop.example/ovo'), ...options } as DokuOvoOptions)
  } catch (error) {
    return (error as { problems: string[] }).problems
  }
  return []
}

describe('the rotation of secrets and keys', () => {
  const told = async (merchant: Merchant, secret: string, issuer: string) => {
    const answer = await merchant.webhooks.notification(
      request('payment', draft('payment', { secret, token: bearerOf(issuer) })),
    )
    return answer.httpStatus
  }
  const orders: [name: string, secrets: string | string[], accepted: string[], refused: string[]][] = [
    ['before it', secretKey, [secretKey], [newSecret]],
    ['when the new secret is prepared behind the old', [secretKey, newSecret], [secretKey, newSecret], []],
    ['when the new secret stands in front', [newSecret, secretKey], [secretKey, newSecret], []],
    ['after it', [newSecret], [newSecret], [secretKey]],
  ]
  for (const [name, secrets, accepted, refused] of orders) {
    it(`accepts signatures and bearers of the listed secrets only, ${name}`, async () => {
      for (const secret of accepted) {
        for (const issuer of accepted)
          expect(await told(await openMerchant({ secretKey: secrets }), secret, issuer)).to.equal(200)
      }
      const merchant = await openMerchant({ secretKey: secrets })
      for (const secret of refused) {
        for (const issuer of accepted) expect(await told(merchant, secret, issuer)).to.equal(401)
        for (const signer of accepted) expect(await told(merchant, signer, secret)).to.equal(401)
      }
      expect(merchant.effects.writes).to.equal(0)
    })
  }

  it('accepts the token call by every listed key of DOKU, and by no other', async () => {
    const call = async (key: string, dokuPublicKey: string | string[]) => {
      const { webhooks } = await openMerchant({ dokuPublicKey })
      return (await webhooks.token(request('token', draft('token', { key })))).httpStatus
    }
    const both = [newKeys.publicKey, dokuKeys.publicKey]
    for (const list of [both, both.toReversed()]) {
      expect(await call(dokuKeys.privateKey, list)).to.equal(200)
      expect(await call(newKeys.privateKey, list)).to.equal(200)
    }
    expect(await call(dokuKeys.privateKey, [newKeys.publicKey])).to.equal(401)
    expect(await call(newKeys.privateKey, dokuKeys.publicKey)).to.equal(401)
  })

  it('issues tokens under the newest secret', async () => {
    const issuing = await openMerchant({ secretKey: [newSecret, secretKey] })
    const { body } = await issuing.webhooks.token(request('token'))
    const after = await openMerchant({ secretKey: newSecret })
    const token = 'accessToken' in body ? body.accessToken : ''
    const notification = draft('payment', { token, secret: newSecret })
    expect((await after.webhooks.notification(request('payment', notification))).httpStatus).to.equal(200)
  })

  it('opens what was sealed under the older secret, as long as that is listed', async () => {
    const { storage } = await openMerchant({ secretKey })
    const bind = async (secrets: string | string[], over: Storage) => {
      const merchant = await openMerchant({ secretKey: secrets, storage: over }, false)
      const secret = typeof secrets === 'string' ? secrets : newSecret
      await merchant.webhooks.notification(request('binding', draft('binding', { secret, token: bearerOf(secret) })))
      return merchant.status('binding')
    }
    expect(await bind(newSecret, storage)).to.equal('pending')
    expect(await bind([newSecret, secretKey], storage)).to.equal('active')
  })

  it('refuses an empty list and a value that is listed twice, without quoting it', () => {
    expect(problemsOf({ secretKey: [] })).to.deep.equal(['secretKey: is an empty list; give at least one'])
    expect(problemsOf({ secretKey: ['SK-1', 'SK-2', 'SK-1'] })).to.deep.equal(['secretKey.2: is there twice'])
    expect(problemsOf({ secretKey: ['SK-1', ''] })).to.deep.equal(['secretKey.1: is empty'])
    expect(problemsOf({ secretKey: ['SK-1', 7] })).to.deep.equal(['secretKey.1: must be text'])
    expect(problemsOf({ dokuPublicKey: [] })).to.deep.equal(['dokuPublicKey: is an empty list; give at least one'])
    const { publicKey } = dokuKeys
    expect(problemsOf({ dokuPublicKey: [publicKey, publicKey] })).to.deep.equal(['dokuPublicKey.1: is there twice'])
    const respelt = publicKey.replaceAll('\n', '\\n')
    expect(problemsOf({ dokuPublicKey: [publicKey, respelt] })).to.deep.equal(['dokuPublicKey.1: is there twice'])
    expect(problemsOf({ dokuPublicKey: [publicKey, dokuKeys.privateKey] })).to.deep.equal([
      'dokuPublicKey.1: this is a PRIVATE key; the public key is needed',
    ])
    const key = 'a key of 16 characters or more'
    expect(problemsOf({ encryptionKeys: [key, key] })).to.deep.equal(['encryptionKeys: one is there twice'])
  })
})
