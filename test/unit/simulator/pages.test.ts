import { expect } from 'chai'
import supertest from 'supertest'
import { ALICE, APIS, bindingBody, CORE_V1, POOR } from './paths.ts'
import { Scene } from './scene.ts'

const look = (url: string) => fetch(url, { redirect: 'manual' })

const send = (url: string, fields: Record<string, string>) =>
  fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams(fields) })

for (const api of APIS) {
  describe(`the customer’s pages (${api.name})`, () => {
    let scene: Scene
    beforeEach(async () => {
      scene = await Scene.open()
    })
    afterEach(() => scene.simulator.close())

    const startBinding = async () => (await scene.merchant.call(api.binding, bindingBody(api))).body

    it('ask for the OTP, then for the PIN, then send the browser back to the merchant', async () => {
      const { redirectUrl, additionalInfo } = await startBinding()
      const first = await look(redirectUrl)
      expect(first.status).to.equal(200)
      expect(first.headers.get('content-type')).to.equal('text/html; charset=utf-8')
      expect(await first.text())
        .to.include(ALICE.phoneNo)
        .and.to.include('name="otp"')

      const second = await send(redirectUrl, { otp: ALICE.otp, action: 'confirm' })
      expect(second.status).to.equal(200)
      expect(await second.text())
        .to.include('name="pin"')
        .and.not.to.include('name="otp"')
      expect((await scene.merchant.customerToken(additionalInfo.authCode)).status).to.equal(401)

      const done = await send(redirectUrl, { pin: ALICE.pin, action: 'confirm' })
      expect(done.status).to.equal(303)
      expect(done.headers.get('location')).to.equal('https://shop.example/bound?s=1&t=2')
      expect((await scene.merchant.customerToken(additionalInfo.authCode)).status).to.equal(200)
    })

    it('say so when the OTP or the PIN is wrong, and ask again', async () => {
      const { redirectUrl } = await startBinding()
      const wrongOtp = await send(redirectUrl, { otp: '000000', action: 'confirm' })
      expect(wrongOtp.status).to.equal(422)
      expect(await wrongOtp.text())
        .to.include('role="alert">Wrong OTP<')
        .and.to.include('name="otp"')
      await send(redirectUrl, { otp: ALICE.otp, action: 'confirm' })
      const wrongPin = await send(redirectUrl, { pin: '000000', action: 'confirm' })
      expect(await wrongPin.text())
        .to.include('role="alert">Wrong PIN<')
        .and.to.include('name="pin"')
    })

    it('cannot be tricked into skipping the OTP', async () => {
      const { redirectUrl, additionalInfo } = await startBinding()
      const answer = await send(redirectUrl, { pin: ALICE.pin, action: 'confirm' })
      expect(await answer.text()).to.include('name="otp"')
      expect((await scene.merchant.customerToken(additionalInfo.authCode)).status).to.equal(401)
    })

    it('let the customer cancel a binding', async () => {
      const { redirectUrl } = await startBinding()
      const answer = await send(redirectUrl, { action: 'cancel' })
      expect(answer.status).to.equal(303)
      expect(answer.headers.get('location')).to.equal('https://shop.example/not-bound')
    })

    it('take the PIN for a payment, and charge once however often the form is sent', async () => {
      const { customerToken } = await scene.bind(api)
      const { webRedirectUrl } = (await scene.pay(api, customerToken, 'INV-1', '12500.00')).body
      const page = await look(webRedirectUrl)
      expect(await page.text())
        .to.include('IDR 12500.00')
        .and.to.include('INV-1')
        .and.to.include('name="pin"')
      expect((await send(webRedirectUrl, { pin: '0', action: 'confirm' })).status).to.equal(422)
      for (let time = 0; time < 3; time += 1) {
        const answer = await send(webRedirectUrl, { pin: ALICE.pin, action: 'confirm' })
        expect(answer.status).to.equal(303)
        expect(answer.headers.get('location')).to.equal('https://shop.example/paid?o=1')
      }
      expect(scene.simulator.ledger).to.have.lengthOf(1)
    })

    it('let the customer cancel a payment, and send the browser to the failed page when the account is too poor', async () => {
      const { customerToken } = await scene.bind(api, POOR.phoneNo, 'poor')
      const cancelled = (await scene.pay(api, customerToken, 'INV-1')).body.webRedirectUrl
      const tooMuch = (await scene.pay(api, customerToken, 'INV-2')).body.webRedirectUrl
      for (const answer of [await send(cancelled, { action: 'cancel' }), await send(tooMuch, { pin: POOR.pin })]) {
        expect(answer.status).to.equal(303)
        expect(answer.headers.get('location')).to.equal('https://shop.example/not-paid')
      }
      expect(await scene.statusOf('INV-1')).to.include({ latestTransactionStatus: '05' })
      expect(await scene.statusOf('INV-2')).to.include({ latestTransactionStatus: '06' })
    })

    it('send a browser that comes back to a finished page where it went before', async () => {
      const { redirectUrl } = await startBinding()
      scene.simulator.approveBinding(redirectUrl)
      const answer = await look(redirectUrl)
      expect(answer.status).to.equal(303)
      expect(answer.headers.get('location')).to.equal('https://shop.example/bound?s=1&t=2')
    })
  })
}

describe('a page that stays open too long', () => {
  const lifeSeconds = 15 * 60
  let scene: Scene
  beforeEach(async () => {
    scene = await Scene.open()
  })
  afterEach(() => scene.simulator.close())

  it('says so after 15 minutes and leads back, and nothing can be linked on it any more', async () => {
    const { redirectUrl, additionalInfo } = (await scene.merchant.call(CORE_V1.binding, bindingBody(CORE_V1))).body
    scene.passSeconds(lifeSeconds - 1)
    expect((await look(redirectUrl)).status).to.equal(200)
    scene.passSeconds(1)
    const answer = await send(redirectUrl, { otp: ALICE.otp, action: 'confirm' })
    expect(answer.status).to.equal(410)
    expect(await answer.text())
      .to.include('has expired')
      .and.include('href="https://shop.example/not-bound"')
    const after = await look(redirectUrl)
    expect([after.status, after.headers.get('location')]).to.deep.equal([303, 'https://shop.example/not-bound'])
    expect(additionalInfo.accountStatus).to.equal('PENDING')
    expect(scene.simulator.accounts.every(({ linkedTo }) => linkedTo === undefined)).to.equal(true)
  })

  it('makes its payment fail, and takes no money', async () => {
    const { customerToken } = await scene.bind(CORE_V1)
    const { webRedirectUrl } = (await scene.pay(CORE_V1, customerToken, 'INV-1')).body
    scene.passSeconds(lifeSeconds)
    expect((await send(webRedirectUrl, { pin: ALICE.pin, action: 'confirm' })).status).to.equal(410)
    expect(scene.simulator.ledger).to.deep.equal([])
    await scene.merchant.logIn()
    expect(await scene.statusOf('INV-1')).to.include({ latestTransactionStatus: '06' })
  })
})

describe('a page in a browser', () => {
  let scene: Scene
  let redirectUrl: string
  beforeEach(async () => {
    scene = await Scene.open()
    redirectUrl = (await scene.merchant.call(CORE_V1.binding, bindingBody(CORE_V1))).body.redirectUrl
  })
  afterEach(() => scene.simulator.close())

  it('speaks the language that the address asks for, or else the browser', async () => {
    const inIndonesian = { headers: { 'accept-language': 'id-ID,id;q=0.9,en;q=0.8' } }
    expect(await (await fetch(redirectUrl, inIndonesian)).text())
      .to.include('<html lang="id">')
      .and.include('Kode OTP')
    expect(await (await fetch(`${redirectUrl}?lang=en`, inIndonesian)).text()).to.include('<html lang="en">')
    expect(await (await look(redirectUrl)).text()).to.include('<html lang="en">')
    const wrong = await send(`${redirectUrl}?lang=id`, { otp: '0', action: 'confirm' })
    expect(await wrong.text()).to.include('role="alert">Kode OTP salah<')
  })

  it('is looked at anew after each form, so that Back and Reload send none again', async () => {
    const { origin, pathname } = new URL(redirectUrl)
    const post = (fields: object) =>
      supertest(origin).post(`${pathname}?lang=id`).set('sec-fetch-mode', 'navigate').type('form').send(fields)
    const wrong = await post({ otp: '000000', action: 'confirm' })
    expect([wrong.status, wrong.headers.location]).to.deep.equal([303, `${pathname}?lang=id&wrong=otp`])
    const next = await look(origin + wrong.headers.location)
    expect(await next.text()).to.include('Kode OTP salah')
    const right = await post({ otp: ALICE.otp, action: 'confirm' })
    expect(right.headers.location).to.equal(`${pathname}?lang=id`)
  })

  it('is told to who observes, without its address', async () => {
    const visits: unknown[] = []
    scene.simulator.observe((event) => event.moment === 'page' && visits.push(event.page))
    await look(redirectUrl)
    await send(redirectUrl, { otp: '0', action: 'confirm' })
    expect(visits).to.deep.equal([
      { purpose: 'binding', method: 'GET', status: 200 },
      { purpose: 'binding', method: 'POST', status: 422 },
    ])
  })
})

describe('every page', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await Scene.open()
  })
  afterEach(() => scene.simulator.close())

  it('escapes what the merchant and the customer wrote', async () => {
    const { customerToken } = await scene.bind(CORE_V1)
    const reference = `<script>alert('1')</script>&"`
    const { webRedirectUrl } = (await scene.pay(CORE_V1, customerToken, reference)).body
    const html = await (await look(webRedirectUrl)).text()
    expect(html).to.include('&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;').and.not.to.include('<script')
  })

  it('runs no script, is not framed, and is not cached', async () => {
    const { redirectUrl } = (await scene.merchant.call(CORE_V1.binding, bindingBody(CORE_V1))).body
    const { headers } = await look(redirectUrl)
    expect(headers.get('content-security-policy')).to.match(
      /^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; img-src data:; base-uri 'none'; frame-ancestors 'none'$/,
    )
    expect(headers.get('cache-control')).to.equal('no-store')
    expect(headers.get('referrer-policy')).to.equal('no-referrer')
  })

  it('is found under its own generation’s address only', async () => {
    const { redirectUrl } = (await scene.merchant.call(CORE_V1.binding, bindingBody(CORE_V1))).body
    const elsewhere = [
      redirectUrl.replace('core/', ''),
      redirectUrl.replace('binding', 'payment'),
      `${scene.simulator.url}/direct-debit/ui/binding/core/1`,
    ]
    for (const url of elsewhere) {
      const answer = await look(url)
      expect(answer.status).to.equal(404)
      expect(await answer.text()).to.include('nothing here to confirm')
    }
  })

  it('has to exist before a test can act on it', () => {
    expect(() => scene.simulator.approveBinding('unknown')).to.throw('no binding page at unknown')
    expect(() => scene.simulator.approvePayment('unknown')).to.throw('no payment page at unknown')
    expect(() => scene.simulator.unlink('nobody')).to.throw('no account is linked to nobody')
  })
})
