import { expect } from 'chai'
import fc from 'fast-check'
import {
  type Meaning,
  meaningOf,
  normaliseResponseCode,
  paymentVerdicts,
  responseCodes,
} from '../../../lib/doku/response-codes.ts'

/**
 * docs/protocol.md §8, row by row: HTTP status, case code, what it means, what it says about a payment. Written by hand from
 * the page, not from the code.
 */
const table = `
200 00 success                accepted
202 00 in-progress            unknown
400 00 invalid-request        failed
400 01 invalid-request        failed
400 02 invalid-request        failed
400 03 duplicate              unknown
400 04 invalid-request        failed
401 00 unauthorized           failed
401 01 access-token-invalid   failed
401 02 customer-token-invalid failed
401 03 access-token-invalid   failed
401 04 customer-token-invalid failed
403 00 declined               failed
403 01 declined               failed
403 02 declined               failed
403 03 declined               failed
403 04 declined               failed
403 05 declined               failed
403 06 declined               failed
403 07 declined               failed
403 08 declined               failed
403 09 declined               failed
403 10 declined               failed
403 11 declined               failed
403 12 declined               failed
403 13 in-progress            unknown
403 14 declined               failed
403 15 declined               failed
403 16 declined               failed
403 17 declined               failed
403 18 declined               failed
403 19 declined               failed
403 20 declined               failed
403 21 declined               failed
403 22 declined               failed
403 23 declined               failed
404 00 declined               failed
404 01 not-found              failed
404 02 invalid-request        failed
404 03 declined               failed
404 04 cancelled              cancelled
404 05 declined               failed
404 06 declined               failed
404 07 declined               failed
404 08 invalid-request        failed
404 09 declined               failed
404 10 invalid-request        failed
404 11 declined               failed
404 12 declined               failed
404 13 declined               failed
404 14 duplicate              unknown
404 15 declined               failed
404 16 invalid-request        failed
404 17 invalid-request        failed
404 18 inconsistent           failed
404 19 declined               failed
405 00 invalid-request        failed
405 01 declined               failed
409 00 duplicate              unknown
409 01 duplicate              unknown
429 00 too-many-requests      failed
500 00 unknown                unknown
500 01 unknown                unknown
500 02 unknown                unknown
500 13 unknown                unknown
504 00 unknown                unknown
`
const rows = table
  .trim()
  .split('\n')
  .map((line) => line.split(/\s+/) as [string, string, Meaning, string])

const services = ['07', '09', '11', '54', '55', '58', '73', '74']

describe('the table of response codes', () => {
  for (const [http, caseCode, meaning, verdict] of rows) {
    it(`reads ${http}xx${caseCode} as ${meaning}, and a payment as ${verdict}`, () => {
      for (const service of services) expect(meaningOf(Number(http), `${http}${service}${caseCode}`)).to.equal(meaning)
      expect(paymentVerdicts[meaning]).to.equal(verdict)
    })
  }

  it('has every row of docs/protocol.md and no other, each once', () => {
    const listed = responseCodes.map(({ httpStatus, caseCode }) => `${httpStatus} ${caseCode}`)
    expect(listed).to.deep.equal(rows.map(([http, caseCode]) => `${http} ${caseCode}`))
    expect(new Set(listed).size).to.equal(rows.length)
  })
})

describe('a response code', () => {
  it('has seven digits, and with DOKU’s misprint eight', () => {
    expect(normaliseResponseCode('2005400')).to.equal('2005400')
    expect(normaliseResponseCode('20054000')).to.equal('2005400')
    expect(normaliseResponseCode('40354140')).to.equal('4035414')
  })

  it('may be a number', () => {
    expect(normaliseResponseCode(2005400)).to.equal('2005400')
    expect(normaliseResponseCode(20054000)).to.equal('2005400')
  })

  const others = [
    ...[
      '',
      '200',
      '200540',
      '20054001',
      '200540000',
      ' 2005400',
      '2005400\n',
      '1005400',
      '6005400',
      '200540a',
      '٢٠٠٥٤٠٠',
    ],
    ...[null, undefined, true, {}, [], ['2005400'], 2005400.5, -2005400, Number.NaN, 2e20],
  ]
  for (const other of others) {
    it(`is not ${typeof other === 'number' ? other : JSON.stringify(other)}`, () => {
      expect(normaliseResponseCode(other)).to.equal(undefined)
    })
  }
})

describe('the meaning of an answer', () => {
  it('is unknown without a response code, whatever the HTTP status', () => {
    for (let http = 100; http < 600; http++) expect(meaningOf(http, undefined), String(http)).to.equal('unknown')
  })

  it('is unknown when HTTP and code contradict each other', () => {
    const contradictions: [number, string][] = [
      [200, '4035414'],
      [200, '4015401'],
      [200, '5005400'],
      [200, '4095400'],
      [400, '2005400'],
      [403, '2005400'],
      [404, '4035414'],
      [401, '4045401'],
      [400, '4095400'],
      [302, '2005400'],
      [302, '4035414'],
      [500, '2005400'],
      [500, '4035414'],
      [500, '2025400'],
      [503, '4045404'],
      [504, '4095400'],
    ]
    for (const [http, code] of contradictions) expect(meaningOf(http, code), `${http} ${code}`).to.equal('unknown')
  })

  it('is success for a 200 code with any HTTP status of success but 202 (C-5)', () => {
    for (const http of [200, 201, 203, 204]) expect(meaningOf(http, '2005400')).to.equal('success')
    expect(meaningOf(202, '2005400')).to.equal('in-progress')
  })

  it('is in progress when either side says 202', () => {
    expect(meaningOf(200, '2025400')).to.equal('in-progress')
    expect(meaningOf(202, '2025400')).to.equal('in-progress')
    expect(meaningOf(202, '4035414')).to.equal('in-progress')
  })

  it('is the original answer for a 409 with a 200 body, and a duplicate for a 409 with any other', () => {
    expect(meaningOf(409, '2005400')).to.equal('success')
    for (const code of ['4095400', '4095401', '4095477', '4035414', '4005400', '5005400']) {
      expect(meaningOf(409, code), code).to.equal('duplicate')
    }
    expect(meaningOf(409, '2025400')).to.equal('in-progress')
  })

  it('is unknown for a case that no page lists', () => {
    for (const code of ['4035424', '4045420', '4005405', '4015405', '4055402', '4295401', '4185400']) {
      expect(meaningOf(Number(code.slice(0, 3)), code), code).to.equal('unknown')
    }
  })

  it('calls a payment failed or cancelled only when HTTP and a listed code both say so', () => {
    const final = new Set(
      rows
        .filter(([, , , verdict]) => verdict === 'failed' || verdict === 'cancelled')
        .map(([http, caseCode]) => http + caseCode),
    )
    const http = fc.oneof(
      fc.integer({ min: 100, max: 599 }),
      fc.constantFrom(200, 202, 400, 401, 403, 404, 405, 409, 429, 500, 504),
    )
    const codeHttp = fc.oneof(
      fc.integer({ min: 200, max: 599 }),
      fc.constantFrom(...rows.map(([status]) => Number(status))),
    )
    const caseCode = fc.integer({ min: 0, max: 99 }).map((value) => String(value).padStart(2, '0'))
    const code = fc.option(fc.tuple(codeHttp, fc.constantFrom(...services), caseCode), { nil: undefined })
    fc.assert(
      fc.property(http, code, (status, parts) => {
        const verdict = paymentVerdicts[meaningOf(status, parts?.join(''))]
        const definite = parts !== undefined && parts[0] === status && final.has(`${parts[0]}${parts[2]}`)
        expect(verdict === 'failed' || verdict === 'cancelled').to.equal(definite)
      }),
      { numRuns: 5000 },
    )
  })

  it('calls a payment accepted only on a 200 code', () => {
    for (let http = 100; http < 600; http++) {
      for (const [status, caseCode] of rows) {
        const accepted = paymentVerdicts[meaningOf(http, `${status}54${caseCode}`)] === 'accepted'
        const mayBe = status === '200' && ((http >= 200 && http < 300 && http !== 202) || http === 409)
        expect(accepted, `${http} ${status}${caseCode}`).to.equal(mayBe)
      }
    }
  })
})
