import { expect } from 'chai'
import type { FaultOn } from '../../../lib/simulator/index.ts'
import { FaultScene } from './faults-scene.ts'

const snap = (status: number, responseCode: string, responseMessage: string) => ({
  status,
  text: JSON.stringify({ responseCode, responseMessage }),
})

interface Row {
  readonly what: string
  readonly fault: FaultOn<'payment'>
  /** What the merchant sees. */
  readonly outcome: unknown
  readonly recorded: { status: number; code: string }
}

const PAGE = '<!doctype html><title>Gateway</title><h1>Something went wrong</h1>\n'

const rows: readonly Row[] = [
  { what: 'a cut connection', fault: { kind: 'cut' }, outcome: 'fetch failed', recorded: { status: 0, code: '' } },
  {
    what: 'HTTP 500 with SNAP’s body',
    fault: { kind: 'http-error' },
    outcome: snap(500, '5005400', 'General Error'),
    recorded: { status: 500, code: '5005400' },
  },
  {
    what: 'HTTP 504 with SNAP’s body',
    fault: { kind: 'http-error', status: 504 },
    outcome: snap(504, '5045400', 'Timeout'),
    recorded: { status: 504, code: '5045400' },
  },
  {
    what: 'HTTP 502 with a web page',
    fault: { kind: 'http-error', status: 502, body: 'html' },
    outcome: { status: 502, text: PAGE },
    recorded: { status: 502, code: '' },
  },
  {
    what: 'HTTP 503 with nothing',
    fault: { kind: 'http-error', status: 503, body: 'none' },
    outcome: { status: 503, text: '' },
    recorded: { status: 503, code: '' },
  },
  {
    what: 'a web page with 200',
    fault: { kind: 'html' },
    outcome: { status: 200, text: PAGE },
    recorded: { status: 200, code: '' },
  },
  {
    what: '202 Request In Progress',
    fault: { kind: 'in-progress' },
    outcome: snap(202, '2025400', 'Request In Progress'),
    recorded: { status: 202, code: '2025400' },
  },
  {
    what: 'a refusal in DOKU’s own words',
    fault: { kind: 'refusal', code: '403xx14' },
    outcome: snap(403, '4035414', 'Insufficient Funds'),
    recorded: { status: 403, code: '4035414' },
  },
  {
    what: 'a refusal that DOKU does not list, in words of the test',
    fault: { kind: 'refusal', code: '403xx77', message: 'Insufficient Fund' },
    outcome: snap(403, '4035477', 'Insufficient Fund'),
    recorded: { status: 403, code: '4035477' },
  },
]

describe('a payment that a fault strikes', () => {
  let scene: FaultScene
  beforeEach(async () => {
    scene = await FaultScene.open()
  })
  afterEach(() => scene.simulator.close())

  for (const { what, fault, outcome, recorded } of rows) {
    it(`is not carried out, and the merchant sees ${what}`, async () => {
      scene.simulator.faults.next('payment', fault)
      expect(await scene.outcomeOfCharge()).to.deep.equal(outcome)
      expect(scene.charges).to.equal(0)
      expect(await scene.statusOf('INV-1')).to.include({ responseCode: '4045501' })
      const call = scene.simulator.calls.find(({ operation }) => operation === 'payment')
      expect(call).to.include({ ...recorded, verdict: 'prevented', isAuthentic: false, fault: fault.kind })
    })

    it(`is charged all the same, if so told, and the merchant sees ${what}`, async () => {
      const charged = { ...fault, carriesOut: true } as FaultOn<'payment'>
      scene.simulator.faults.next('payment', charged)
      expect(await scene.outcomeOfCharge()).to.deep.equal(outcome)
      expect(scene.charges).to.equal(1)
      expect(await scene.statusOf('INV-1')).to.include({ latestTransactionStatus: '00' })
      const call = scene.simulator.calls.find(({ operation }) => operation === 'payment')
      expect(call).to.include({ ...recorded, verdict: 'accepted', isAuthentic: true, fault: fault.kind })
    })
  }

  it('arrives once: the merchant’s HTTP client does not send it again by itself', async () => {
    scene.simulator.faults.next('payment', { kind: 'cut', carriesOut: true })
    await scene.outcomeOfCharge()
    expect(scene.simulator.arrivals.filter(({ operation }) => operation === 'payment')).to.have.lengthOf(1)
  })

  it('is charged, and the connection is cut in the middle of the answer', async () => {
    scene.simulator.faults.next('payment', { kind: 'cut-answer' })
    expect(await scene.outcomeOfCharge()).to.equal('terminated')
    expect(scene.charges).to.equal(1)
    expect(scene.simulator.calls.at(-1)).to.include({ status: 200, code: '2005400', verdict: 'accepted' })
  })

  it('is answered with JSON that breaks off', async () => {
    scene.simulator.faults.next('payment', { kind: 'garbage', carriesOut: true })
    const { status, text } = await scene.charge()
    expect(status).to.equal(200)
    expect(text).to.match(/^\{"responseCode":"2005400",/)
    expect(() => JSON.parse(text)).to.throw(SyntaxError)
    expect(scene.charges).to.equal(1)
  })

  it('is answered with more than anybody should read, without saying how much', async () => {
    scene.simulator.faults.next('payment', { kind: 'oversize', bytes: 3_000_000 })
    const { status, headers, text } = await scene.charge()
    expect(status).to.equal(200)
    expect(headers.get('content-length')).to.equal(null)
    expect(text.length).to.be.above(3_000_000)
    expect(JSON.parse(text)).to.include({ responseCode: '2005400' })
    expect(scene.charges).to.equal(0)
  })

  it('is answered truly, with 409, when it comes again under its X-EXTERNAL-ID after a lost answer', async () => {
    scene.simulator.faults.next('payment', { kind: 'http-error', status: 504, carriesOut: true })
    await scene.charge('INV-1', { externalId: '77' })
    const { status, text } = await scene.charge('INV-1', { externalId: '77' })
    expect(status).to.equal(409)
    expect(JSON.parse(text)).to.include({ responseCode: '2005400' })
    expect(scene.charges).to.equal(1)
  })

  it('is new when it comes again under its X-EXTERNAL-ID after it was not carried out', async () => {
    scene.simulator.faults.next('payment', { kind: 'http-error', status: 504 })
    await scene.charge('INV-1', { externalId: '77' })
    expect((await scene.charge('INV-1', { externalId: '77' })).status).to.equal(200)
    expect(scene.charges).to.equal(1)
  })
})
