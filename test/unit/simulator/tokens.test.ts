import { createVerify } from 'node:crypto'
import { expect } from 'chai'
import { bindingBody, CORE_V1 } from './paths.ts'
import { CLIENT_ID, dokuKeys, Scene } from './scene.ts'

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

describe('the simulator’s access token (B2B)', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await Scene.open()
  })
  afterEach(() => scene.simulator.close())

  it('is answered in DOKU’s shape, as an RS256 JWT signed by DOKU', async () => {
    const { status, headers, body } = await scene.merchant.logIn()
    expect(status).to.equal(200)
    expect(body).to.include({ responseCode: '2007300', tokenType: 'Bearer', expiresIn: 900, additionalInfo: '' })
    expect(headers.get('content-type')).to.equal('application/json')
    expect(headers.get('x-client-key')).to.equal(CLIENT_ID)
    expect(headers.get('x-timestamp')).to.equal('2026-03-01T12:00:00+07:00')
    const [head, claims, signature = ''] = body.accessToken.split('.')
    const verifier = createVerify('sha256').update(`${head}.${claims}`)
    expect(verifier.verify(dokuKeys.publicKey, signature, 'base64url')).to.equal(true)
    expect(claimsOf(body.accessToken)).to.include({ iss: 'DOKU', clientId: CLIENT_ID, exp: scene.now / 1000 + 900 })
  })

  const REFUSED: [what: string, headers: Record<string, string | undefined>, message: string][] = [
    ['a client that is not the merchant', { 'x-client-key': 'BRN-other' }, 'Unauthorized. Unknown Client'],
    ['no client at all', { 'x-client-key': undefined }, 'Unauthorized. Unknown Client'],
    ['no timestamp', { 'x-timestamp': undefined }, 'Unauthorized. Unknown Client'],
    ['a timestamp without a zone', { 'x-timestamp': '2026-03-01T05:00:00' }, 'Unauthorized. Unknown Client'],
    ['a timestamp that is not the signed one', { 'x-timestamp': '2026-03-01T05:00:01Z' }, 'Unauthorized. Signature'],
    ['a signature that is none', { 'x-signature': 'AAAA' }, 'Unauthorized. Signature'],
    ['no signature', { 'x-signature': undefined }, 'Unauthorized. Signature'],
  ]
  for (const [what, headers, message] of REFUSED) {
    it(`is refused to ${what} with 4017300`, async () => {
      const { status, body } = await scene.merchant.tokenCall('b2b', { grantType: 'client_credentials' }, { headers })
      expect(status).to.equal(401)
      expect(body).to.deep.equal({ responseCode: '4017300', responseMessage: message })
    })
  }

  it('is refused to a stale request', async () => {
    const options = { timestamp: '2026-03-01T04:49:59Z' }
    const { body } = await scene.merchant.tokenCall('b2b', { grantType: 'client_credentials' }, options)
    expect(body).to.include({ responseCode: '4017300' })
  })

  it('is given for every timestamp format that merchants use', async () => {
    for (const timestamp of ['2026-03-01T05:00:00Z', '2026-03-01T05:00:00.000Z', '2026-03-01T12:00:00+07:00']) {
      const { body } = await scene.merchant.tokenCall('b2b', { grantType: 'client_credentials' }, { timestamp })
      expect(body).to.include({ responseCode: '2007300' })
    }
  })

  it('needs the grantType, in lower case', async () => {
    const { body: without } = await scene.merchant.tokenCall('b2b', {})
    expect(without).to.include({ responseCode: '4007302', responseMessage: 'Invalid Mandatory Field grantType' })
    const { body: wrong } = await scene.merchant.tokenCall('b2b', { grantType: 'CLIENT_CREDENTIALS' })
    expect(wrong).to.include({ responseCode: '4007301', responseMessage: 'Invalid Field Format grantType' })
  })

  it('is refused once it has expired, to the second', async () => {
    scene.passSeconds(899)
    expect((await scene.merchant.call(CORE_V1.binding, bindingBody(CORE_V1))).status).to.equal(200)
    scene.passSeconds(1)
    const { status, body } = await scene.merchant.call(CORE_V1.binding, bindingBody(CORE_V1))
    expect(status).to.equal(401)
    expect(body).to.deep.equal({ responseCode: '4010701', responseMessage: 'Invalid Token (B2B)' })
  })

  it('does not make the one before it invalid', async () => {
    const first = scene.merchant.accessToken
    await scene.merchant.logIn()
    expect(scene.merchant.accessToken).not.to.equal(first)
    const { status } = await scene.merchant.call(CORE_V1.binding, bindingBody(CORE_V1), { accessToken: first })
    expect(status).to.equal(200)
  })
})

describe('the simulator with onlyNewestAccessToken', () => {
  it('refuses every token but the newest', async () => {
    const scene = await Scene.open({ onlyNewestAccessToken: true })
    const first = scene.merchant.accessToken
    await scene.merchant.logIn()
    const { body } = await scene.merchant.call(CORE_V1.binding, bindingBody(CORE_V1), { accessToken: first })
    expect(body).to.include({ responseCode: '4010701' })
    expect((await scene.merchant.call(CORE_V1.binding, bindingBody(CORE_V1))).status).to.equal(200)
    await scene.simulator.close()
  })
})

describe('the simulator’s customer token (B2B2C)', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await Scene.open()
  })
  afterEach(() => scene.simulator.close())

  it('is given for an authCode again and again, with an expiry in Jakarta time', async () => {
    const { authCode, customerToken } = await scene.bind(CORE_V1)
    const { status, body } = await scene.merchant.customerToken(authCode)
    expect(status).to.equal(200)
    expect(body).to.include({
      responseCode: '2007400',
      tokenType: 'Bearer',
      accessTokenExpiryTime: '2026-03-01T12:15:00+07:00',
    })
    expect(body.accessToken).not.to.equal(customerToken)
    expect(claimsOf(body.accessToken)).to.include({ iss: 'DOKU', clientId: CLIENT_ID })
  })

  it('is given for a refresh token', async () => {
    const { authCode } = await scene.bind(CORE_V1)
    const { refreshToken } = (await scene.merchant.customerToken(authCode)).body
    const { body } = await scene.merchant.tokenCall('b2b2c', { grantType: 'refresh_token', refreshToken })
    expect(body).to.include({ responseCode: '2007400' })
  })

  it('needs the code that its grantType is about', async () => {
    const { body: noAuthCode } = await scene.merchant.tokenCall('b2b2c', { grantType: 'authorization_code' })
    expect(noAuthCode).to.include({ responseCode: '4007402', responseMessage: 'Invalid Mandatory Field authCode' })
    const { body: noRefresh } = await scene.merchant.tokenCall('b2b2c', { grantType: 'refresh_token' })
    expect(noRefresh).to.include({ responseCode: '4007402', responseMessage: 'Invalid Mandatory Field refreshToken' })
  })

  it('is refused for a code that nobody has, or that the customer has not approved yet', async () => {
    const { body: binding } = await scene.merchant.call(CORE_V1.binding, bindingBody(CORE_V1))
    for (const authCode of ['1234', binding.additionalInfo.authCode]) {
      const { status, body } = await scene.merchant.customerToken(authCode)
      expect(status).to.equal(401)
      expect(body).to.include({ responseCode: '4017400' })
    }
  })

  it('is refused, and its like are dead, once the customer unlinks inside the OVO app', async () => {
    const { authCode, customerToken } = await scene.bind(CORE_V1)
    const { refreshToken } = (await scene.merchant.customerToken(authCode)).body
    scene.simulator.unlink('alice')
    expect((await scene.merchant.customerToken(authCode)).body).to.include({ responseCode: '4017400' })
    const refresh = { grantType: 'refresh_token', refreshToken }
    expect((await scene.merchant.tokenCall('b2b2c', refresh)).body).to.include({ responseCode: '4017400' })
    const { body } = await scene.pay(CORE_V1, customerToken, 'INV-1')
    expect(body).to.include({ responseCode: '4015402', responseMessage: 'Invalid Customer Token' })
  })

  it('expires', async () => {
    const { customerToken } = await scene.bind(CORE_V1)
    scene.passSeconds(900)
    await scene.merchant.logIn()
    const { body } = await scene.pay(CORE_V1, customerToken, 'INV-1')
    expect(body).to.include({ responseCode: '4015402' })
  })
})
