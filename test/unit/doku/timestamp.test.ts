import { expect } from 'chai'
import fc from 'fast-check'
import { formatTimestamp, parseTimestamp } from '../../../lib/doku/timestamp.ts'

const at = Date.UTC(2020, 11, 21, 7, 56, 11)

describe('an X-TIMESTAMP', () => {
  it('is sent in UTC, to the second, without milliseconds', () => {
    expect(formatTimestamp(at)).to.equal('2020-12-21T07:56:11Z')
    expect(formatTimestamp(at + 999)).to.equal('2020-12-21T07:56:11Z')
  })

  const forms: Record<string, number> = {
    '2020-12-21T07:56:11Z': at,
    '2020-12-21T07:56:11.000Z': at,
    '2020-12-21T07:56:11.123Z': at + 123,
    '2020-12-21T07:56:11.1Z': at + 100,
    '2020-12-21T07:56:11.123456789Z': at + 123,
    '2020-12-21T07:56:11,123Z': at + 123,
    '2020-12-21T14:56:11+07:00': at,
    '2020-12-21T14:56:11.500+07:00': at + 500,
    '2020-12-21T14:56:11+0700': at,
    '2020-12-21T14:56:11+07': at,
    '2020-12-21T13:26:11+05:30': at,
    '2020-12-21T00:56:11-07:00': at,
    '2020-12-21T07:56:11+00:00': at,
    '2020-12-21T07:56:11-00:00': at,
    '2020-12-21T21:56:11+14:00': at,
    '2020-12-20T19:56:11-12:00': at,
    '20201221T14:56:11.000+07:00': at,
    '20201221T075611Z': at,
    '20201221T145611+0700': at,
    '2024-02-29T00:00:00Z': Date.UTC(2024, 1, 29),
    '2000-02-29T00:00:00Z': Date.UTC(2000, 1, 29),
    '1969-12-31T23:59:59Z': -1000,
  }
  for (const [text, expected] of Object.entries(forms)) {
    it(`is read as ${text}`, () => expect(parseTimestamp(text)).to.equal(expected))
  }

  const refused = [
    '',
    ' 2020-12-21T07:56:11Z',
    '2020-12-21T07:56:11Z ',
    '2020-12-21T07:56:11Z\n',
    '2020-12-21T07:56:11',
    '2020-12-21 07:56:11Z',
    '2020-12-21T07:56Z',
    '2020-12-21',
    '2020-12-21T07:56:11.Z',
    '2020-12-21T07:56:11.1234567890Z',
    '2020-1221T07:56:11Z',
    '2020-12-21T07:5611Z',
    '2020-12-21T07:56:11+7',
    '2020-12-21T07:56:11+07:0',
    '2020-12-21T07:56:11+07:60',
    '2020-12-21T07:56:11+14:01',
    '2020-12-21T07:56:11-12:01',
    '2020-12-21T07:56:11+99:00',
    '2020-12-21T07:56:11PST',
    '2020-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2020-04-31T00:00:00Z',
    '2020-13-01T00:00:00Z',
    '2020-00-01T00:00:00Z',
    '2020-01-00T00:00:00Z',
    '2020-01-32T00:00:00Z',
    '2020-12-21T24:00:00Z',
    '2020-12-21T25:00:00Z',
    '2020-12-21T07:60:11Z',
    '2020-12-21T07:56:60Z',
    '1608537371',
    '1608537371000',
    'Mon, 21 Dec 2020 07:56:11 GMT',
    '+002020-12-21T07:56:11Z',
    '２０２０-12-21T07:56:11Z',
  ]
  for (const text of refused) {
    it(`is not read as ${JSON.stringify(text)}`, () => expect(parseTimestamp(text)).to.equal(undefined))
  }

  it('comes back as it was sent, for any second of four-digit years', () => {
    const seconds = fc.integer({ min: Date.UTC(1000) / 1000, max: Date.UTC(9999, 11, 31) / 1000 })
    fc.assert(
      fc.property(seconds, (second) => {
        expect(parseTimestamp(formatTimestamp(second * 1000))).to.equal(second * 1000)
      }),
    )
  })

  it('means the same moment in every zone', () => {
    const seconds = fc.integer({ min: 0, max: 4_000_000_000 })
    const offsets = fc.integer({ min: -12 * 60, max: 14 * 60 })
    fc.assert(
      fc.property(seconds, offsets, fc.boolean(), (second, offset, colon) => {
        const local = formatTimestamp(second * 1000 + offset * 60_000).slice(0, -1)
        const digits = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, '0')
        const zone = `${offset < 0 ? '-' : '+'}${digits(offset / 60)}${colon ? ':' : ''}${digits(offset % 60)}`
        expect(parseTimestamp(local + zone)).to.equal(second * 1000)
      }),
    )
  })

  it('never makes the reader throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(() => parseTimestamp(text)).not.to.throw()
      }),
    )
  })
})
