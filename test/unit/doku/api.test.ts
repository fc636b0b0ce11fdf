import { expect } from 'chai'
import { apis, type Endpoint, resolveEndpoints, withExtraBody } from '../../../lib/doku/api.ts'

const endpoint = (extraBody: Endpoint['extraBody']): Endpoint => ({ ...apis['core-v1'].payment, extraBody })

describe('the table of endpoints', () => {
  it('has the service codes of SNAP in both generations, and a payment that moves money', () => {
    for (const [api, rows] of Object.entries(apis)) {
      const codes = Object.fromEntries(
        Object.entries(rows).map(([operation, { serviceCode }]) => [operation, serviceCode]),
      )
      expect(codes).to.deep.equal({
        accessToken: '73',
        customerToken: '74',
        binding: '07',
        balance: '11',
        payment: '54',
        status: '55',
        unbinding: '09',
        ...(api === 'core-v1' && { refund: '58' }),
      })
    }
  })

  it('requires a device id in the archive api only (C-12), and knows paymentType in the current one only', () => {
    const required = ['binding', 'balance', 'payment', 'unbinding'] as const
    for (const operation of required) {
      expect(apis['ovo-v1.0'][operation].deviceRequired).to.equal(true)
      expect(apis['core-v1'][operation].deviceRequired).to.equal(false)
    }
    expect(apis['ovo-v1.0'].payment.paymentType).to.equal(false)
    expect(apis['core-v1'].payment.paymentType).to.equal(true)
  })

  it('is overridden field by field, and left as it is for all others', () => {
    const resolved = resolveEndpoints('ovo-v1.0', { payment: { path: '/x', deadlineMs: 1 } })
    expect(resolved.payment).to.deep.equal({ ...apis['ovo-v1.0'].payment, path: '/x', deadlineMs: 1 })
    expect(resolved.balance).to.deep.equal(apis['ovo-v1.0'].balance)
    expect(apis['ovo-v1.0'].payment.path).not.to.equal('/x')
  })

  it('is not emptied by an override that is undefined', () => {
    const override = { payment: { path: undefined }, balance: undefined } as unknown as Parameters<
      typeof resolveEndpoints
    >[1]
    expect(resolveEndpoints('core-v1', override)).to.deep.equal(apis['core-v1'])
  })

  it('cannot be changed once it is resolved', () => {
    const resolved = resolveEndpoints('core-v1')
    expect(resolved).to.be.frozen
    for (const row of Object.values(resolved)) expect(row).to.be.frozen
  })
})

describe('the extra body', () => {
  it('is laid over the body, and merged into additionalInfo one level deep', () => {
    const extra = { serviceCode: '55', additionalInfo: { channel: 'OVO', a: { b: 1 } } }
    const body = { serviceCode: '54', x: 1, additionalInfo: { channel: 'mine', y: 2, a: { c: 1 } } }
    expect(withExtraBody(endpoint(extra), body)).to.deep.equal({
      serviceCode: '55',
      x: 1,
      additionalInfo: { channel: 'OVO', y: 2, a: { b: 1 } },
    })
  })

  it('makes an additionalInfo where there is none, and leaves one alone that it does not know', () => {
    expect(withExtraBody(endpoint({ additionalInfo: { a: 1 } }), {})).to.deep.equal({ additionalInfo: { a: 1 } })
    expect(withExtraBody(endpoint({}), { additionalInfo: { a: 1 } })).to.deep.equal({ additionalInfo: { a: 1 } })
  })

  it('changes neither the body nor the row', () => {
    const body = Object.freeze({ additionalInfo: Object.freeze({ a: 1 }) })
    const extra = Object.freeze({ additionalInfo: Object.freeze({ b: 2 }) })
    expect(withExtraBody(endpoint(extra), body)).to.deep.equal({ additionalInfo: { a: 1, b: 2 } })
  })
})
