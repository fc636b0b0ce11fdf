import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { Browser } from '../../demo/browser.ts'
import { DemoProcess } from './child.ts'

describe('npm run demo', () => {
  let demo: DemoProcess
  let url: string
  before(async () => {
    demo = new DemoProcess([], { PORT: '0' })
    url = (await demo.printed(/The shop is at (http:\/\/127\.0\.0\.1:\d+)\n/))[1] ?? ''
    await demo.printed(/Ctrl-C stops it/)
  })
  after(() => demo.stop('SIGKILL'))

  const signedIn = async (customerId: string) => {
    const browser = new Browser(url)
    expect((await browser.request('POST', '/session', { customerId })).status).to.equal(201)
    return browser
  }

  it('prints the phone number, OTP and PIN that each customer needs', () => {
    expect(demo.stdout).to.match(/alice +phone 6281200000001 +OTP 111111 +PIN 111111/)
    expect(demo.stdout).to.match(/bob +phone 6281200000002 +OTP 222222 +PIN 222222/)
  })

  it('serves a page that may run its own script only and loads nothing from elsewhere', async () => {
    const page = await fetch(url)
    const policy = page.headers.get('content-security-policy')
    expect(policy).to.include("default-src 'none'").and.include("script-src 'self'").and.not.include('unsafe')
    expect(policy).to.include("frame-ancestors 'none'")
    const html = await page.text()
    expect(html).not.to.match(/\bhttps?:|\bon[a-z]+=|\bstyle=|<style|javascript:/)
    for (const [, path] of html.matchAll(/(?:src|href)="([^"/]+)"/g)) {
      const part = await fetch(`${url}/${path}`)
      expect(part.status, path).to.equal(200)
      expect(await part.text(), path).not.to.match(/innerHTML|outerHTML|insertAdjacentHTML|document\.write/)
    }
  })

  it('signs in with a random session id that no script can read and no other site can use', async () => {
    const cookies = await Promise.all(['alice', 'alice'].map(signInCookie))
    for (const cookie of cookies) {
      expect(cookie).to.match(/^sid=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
    }
    expect(cookies[0]).not.to.equal(cookies[1])
  })

  async function signInCookie(customerId: string): Promise<string | null> {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}/session`, { method: 'POST', headers, body: JSON.stringify({ customerId }) })
    return answer.headers.get('set-cookie')
  }

  it('knows nobody but its customers, and answers a broken body as the caller’s mistake', async () => {
    const stranger = new Browser(url)
    expect((await stranger.request('POST', '/session', { customerId: 'mallory' })).status).to.equal(400)
    expect((await stranger.request('GET', '/orders')).status).to.equal(401)
    expect((await stranger.request('GET', '/ovo/bindings')).status).to.equal(401)
    const headers = { 'content-type': 'application/json', cookie: 'sid=' }
    const broken = await fetch(`${url}/session`, { method: 'POST', headers, body: '{' })
    expect(broken.status).to.equal(400)
    expect(await broken.text()).not.to.include('demo/')
  })

  it('takes a customer through linking and paying on OVO’s pages, and keeps it from the other customer', async () => {
    const bob = await signedIn('bob')
    const binding = (await bob.request('POST', '/ovo/bindings', { phoneNo: '0812 0000 0002' })).body
    const otpPage = await bob.open(String(binding.redirectUrl))
    const pinPage = await bob.send(otpPage, { otp: '222222' })
    const linked = await bob.open((await bob.send(pinPage, { pin: '222222' })).location ?? '')
    expect(linked.url).to.equal(`${url}/?purpose=binding&status=active`)

    const payment = (await bob.request('POST', '/ovo/payments', { orderId: 'B-2001' })).body
    const reference = String(payment.partnerReferenceNo)
    const page = await bob.open(String(payment.webRedirectUrl))
    const wrong = await bob.send(page, { pin: '999999' })
    expect(wrong.location).to.equal(undefined)
    const paid = await bob.open((await bob.send(page, { pin: '222222' })).location ?? '')
    expect(paid.url).to.equal(`${url}/?purpose=payment&status=paid&partnerReferenceNo=${reference}`)

    await demo.printed(/hook paymentChanged: order B-2001 \S+ → paid/)
    const orders = Object.values((await bob.request('GET', '/orders')).body)
    expect(orders).to.deep.include({
      id: 'B-2001',
      customerId: 'bob',
      title: 'Rattan basket',
      amount: '120000.00',
      payment: { partnerReferenceNo: reference, status: 'paid' },
    })

    const alice = await signedIn('alice')
    expect((await alice.request('GET', `/ovo/payments/${reference}`)).body.code).to.equal('PAYMENT_NOT_FOUND')
    expect((await alice.request('POST', '/ovo/payments', { orderId: 'B-2002' })).body.code).to.equal('ORDER_NOT_FOUND')
    expect(Object.values((await alice.request('GET', '/orders')).body)).to.have.length(3)
  })

  it('lets a session end', async () => {
    const alice = await signedIn('alice')
    expect((await alice.request('GET', '/session')).body).to.have.property('customer')
    expect((await alice.request('DELETE', '/session')).status).to.equal(204)
    expect((await alice.request('GET', '/session')).body).not.to.have.property('customer')
  })

  it('sends who typed localhost to the address that the cookie belongs to', async () => {
    const { port } = new URL(url)
    const request = get({ host: '127.0.0.1', port, path: '/?a=b', headers: { host: `localhost:${port}` } })
    const [response] = await once(request, 'response')
    response.resume()
    expect([response.statusCode, response.headers.location]).to.deep.equal([303, `${url}/?a=b`])
  })

  it('stops with exit code 0 on Ctrl-C, also when npm and the terminal both pass it on', async () => {
    demo.stop('SIGINT')
    expect(await demo.stop('SIGINT')).to.equal(0)
    expect(demo.stdout).to.match(/Stopped\.\n$/)
    expect(demo.stderr).to.equal('')
  })
})

describe('npm run demo, set up otherwise', () => {
  it('takes a free port and says so when the wanted one is taken', async () => {
    const squatter = createServer().listen(0, '127.0.0.1')
    await once(squatter, 'listening')
    const { port } = squatter.address() as AddressInfo
    const demo = new DemoProcess([], { PORT: String(port) })
    try {
      const [, taken, used] = await demo.printed(/Port (\d+) is taken; using (\d+)\.\nThe shop is at \S+:\2\n/)
      expect(taken).to.equal(String(port))
      expect(used).not.to.equal(String(port))
    } finally {
      await demo.stop('SIGTERM')
      squatter.close()
    }
  })

  it('names what is missing in a .env that is filled in partly, quotes nothing of it, and does not start', async () => {
    const demo = new DemoProcess([], { DOKU_CLIENT_ID: 'BRN-1', DOKU_SECRET_KEY: 'SK-not-to-be-quoted' })
    expect(await demo.ended()).to.equal(1)
    expect(demo.stderr).to.include('missing: DOKU_PRIVATE_KEY, DOKU_PUBLIC_KEY, PUBLIC_URL')
    expect(demo.stdout + demo.stderr).not.to.include('SK-not-to-be-quoted')
  })

  it('uses DOKU’s sandbox when the .env is complete, with the key as one line and encrypted', async () => {
    const demo = new DemoProcess([], sandboxVariables())
    try {
      await demo.printed(/The shop is at https:\/\/tunnel\.example\nDOKU's sandbox is used/)
      await demo.printed(/notification URL +https:\/\/tunnel\.example\/ovo\/webhooks\/notification\n/)
    } finally {
      await demo.stop('SIGTERM')
    }
    expect(demo.stdout).not.to.include('simulator')
  })

  it('leaves walking through DOKU’s sandbox to a person', async () => {
    const demo = new DemoProcess(['--script'], sandboxVariables())
    expect(await demo.ended()).to.equal(1)
    expect(demo.stderr).to.match(/^--script needs the simulator/)
  })

  it('tells what is wrong with a key in the words of the plug-in, without a stack', async () => {
    const demo = new DemoProcess([], { ...sandboxVariables(), DOKU_PRIVATE_KEY: 'not a key!' })
    expect(await demo.ended()).to.equal(1)
    expect(demo.stderr)
      .to.match(/- privateKey: /)
      .and.not.match(/ {4}at /)
  })
})

function sandboxVariables(): Record<string, string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const passphrase = 'open sesame'
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
  return {
    PORT: '0',
    PUBLIC_URL: 'https://tunnel.example/',
    DOKU_CLIENT_ID: 'BRN-0001',
    DOKU_SECRET_KEY: 'SK-0001',
    DOKU_PRIVATE_KEY: String(pem).replaceAll('\n', '\\n'),
    DOKU_PRIVATE_KEY_PASSPHRASE: passphrase,
    DOKU_PUBLIC_KEY: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  }
}
