import { expect } from 'chai'
import type { CallOptions } from './merchant.ts'
import { APIS, type Api, bindingBody, CORE_V1, OVO_V1, paymentBody } from './paths.ts'
import { Scene } from './scene.ts'

const headers = (name: string, value: string | undefined): CallOptions => ({ headers: { [name]: value } })

type Row = [what: string, options: CallOptions, code: string, message: string]

/** Of a call with service code 07, which needs no customer token. */
const REFUSED: Row[] = [
  ['no X-TIMESTAMP', headers('x-timestamp', undefined), '4000702', 'Invalid Mandatory Field X-TIMESTAMP'],
  ['X-TIMESTAMP without a zone', { timestamp: '2026-03-01T05:00:00' }, '4000701', 'Invalid Field Format X-TIMESTAMP'],
  ['X-TIMESTAMP of a month 13', { timestamp: '2026-13-01T05:00:00Z' }, '4000701', 'Invalid Field Format X-TIMESTAMP'],
  ['a stale X-TIMESTAMP', { timestamp: '2026-03-01T04:49:59Z' }, '4010700', 'Unauthorized. X-TIMESTAMP'],
  ['an X-TIMESTAMP of the future', { timestamp: '2026-03-01T05:10:01Z' }, '4010700', 'Unauthorized. X-TIMESTAMP'],
  [
    'another X-TIMESTAMP than the signed one',
    headers('x-timestamp', '2026-03-01T05:00:01Z'),
    '4010700',
    'Unauthorized. Signature',
  ],
  ['no X-SIGNATURE', headers('x-signature', undefined), '4000702', 'Invalid Mandatory Field X-SIGNATURE'],
  ['a signature with another secret', { secretKey: 'SK-other' }, '4010700', 'Unauthorized. Signature'],
  ['a signature in hex', headers('x-signature', 'ab'.repeat(64)), '4010700', 'Unauthorized. Signature'],
  ['no X-PARTNER-ID', headers('x-partner-id', undefined), '4000702', 'Invalid Mandatory Field X-PARTNER-ID'],
  ['another X-PARTNER-ID', headers('x-partner-id', 'BRN-other'), '4010700', 'Unauthorized. Unknown Client'],
  ['no X-EXTERNAL-ID', headers('x-external-id', undefined), '4000702', 'Invalid Mandatory Field X-EXTERNAL-ID'],
  ['a UUID for X-EXTERNAL-ID', { externalId: '8d1c-77' }, '4000701', 'Invalid Field Format X-EXTERNAL-ID'],
  ['an X-EXTERNAL-ID of 37 digits', { externalId: '1'.repeat(37) }, '4000701', 'Invalid Field Format X-EXTERNAL-ID'],
  ['symbols in X-DEVICE-ID', headers('x-device-id', 'device-1'), '4000701', 'Invalid Field Format X-DEVICE-ID'],
  ['IPv6 in X-IP-ADDRESS', headers('x-ip-address', '::ffff:10.0.0.1'), '4000701', 'Invalid Field Format X-IP-ADDRESS'],
  ['no Authorization', headers('authorization', undefined), '4010703', 'Token Not Found (B2B)'],
  ['a token that was never issued', { accessToken: 'made-up' }, '4010701', 'Invalid Token (B2B)'],
  [
    'no Content-Type that says JSON',
    headers('content-type', 'text/plain'),
    '4000701',
    'Invalid Field Format Content-Type',
  ],
  ['another method than POST', { method: 'PUT' }, '4050700', 'Requested Function Is Not Supported'],
]

for (const api of APIS) {
  describe(`a signed call to the simulator (${api.name})`, () => {
    let scene: Scene
    before(async () => {
      scene = await Scene.open()
    })
    after(() => scene.simulator.close())

    for (const [what, options, code, message] of REFUSED) {
      it(`is refused with ${code} for ${what}`, async () => {
        const { status, body } = await scene.merchant.call(api.binding, bindingBody(api), options)
        expect(body).to.deep.equal({ responseCode: code, responseMessage: message })
        expect(status).to.equal(Number(code.slice(0, 3)))
        expect(scene.simulator.calls.at(-1)).to.include({ verdict: 'refused', isAuthentic: false, code })
      })
    }

    it('is refused when the access token stands bare in Authorization', async () => {
      const options = headers('authorization', scene.merchant.accessToken)
      const { body } = await scene.merchant.call(api.binding, bindingBody(api), options)
      expect(body).to.include({ responseCode: '4010701' })
    })

    it('is refused when path and query are not the signed ones', async () => {
      const { headers: sent } = await sign(scene, api)
      const response = await fetch(`${scene.simulator.url}${api.binding}?x=1`, sent)
      expect(await response.json()).to.include({ responseCode: '4010700' })
    })

    it('is signed over its query, byte for byte', async () => {
      const { status } = await scene.merchant.call(api.binding, bindingBody(api), { query: '?b=2&a=%20x' })
      expect(status).to.equal(200)
    })

    it('is accepted with the largest X-EXTERNAL-ID, an IPv4 address and the offset of Jakarta', async () => {
      const options = {
        externalId: '9'.repeat(36),
        timestamp: '2026-03-01T12:00:00+07:00',
        ...headers('x-ip-address', '1.1.1.1'),
      }
      const { status, headers: answered } = await scene.merchant.call(api.binding, bindingBody(api), options)
      expect(status).to.equal(200)
      expect(answered.get('content-type')).to.equal('application/json')
      expect(answered.get('x-timestamp')).to.equal('2026-03-01T12:00:00+07:00')
      expect(scene.simulator.calls.at(-1)).to.include({ operation: 'binding', verdict: 'accepted', isAuthentic: true })
    })

    it('needs a customer token where the operation is the customer’s', async () => {
      for (const [path, body, service] of customerCalls(api)) {
        const without = await scene.merchant.call(path, body)
        expect(without.body).to.deep.equal({
          responseCode: `401${service}04`,
          responseMessage: 'Customer Token Not Found',
        })
        const wrong = await scene.merchant.call(path, body, { customerToken: 'made-up' })
        expect(wrong.body).to.deep.equal({ responseCode: `401${service}02`, responseMessage: 'Invalid Customer Token' })
      }
    })
  })
}

const customerCalls = (api: Api): [path: string, body: object, service: string][] => [
  [api.balance, { additionalInfo: api.channel }, '11'],
  [api.payment, paymentBody(api, 'INV-1'), '54'],
]

/** A well-signed request to a path, of which the test then changes something. */
async function sign(scene: Scene, api: Api) {
  const body = bindingBody(api)
  await scene.merchant.call(api.binding, body)
  const { headers: recorded = {} } = scene.simulator.calls.at(-1) ?? {}
  const kept = Object.entries(recorded).filter(([name]) => /^(x-|auth|content-type)/.test(name))
  const headersAgain = { ...Object.fromEntries(kept.map(([name, value]) => [name, `${value}`])), 'x-external-id': '77' }
  return { headers: { method: 'POST', headers: headersAgain, body: JSON.stringify(body) } }
}

describe('the two generations of paths', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await Scene.open()
  })
  afterEach(() => scene.simulator.close())

  it('differ in X-DEVICE-ID: required in ovo-v1.0, optional in core-v1', async () => {
    const options = headers('x-device-id', undefined)
    const archived = await scene.merchant.call(OVO_V1.binding, bindingBody(OVO_V1), options)
    expect(archived.body).to.include({
      responseCode: '4000702',
      responseMessage: 'Invalid Mandatory Field X-DEVICE-ID',
    })
    expect((await scene.merchant.call(CORE_V1.binding, bindingBody(CORE_V1), options)).status).to.equal(200)
  })

  it('differ in the channel: core-v1 wants it in every body, ovo-v1.0 has none', async () => {
    const { customerToken } = await scene.bind(CORE_V1)
    const calls: [path: string, body: object, service: string][] = [
      [CORE_V1.binding, bindingBody(OVO_V1), '07'],
      [CORE_V1.balance, {}, '11'],
      [CORE_V1.payment, paymentBody(OVO_V1, 'INV-1'), '54'],
      [CORE_V1.unbinding, { tokenId: customerToken }, '09'],
    ]
    for (const [path, body, service] of calls) {
      const answer = await scene.merchant.call(path, body, { customerToken })
      expect(answer.body).to.deep.equal({
        responseCode: `400${service}02`,
        responseMessage: 'Invalid Mandatory Field additionalInfo.channel',
      })
    }
  })

  it('take the customer token with and without Bearer', async () => {
    const { customerToken } = await scene.bind(CORE_V1)
    const body = { additionalInfo: CORE_V1.channel }
    const options = headers('authorization-customer', customerToken)
    expect((await scene.merchant.call(CORE_V1.balance, body, options)).status).to.equal(200)
  })

  it('have no operation at any other path', async () => {
    for (const path of ['/', '/direct-debit/merchant/ovo/v1.0/refund', `${CORE_V1.binding}/`]) {
      const { status, body } = await scene.merchant.call(path, {})
      expect(status).to.equal(404)
      expect(body).to.deep.equal({ responseCode: '4040002', responseMessage: 'Invalid Routing' })
    }
    expect(scene.simulator.calls.filter(({ operation }) => operation !== 'access-token')).to.be.empty
  })
})
