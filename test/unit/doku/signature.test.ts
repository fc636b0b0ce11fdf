import { createHash, createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import {
  sha256Hex,
  signAsymmetric,
  signSymmetric,
  stringToSign,
  tokenStringToSign,
  verifyAsymmetric,
  verifySymmetric,
} from '../../../lib/doku/signature.ts'
import { minifyJson } from '../../../lib/primitives/json.ts'

interface Vector {
  id: string
  expected: string
  signature: string
  timestamp: string
  rawBody?: string
  minifiedBody?: string
  bodySha256Hex?: string
  stringToSign?: string
  clientSecret?: string
  accessToken?: string
  method?: string
  path?: string
  publicKey?: string
  clientId?: string
}

const file = new URL('../../support/vectors.json', import.meta.url)
const vectors: Vector[] = JSON.parse(readFileSync(file, 'utf8')).vectors
const symmetric = vectors.filter(({ clientSecret }) => clientSecret !== undefined)
const valid = symmetric.filter(({ expected }) => expected.startsWith('valid'))
const invalid = symmetric.filter(({ expected }) => expected === 'invalid')
const tokenCalls = vectors.filter(({ clientId }) => clientId !== undefined)
const asymmetricCalls = vectors.filter(({ publicKey, clientId }) => publicKey !== undefined && clientId === undefined)

const textOf = ({ method = 'POST', path = '', accessToken = '', rawBody = '', timestamp }: Vector) =>
  stringToSign({ method, path, accessToken, body: minifyJson(Buffer.from(rawBody)), timestamp })

describe('the signatures', () => {
  it('are measured against every vector of the file', () => {
    expect(valid).to.have.length.of.at.least(9)
    expect(invalid).to.have.length.of.at.least(4)
    expect(tokenCalls).to.have.lengthOf(1)
    expect(asymmetricCalls).to.have.lengthOf(1)
    expect(valid.length + invalid.length + tokenCalls.length + asymmetricCalls.length).to.equal(vectors.length)
  })

  for (const vector of valid) {
    it(`reproduce ${vector.id}`, () => {
      const text = textOf(vector)
      expect(signSymmetric(text, vector.clientSecret ?? '')).to.equal(vector.signature)
      expect(verifySymmetric(text, vector.clientSecret ?? '', vector.signature)).to.equal(true)
      expect(text).to.equal(vector.stringToSign)
      const body = minifyJson(Buffer.from(vector.rawBody ?? ''))
      if (vector.bodySha256Hex) expect(sha256Hex(body)).to.equal(vector.bodySha256Hex)
      if (vector.minifiedBody) expect(body.toString()).to.equal(vector.minifiedBody)
    })
  }

  for (const vector of invalid) {
    it(`refuse ${vector.id}`, () => {
      expect(verifySymmetric(textOf(vector), vector.clientSecret ?? '', vector.signature)).to.equal(false)
    })
  }

  for (const { id, publicKey = '', clientId = '', timestamp, signature, stringToSign: text } of tokenCalls) {
    it(`verify ${id}, and no other client, time or signature with it`, () => {
      const key = createPublicKey(publicKey)
      expect(tokenStringToSign(clientId, timestamp)).to.equal(text)
      expect(verifyAsymmetric(text ?? '', key, signature)).to.equal(true)
      expect(verifyAsymmetric(tokenStringToSign(`${clientId}x`, timestamp), key, signature)).to.equal(false)
      expect(verifyAsymmetric(tokenStringToSign(clientId, `${timestamp}x`), key, signature)).to.equal(false)
      expect(verifyAsymmetric(text ?? '', key, signature.replace('W', 'w'))).to.equal(false)
    })
  }

  for (const {
    id,
    publicKey = '',
    path = '',
    rawBody = '',
    timestamp,
    signature,
    stringToSign: text,
  } of asymmetricCalls) {
    it(`verify ${id}, the form without a token`, () => {
      const own = `POST:${path}:${sha256Hex(minifyJson(Buffer.from(rawBody)))}:${timestamp}`
      expect(own).to.equal(text)
      expect(verifyAsymmetric(own, createPublicKey(publicKey), signature)).to.equal(true)
    })
  }

  it('of DOKU’s page: two blanks inside a string survive, so its body has the hash that is printed there', () => {
    const body =
      '{"partnerServiceId":"  088899","customerNo":"12345678901234567890","virtualAccountNo":"  08889912345678901234567890","virtualAccountName":"Jokul Doe","virtualAccountEmail":"jokul@email.com","virtualAccountPhone":"6281828384858","trxId":"abcdefgh1234","totalAmount":{"value":"12345678.00","currency":"IDR"}}'
    const hash = '3274fab8dac896837b106a16da2a974e7e65142dcecb4b768ef0294102838977'
    expect(sha256Hex(minifyJson(Buffer.from(body)))).to.equal(hash)
  })

  it('reproduce the regression vectors of docs/protocol.md §1.1, with a query and with non-ASCII characters', () => {
    const common = { accessToken: 'test.b2b.token', timestamp: '2024-11-05T03:04:05Z' }
    const sign = (method: string, path: string, body: string) =>
      signSymmetric(stringToSign({ method, path, body, ...common }), 'SK-test-0123456789')
    const binding =
      '{"phoneNo":"6281234567890","additionalInfo":{"channel":"EMONEY_OVO_SNAP","custIdMerchant":"cust-001","customerName":"José & Siti <x>","successRegistrationUrl":"https://shop.example/ovo/ok?s=1&t=2","failedRegistrationUrl":"https://shop.example/ovo/fail"}}'
    expect(sign('POST', '/direct-debit/core/v1/registration-account-binding', binding)).to.equal(
      'qHMmdUwImgMuz2k04/u1NxXmK8bdo7JMZuw4caxSNPhugiplknPrlKNwYqR7aXujswKMilpAKcRpPZUlYHiyaQ==',
    )
    expect(sign('GET', '/orders/v1.0/debit/status?x=1&y=a%20b', '')).to.equal(
      'DvQLDsg0m2ughAAZ67e5om9uj53XkUKS/WizqFQ7ZqCzCVprMipJmax6zBxPpB9tTHYZkE1xopwM2yiRGyUCfQ==',
    )
    const notification =
      '{"originalPartnerReferenceNo":"INV-0008","latestTransactionStatus":"00","amount":{"value":"99000.00","currency":"IDR"}}'
    expect(sign('POST', '/webhook/doku/v1.0/debit/notify', notification)).to.equal(
      'tK7ZpMqgjQILWxD66GTzCzDAoMt2QFHNiJGvmA8ZeaKA4I9vHdqohB7bl5LXqpVA6md89WisSSlEH6vJZfEEXg==',
    )
  })

  it('agree with node:crypto, spelled out, for any method, path, token, body, time and secret', () => {
    const anything = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(
        anything,
        anything,
        anything,
        anything,
        anything,
        anything,
        (method, path, accessToken, body, timestamp, secret) => {
          const digest = createHash('sha256').update(body, 'utf8').digest('hex').toLowerCase()
          const text = [method, path, accessToken, digest, timestamp].join(':')
          const expected = createHmac('sha512', Buffer.from(secret, 'utf8'))
            .update(text, 'utf8')
            .digest()
            .toString('base64')
          expect(signSymmetric(stringToSign({ method, path, accessToken, body, timestamp }), secret)).to.equal(expected)
          expect(expected).to.match(/^.{86}==$/)
        },
      ),
    )
  })

  it('refuse every other text in place of a signature, whatever its length, without throwing', () => {
    const signature = signSymmetric('text', 'secret')
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.base64String({ minLength: 88, maxLength: 88 })),
        (other) => {
          fc.pre(other !== signature)
          expect(verifySymmetric('text', 'secret', other)).to.equal(false)
        },
      ),
    )
    for (const other of ['', signature.toLowerCase(), ` ${signature}`, `${signature}\n`, signature.slice(0, -2)]) {
      expect(verifySymmetric('text', 'secret', other), JSON.stringify(other)).to.equal(false)
    }
  })

  describe('of token calls', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const signature = signAsymmetric('client|time', privateKey)

    it('are confirmed by the public key, and by no other one', () => {
      const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
      expect(verifyAsymmetric('client|time', publicKey, signature)).to.equal(true)
      expect(verifyAsymmetric('client|time', other, signature)).to.equal(false)
    })

    it('have one spelling: unpadded, url-safe, wrapped and spare-bit variants of the same bytes are refused', () => {
      // 256 bytes end with two padding characters, so the last letter has four spare bits.
      const spare = `${signature.slice(0, -3)}${nextLetter(signature.slice(-3, -2))}==`
      expect(Buffer.from(spare, 'base64').equals(Buffer.from(signature, 'base64'))).to.equal(true)
      const urlSafe = `${signature.replaceAll('+', '-').replaceAll('/', '_').slice(0, -2)}`
      for (const other of [spare, urlSafe, signature.slice(0, -2), `${signature}\n`, ` ${signature}`]) {
        expect(verifyAsymmetric('client|time', publicKey, other)).to.equal(false)
      }
    })

    it('are refused without throwing when they are no signature at all', () => {
      fc.assert(
        fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), (other) => {
          expect(verifyAsymmetric('client|time', publicKey, other)).to.equal(false)
        }),
      )
    })
  })
})

function nextLetter(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  return alphabet.charAt(alphabet.indexOf(letter) ^ 1)
}
