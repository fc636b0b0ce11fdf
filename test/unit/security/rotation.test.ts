import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import type { DokuOvoOptions, Storage } from 'express-doku-ovo'
import { parseOptions } from '../../../lib/options/settings.ts'
import { bearerClaims, bearerHeader, bearerKey, draft, jwt, oldBearerKey, request } from '../../fuzz/genuine.ts'
import { type Merchant, openMerchant } from '../../fuzz/merchant.ts'
import { dokuKeys, merchantKeys, secretKey } from '../../support/keys.ts'
import { testOptions } from '../../support/shop.ts'

const newSecret = 'SK-the-next-one'
const newKeys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

const own = merchantKeys.privateKey
const next = newKeys.privateKey

const bearerOf = (privateKey?: string) => jwt(bearerHeader, bearerClaims(), bearerKey(privateKey))

function problemsOf(options: Record<string, unknown>): readonly string[] {
  try {
    parseOptions({ ...testOptions('http://127.0.0.1:1', 'https://shop.example/ovo'), ...options } as DokuOvoOptions)
  } catch (error) {
    return (error as { problems: string[] }).problems
  }
  return []
}

describe('the rotation of secrets and keys', () => {
  const told = async (merchant: Merchant, secret: string, issuer?: string) => {
    const token = bearerOf(issuer)
    return (await merchant.webhooks.notification(request('payment', draft('payment', { secret, token })))).httpStatus
  }
  const orders: [name: string, secrets: string | string[], accepted: string[], refused: string[]][] = [
    ['before it', secretKey, [secretKey], [newSecret]],
    ['when the new secret is prepared behind the old', [secretKey, newSecret], [secretKey, newSecret], []],
    ['when the new secret stands in front', [newSecret, secretKey], [secretKey, newSecret], []],
    ['after it', [newSecret], [newSecret], [secretKey]],
  ]
  for (const [name, secrets, accepted, refused] of orders) {
    it(`accepts signatures of the listed secrets only, ${name}`, async () => {
      for (const secret of accepted) {
        expect(await told(await openMerchant({ secretKey: secrets }), secret)).to.equal(200)
      }
      const merchant = await openMerchant({ secretKey: secrets })
      for (const secret of refused) expect(await told(merchant, secret)).to.equal(401)
      expect(merchant.effects.writes).to.equal(0)
    })
  }

  const ownOrders: [name: string, keys: string | string[], accepted: string[], refused: string[]][] = [
    ['before it', own, [own], [next]],
    ['when the new key is prepared behind the old', [own, next], [own, next], []],
    ['when the new key stands in front', [next, own], [own, next], []],
    ['after it', [next], [next], [own]],
  ]
  for (const [name, privateKey, accepted, refused] of ownOrders) {
    it(`accepts bearers of the listed private keys only, ${name}`, async () => {
      for (const issuer of accepted)
        expect(await told(await openMerchant({ privateKey }), secretKey, issuer)).to.equal(200)
      const merchant = await openMerchant({ privateKey })
      for (const issuer of refused) expect(await told(merchant, secretKey, issuer)).to.equal(401)
      expect(merchant.effects.writes).to.equal(0)
    })
  }

  it('signs our requests with the first private key of the list', () => {
    const { privateKey } = parseOptions({
      ...testOptions('http://127.0.0.1:1', 'https://shop.example/ovo'),
      privateKey: [next, own],
    })
    expect(createPublicKey(privateKey).equals(createPublicKey(next))).to.equal(true)
  })

  it('lets nobody forge a paid notification with the secret key alone', async () => {
    const merchant = await openMerchant()
    for (const key of [oldBearerKey(), Buffer.from(secretKey)]) {
      const forged = draft('payment', { token: jwt(bearerHeader, bearerClaims(), key) })
      expect((await merchant.webhooks.notification(request('payment', forged))).httpStatus).to.equal(401)
    }
    expect(merchant.effects.writes).to.equal(0)
  })

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

  it('issues tokens under the newest private key', async () => {
    const issuing = await openMerchant({ privateKey: [next, own] })
    const { body } = await issuing.webhooks.token(request('token'))
    const after = await openMerchant({ privateKey: next })
    const token = 'accessToken' in body ? body.accessToken : ''
    const notification = draft('payment', { token })
    expect((await after.webhooks.notification(request('payment', notification))).httpStatus).to.equal(200)
  })

  it('opens what was sealed under the older secret, as long as that is listed', async () => {
    const { storage } = await openMerchant({ secretKey })
    const bind = async (secrets: string | string[], over: Storage) => {
      const merchant = await openMerchant({ secretKey: secrets, storage: over }, false)
      const secret = typeof secrets === 'string' ? secrets : newSecret
      await merchant.webhooks.notification(request('binding', draft('binding', { secret })))
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
    expect(problemsOf({ privateKey: [] })).to.deep.equal(['privateKey: is an empty list; give at least one'])
    expect(problemsOf({ privateKey: [own, own.replaceAll('\n', '\\n')] })).to.deep.equal([
      'privateKey.1: is there twice',
    ])
    expect(problemsOf({ privateKey: [own, dokuKeys.publicKey] })).to.deep.equal([
      'privateKey.1: this is a PUBLIC key; the private key is needed',
    ])
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
