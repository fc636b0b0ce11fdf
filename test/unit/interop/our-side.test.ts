import { createRequire } from 'node:module'
import { expect } from 'chai'
import fc from 'fast-check'
import sinon from 'sinon'
import { parsePrivateKey } from '../../../lib/doku/keys.ts'
import {
  signAsymmetric,
  signSymmetric,
  stringToSign,
  tokenStringToSign,
  verifySymmetric,
} from '../../../lib/doku/signature.ts'
import { formatTimestamp } from '../../../lib/doku/timestamp.ts'
import { clientId, dokuKeys, merchantKeys, secretKey } from '../../support/keys.ts'

interface TokenService {
  generateSymmetricSignature(...parts: [string, string, string, object, string, string]): string
  compareSignatures(signature: string, publicKey: string, clientId: string, timestamp: string): boolean
  compareSignaturesSymmetric(given: string, expected: string): boolean
}

const require = createRequire(import.meta.url)

describe('our signatures and DOKU’s official Node SDK', () => {
  let sdk: TokenService

  beforeEach(() => {
    // It prints what it signs, and with what.
    sinon.stub(console, 'log')
    sinon.stub(console, 'error')
    sdk = require('doku-nodejs-library/_services/tokenService')
  })
  afterEach(() => sinon.restore())

  it('agree on the symmetric signature of any body', () => {
    const anything = fc.string({ unit: 'binary' })
    const bodies = fc.dictionary(anything, fc.jsonValue({ stringUnit: 'binary' }))
    const path = fc.webPath().map((text) => `/${text}`)
    fc.assert(
      fc.property(bodies, path, anything, anything, (body, endpoint, accessToken, secret) => {
        const timestamp = '2026-01-02T03:04:05Z'
        const theirs = sdk.generateSymmetricSignature('POST', endpoint, accessToken, body, timestamp, secret)
        const text = stringToSign({
          method: 'POST',
          path: endpoint,
          accessToken,
          body: JSON.stringify(body),
          timestamp,
        })
        expect(signSymmetric(text, secret)).to.equal(theirs)
        expect(verifySymmetric(text, secret, theirs)).to.equal(true)
      }),
    )
  })

  it('agree on the signature of a token request: its compareSignatures accepts ours', () => {
    const key = parsePrivateKey(merchantKeys.privateKey)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (now) => {
        const timestamp = formatTimestamp(now)
        const signature = signAsymmetric(tokenStringToSign(clientId, timestamp), key)
        expect(sdk.compareSignatures(signature, merchantKeys.publicKey, clientId, timestamp)).to.equal(true)
        expect(sdk.compareSignatures(signature, dokuKeys.publicKey, clientId, timestamp)).to.equal(false)
      }),
      { numRuns: 20 },
    )
  })

  it('differ where the SDK is wrong: it takes a signature in lower case, we do not', () => {
    const text = stringToSign({
      method: 'POST',
      path: '/x',
      accessToken: 't',
      body: '{}',
      timestamp: '2026-01-02T03:04:05Z',
    })
    const signature = signSymmetric(text, secretKey)
    const lowered = signature.toLowerCase()
    expect(lowered).not.to.equal(signature)
    expect(sdk.compareSignaturesSymmetric(lowered, signature)).to.equal(true)
    expect(verifySymmetric(text, secretKey, lowered)).to.equal(false)
    expect(verifySymmetric(text, secretKey, signature)).to.equal(true)
  })
})
