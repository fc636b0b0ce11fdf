import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import {
  bodyDigest,
  isAsymmetricSignature,
  isSymmetricSignature,
  minify,
  signAsymmetric,
  signSymmetric,
  stringToSign,
} from '../../../lib/simulator/protocol/signature.ts'

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
const symmetric = vectors.filter((vector) => vector.clientSecret !== undefined)
const tokenCalls = vectors.filter((vector) => vector.clientId !== undefined)

const partsOf = ({ method = 'POST', path = '', accessToken = '', rawBody = '', timestamp }: Vector) => ({
  method,
  target: path,
  accessToken,
  body: Buffer.from(rawBody),
  timestamp,
})

describe('the simulator’s own signatures', () => {
  it('are measured against every vector that there is', () => {
    const transactional = vectors.filter((vector) => vector.publicKey && !vector.clientId)
    expect(symmetric).to.have.length.above(10)
    expect(tokenCalls).to.have.lengthOf(1)
    expect(symmetric.length + tokenCalls.length + transactional.length).to.equal(vectors.length)
  })

  for (const vector of symmetric) {
    const isGood = vector.expected.startsWith('valid')

    it(`${isGood ? 'agree with' : 'refuse'} ${vector.id}`, () => {
      const parts = partsOf(vector)
      expect(isSymmetricSignature(vector.signature, vector.clientSecret ?? '', parts)).to.equal(isGood)
      if (isGood) expect(signSymmetric(vector.clientSecret ?? '', parts)).to.equal(vector.signature)
      if (vector.stringToSign) expect(stringToSign(parts)).to.equal(vector.stringToSign)
      if (vector.bodySha256Hex) expect(bodyDigest(parts.body)).to.equal(vector.bodySha256Hex)
      if (vector.minifiedBody) expect(minify(parts.body).toString()).to.equal(vector.minifiedBody)
    })
  }

  for (const { id, publicKey = '', clientId = '', timestamp, signature } of tokenCalls) {
    it(`agree with ${id}, and with no other spelling of it`, () => {
      const key = createPublicKey(publicKey)
      expect(isAsymmetricSignature(signature, key, clientId, timestamp)).to.equal(true)
      expect(isAsymmetricSignature(signature, key, clientId, `${timestamp} `)).to.equal(false)
      expect(isAsymmetricSignature(`${signature}\n`, key, clientId, timestamp)).to.equal(false)
      expect(isAsymmetricSignature('', key, clientId, timestamp)).to.equal(false)
    })
  }

  it('hash the body of the asymmetric transactional vector to what its string to sign says', () => {
    const vector = vectors.find(({ id }) => id === 'midtrans-asymmetric-notification-verify')
    const { path = '', rawBody = '', timestamp = '', publicKey = '', signature = '' } = vector ?? {}
    const text = `POST:${path}:${bodyDigest(Buffer.from(rawBody))}:${timestamp}`
    expect(text).to.equal(vector?.stringToSign)
    expect(verify('sha256', Buffer.from(text), publicKey, Buffer.from(signature, 'base64'))).to.equal(true)
  })

  it('sign token requests so that the public key confirms them', () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const signature = signAsymmetric(privateKey, 'client', '2026-01-01T00:00:00+07:00')
    expect(isAsymmetricSignature(signature, publicKey, 'client', '2026-01-01T00:00:00+07:00')).to.equal(true)
    expect(isAsymmetricSignature(signature, publicKey, 'other', '2026-01-01T00:00:00+07:00')).to.equal(false)
  })

  it('minify any pretty-printed JSON to what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(1, 2, '\t', ' \n'), (json, indent) => {
        const value = JSON.parse(json)
        const compact = JSON.stringify(value)
        expect(minify(Buffer.from(JSON.stringify(value, null, indent))).toString()).to.equal(compact)
        expect(minify(Buffer.from(compact)).toString()).to.equal(compact)
      }),
    )
  })

  it('leave number literals, escapes and spaces inside strings as they are', () => {
    const raw = '{ "a" : 10000.00 , "b" : "x  \\" y \\\\" , "c" : "\\u00e9 é" }'
    expect(minify(Buffer.from(raw)).toString()).to.equal('{"a":10000.00,"b":"x  \\" y \\\\","c":"\\u00e9 é"}')
  })
})
