import { expect } from 'chai'
import fc from 'fast-check'
import {
  type Amount,
  formatAmount,
  formatAmountValue,
  parseAmountValue,
  sameAmount,
  sumValues,
} from '../../../lib/primitives/money.ts'

const anySen = fc.bigInt({ min: 0n, max: 999_999_999_999_999_999n })

describe('money', () => {
  it('reads an amount in sen', () => {
    expect(parseAmountValue('10000.00')).to.equal(1_000_000n)
    expect(parseAmountValue('0.00')).to.equal(0n)
    expect(parseAmountValue('0.07')).to.equal(7n)
    expect(parseAmountValue('9999999999999999.99')).to.equal(999_999_999_999_999_999n)
  })

  for (const text of [
    '',
    '10000',
    '10000.0',
    '10000.000',
    '10,000.00',
    '10.000,00',
    '-1.00',
    '+1.00',
    '01.00',
    '.00',
    '1e4',
    '1e4.00',
    ' 1.00',
    '1.00\n',
    '١.٠٠',
    '12345678901234567.00',
    'NaN',
  ]) {
    it(`does not read ${JSON.stringify(text)} as an amount`, () => {
      expect(parseAmountValue(text)).to.equal(undefined)
    })
  }

  it('does not read a number, an object or nothing as an amount', () => {
    for (const value of [10000, { toString: () => '1.00' }, ['1.00'], null, undefined]) {
      expect(parseAmountValue(value)).to.equal(undefined)
    }
  })

  it('writes any amount so that it reads back the same', () => {
    fc.assert(fc.property(anySen, (sen) => parseAmountValue(formatAmountValue(sen)) === sen))
  })

  it('writes an amount with its currency', () => {
    expect(formatAmount(1_000_050n)).to.deep.equal({ value: '10000.50', currency: 'IDR' })
  })

  it('refuses to write what the wire cannot carry', () => {
    expect(() => formatAmountValue(-1n)).to.throw(RangeError)
    expect(() => formatAmount(1_000_000_000_000_000_000n)).to.throw(RangeError)
  })

  it('tells equal amounts from different ones, at any size', () => {
    fc.assert(
      fc.property(anySen, anySen, (one, other) => {
        return sameAmount(formatAmount(one), formatAmount(other)) === (one === other)
      }),
    )
    expect(sameAmount(formatAmount(999_999_999_999_999_999n), formatAmount(999_999_999_999_999_998n))).to.equal(false)
    expect(sameAmount(formatAmount(5n), formatAmount(5n))).to.equal(true)
  })

  it('never calls unreadable amounts equal', () => {
    const unreadable = { value: '10000', currency: 'IDR' } as const
    expect(sameAmount(unreadable, unreadable)).to.equal(false)
  })

  it('never calls amounts of different currencies equal', () => {
    const dollars = { value: '5.00', currency: 'USD' } as unknown as Amount
    expect(sameAmount(formatAmount(500n), dollars)).to.equal(false)
  })

  it('sums without losing a sen', () => {
    fc.assert(
      fc.property(fc.array(anySen), (sens) => {
        return sumValues(sens.map(formatAmountValue)) === sens.reduce((sum, sen) => sum + sen, 0n)
      }),
    )
  })

  it('has no sum for a list with an unreadable value', () => {
    expect(sumValues(['1.00', 'free'])).to.equal(undefined)
    expect(sumValues([])).to.equal(0n)
  })
})
