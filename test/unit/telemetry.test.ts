import { expect } from 'chai'
import fc from 'fast-check'
import type { Json } from '../../lib/primitives/json.ts'
import { maskPhoneNo, maskSecret, redact, redactHeaders } from '../../lib/redaction.ts'

const secret = 'a-secret-of-more-than-24-characters'

describe('what is published', () => {
  it('shows the ends of a long secret and nothing of a short one', () => {
    expect(maskSecret(secret)).to.equal('a-s***ers')
    expect(maskSecret('x'.repeat(23))).to.equal('***')
    expect(maskSecret('')).to.equal('***')
  })

  it('shows the ends of a phone number and nothing of a short one', () => {
    expect(maskPhoneNo('6281234567890')).to.equal('62*******7890')
    expect(maskPhoneNo('1234567')).to.equal('***')
  })

  const fields = ['accessToken', 'refreshToken', 'authCode', 'tokenId', 'accountToken', 'bankCardToken']
  const personal = ['customerName', 'email', 'idCard', 'address', 'dateOfBirth', 'phoneNo']
  const urls = ['redirectUrl', 'webRedirectUrl', 'appRedirectUrl']
  for (const field of [...fields, ...personal, ...urls]) {
    it(`hides ${field}, wherever it stands, however it is written, whatever it holds`, () => {
      for (const value of [secret, [secret], { inner: secret }] as Json[]) {
        for (const name of [field, field.toUpperCase()]) {
          const text = JSON.stringify(redact({ list: [{ deep: { [name]: value } }] }))
          expect(text).not.to.include(secret)
          expect(text).to.include('***')
        }
      }
    })
  }

  it('keeps the origin of a page, and nothing behind it, nor who is named in it', () => {
    const shown = (redirectUrl: string) => redact({ redirectUrl })
    expect(shown(`https://sandbox.doku.com/ui/${secret}?x#y`)).to.deep.equal({
      redirectUrl: 'https://sandbox.doku.com/***',
    })
    expect(shown(`https://sandbox.doku.com?${secret}`)).to.deep.equal({ redirectUrl: 'https://sandbox.doku.com/***' })
    expect(shown(`https://${secret}@sandbox.doku.com/`)).to.deep.equal({ redirectUrl: '/***' })
    expect(shown(secret)).to.deep.equal({ redirectUrl: '/***' })
  })

  it('keeps everything else as it is, in a copy', () => {
    const harmless = fc.jsonValue().map((value) => ({ partnerReferenceNo: 'INV-1', value }) as Json)
    fc.assert(
      fc.property(harmless, (body) => {
        const copy = redact(body)
        expect(copy).to.deep.equal(body)
        expect(copy).not.to.equal(body)
      }),
    )
  })

  it('hides credentials under any header’s name', () => {
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJCUk4ifQ.c2lnbmF0dXJl'
    for (const text of [`Bearer ${secret}`, `x, bearer ${secret}`, `Basic ${secret}`, token, `t=${token}`]) {
      const shown = redactHeaders({ 'x-partner-id': text })['x-partner-id'] ?? ''
      expect(shown, text).to.contain('***').and.not.contain(secret)
      expect(shown, text).not.to.contain(token)
    }
    expect(redactHeaders({ 'x-partner-id': 'BRN-1', 'user-agent': 'keyJar/1.0' })).to.deep.equal({
      'x-partner-id': 'BRN-1',
      'user-agent': 'keyJar/1.0',
    })
  })

  it('hides credentials in headers, and joins what came twice', () => {
    const names = [
      'Authorization',
      'authorization-customer',
      'X-SIGNATURE',
      'Cookie',
      'Set-Cookie',
      'Proxy-Authorization',
    ]
    const headers = Object.fromEntries(names.map((name) => [name, `Bearer ${secret}`]))
    const shown = redactHeaders({ ...headers, 'X-TIMESTAMP': 't', accept: ['a', 'b'], gone: undefined })
    for (const name of names) expect(shown[name], name).to.equal('Bea***ers')
    expect(shown).to.include({ 'X-TIMESTAMP': 't', accept: 'a, b' })
    expect(shown).not.to.have.property('gone')
  })
})
