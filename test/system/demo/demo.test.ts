import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Browser } from '../../../demo/browser.ts'
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

  const signedIn = async (personId: string) => {
    const browser = new Browser(url)
    expect((await browser.request('POST', '/api/session', { personId })).status).to.equal(201)
    return browser
  }

  it('prints the phone number, OTP and PIN that each customer needs', () => {
    expect(demo.stdout).to.match(/alice +phone 6281200000001 +OTP 111111 +PIN 111111/)
    expect(demo.stdout).to.match(/bob +phone 6281200000002 +OTP 222222 +PIN 222222/)
  })

  for (const path of ['/', '/checkout', '/account', '/orders', '/operator', '/backstage']) {
    it(`serves ${path}, which may run its own script only and loads nothing from elsewhere`, async () => {
      const page = await fetch(url + path)
      expect(page.status).to.equal(200)
      const policy = page.headers.get('content-security-policy')
      expect(policy).to.include("default-src 'none'").and.include("script-src 'self'").and.not.include('unsafe')
      expect(policy).to.include("frame-ancestors 'none'")
      const html = await page.text()
      expect(html).not.to.match(/\bhttps?:|\bon[a-z]+=|\bstyle=|<style|javascript:/)
      for (const [, part = ''] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
        expect((await fetch(url + part)).status, part).to.equal(200)
      }
    })
  }

  it('puts text into its pages as text only', () => {
    const scripts = readdirSync('demo/public/js', { recursive: true, encoding: 'utf8' }).filter((name) =>
      /js$/.test(name),
    )
    expect(scripts).to.have.length.greaterThan(10)
    for (const name of scripts) {
      const source = readFileSync(join('demo/public/js', name), 'utf8')
      expect(source, name).not.to.match(
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|https?:\/\/(?!www\.w3\.org)/,
      )
    }
  })

  it('says everything in two languages', async () => {
    const path = new URL('../../../demo/public/js/words.js', import.meta.url).href
    const { words } = (await import(path)) as { words: Record<string, string[]> }
    for (const [name, texts] of Object.entries(words)) {
      expect(texts, name).to.have.length(2)
      const [fields, felder] = texts.map((text) => (text.match(/\{\w+\}/g) ?? []).sort())
      expect(fields, name).to.deep.equal(felder)
    }
  })

  it('signs in with a random session id that no script can read and no other site can use', async () => {
    const cookies = await Promise.all(['alice', 'alice'].map(signInCookie))
    for (const cookie of cookies) {
      expect(cookie).to.match(/^sid=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
    }
    expect(cookies[0]).not.to.equal(cookies[1])
  })

  async function signInCookie(personId: string): Promise<string | null> {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}/api/session`, { method: 'POST', headers, body: JSON.stringify({ personId }) })
    return answer.headers.get('set-cookie')
  }

  it('knows nobody but its customers, and answers a broken body as the caller’s mistake', async () => {
    const stranger = new Browser(url)
    expect((await stranger.request('POST', '/api/session', { personId: 'mallory' })).status).to.equal(400)
    expect((await stranger.request('GET', '/api/orders')).status).to.equal(401)
    expect((await stranger.request('GET', '/ovo/bindings')).status).to.equal(401)
    const headers = { 'content-type': 'application/json', cookie: 'sid=' }
    const broken = await fetch(`${url}/api/session`, { method: 'POST', headers, body: '{' })
    expect(broken.status).to.equal(400)
    expect(await broken.text()).not.to.include('demo/')
  })

  it('takes a customer through linking and paying on OVO’s pages, and keeps it from the other customer', async () => {
    const bob = await signedIn('bob')
    const binding = (await bob.request('POST', '/ovo/bindings', { phoneNo: '0812 0000 0002' })).body
    const otpPage = await bob.open(String(binding.redirectUrl))
    const pinPage = await bob.send(otpPage, { otp: '222222' })
    const linked = await bob.open((await bob.send(pinPage, { pin: '222222' })).location ?? '')
    expect(linked.url).to.equal(`${url}/account?purpose=binding&status=active`)

    const orderId = await order(bob, 'basket')
    const payment = (await bob.request('POST', '/ovo/payments', { orderId })).body
    const reference = String(payment.partnerReferenceNo)
    const page = await bob.open(String(payment.webRedirectUrl))
    const wrong = await bob.send(page, { pin: '999999' })
    expect(wrong.location).to.equal(undefined)
    const paid = await bob.open((await bob.send(page, { pin: '222222' })).location ?? '')
    expect(paid.url).to.equal(`${url}/orders?purpose=payment&status=paid&partnerReferenceNo=${reference}`)

    await demo.printed(new RegExp(`hook paymentChanged: order ${orderId} \\S+ → paid`))
    const [mine] = Object.values((await bob.request('GET', '/api/orders')).body)
    expect(mine).to.deep.include({ id: orderId, customerId: 'bob', amount: '120000.00' })
    expect(mine).to.have.nested.property('payments[0].status', 'paid')

    const alice = await signedIn('alice')
    expect((await alice.request('GET', `/ovo/payments/${reference}`)).body.code).to.equal('PAYMENT_NOT_FOUND')
    expect((await alice.request('POST', '/ovo/payments', { orderId })).body.code).to.equal('ORDER_NOT_FOUND')
    expect(Object.values((await alice.request('GET', '/api/orders')).body)).to.deep.equal([])
    const refund = await alice.request('POST', `/ovo/payments/${reference}/refunds`, {})
    expect(refund.body.code).to.equal('FORBIDDEN')
  })

  async function order(browser: Browser, itemId: string): Promise<string> {
    const { body } = await browser.request('PUT', `/api/basket/${itemId}`, { quantity: 1 })
    return String((await browser.request('POST', '/api/orders', { basketId: body.id })).body.id)
  }

  it('orders a basket once, whoever sends it again, and nothing that is not in the catalogue', async () => {
    const alice = await signedIn('alice')
    const { body: basket } = await alice.request('PUT', '/api/basket/coffee', { quantity: 2 })
    const [first, second] = await Promise.all(
      [1, 2].map(() => alice.request('POST', '/api/orders', { basketId: basket.id })),
    )
    expect(first?.body.id).to.equal(second?.body.id)
    expect(first?.body.amount).to.equal('170000.00')
    for (const [itemId, quantity] of [
      ['yacht', 1],
      ['coffee', -1],
      ['coffee', 1.5],
      ['coffee', 10],
      ['coffee', '1'],
    ]) {
      expect((await alice.request('PUT', `/api/basket/${itemId}`, { quantity })).status).to.equal(400)
    }
    expect((await alice.request('POST', '/api/orders', { basketId: '' })).status).to.equal(409)
  })

  it('shows the operator everything, and the customers nothing of it', async () => {
    const bob = await signedIn('bob')
    expect((await bob.request('GET', '/operator/api/overview')).status).to.equal(403)
    expect((await bob.request('POST', '/operator/api/reconciliation')).status).to.equal(403)
    const ratna = await signedIn('ratna')
    const { body } = await ratna.request('GET', '/operator/api/overview')
    expect(body).to.have.nested.property('bindings[1].phoneNo', '62*******0002')
    expect(JSON.stringify(body)).not.to.match(/direct-debit\/ui|6281200000002/)
    expect((await ratna.request('GET', '/api/orders')).status).to.equal(401)
  })

  it('lets a session end', async () => {
    const alice = await signedIn('alice')
    expect((await alice.request('GET', '/api/session')).body).to.have.property('person')
    expect((await alice.request('DELETE', '/api/session')).status).to.equal(204)
    expect((await alice.request('GET', '/api/session')).body).not.to.have.property('person')
  })

  it('sends who typed localhost to the address that the cookie belongs to', async () => {
    const { port } = new URL(url)
    const request = get({ host: '127.0.0.1', port, path: '/?a=b', headers: { host: `localhost:${port}` } })
    const [response] = await once(request, 'response')
    response.resume()
    expect([response.statusCode, response.headers.location]).to.deep.equal([303, `${url}/?a=b`])
  })

  it('stops with exit code 0 on Ctrl-C, also when npm and the terminal both pass it on, in the middle of things', async () => {
    const alice = await signedIn('alice')
    const { body: binding } = await alice.request('POST', '/ovo/bindings', { phoneNo: '081200000001' })
    const pinPage = await alice.send(await alice.open(String(binding.redirectUrl)), { otp: '111111' })
    await alice.open((await alice.send(pinPage, { pin: '111111' })).location ?? '')
    await alice.request('POST', '/backstage/scenario', { scenario: 'timeout' })
    const events = (await fetch(`${url}/backstage/events`)).body?.pipeThrough(new TextDecoderStream()).getReader()
    const orderId = await order(alice, 'scarf')
    const cut = alice.request('POST', '/ovo/payments', { orderId }).catch(() => undefined)
    let heard = ''
    while (!/payment-host-to-host","answer":"","tone":"pending"/.test(heard))
      heard += (await events?.read())?.value ?? ''
    demo.stop('SIGINT')
    expect(await demo.stop('SIGINT')).to.equal(0)
    expect(demo.stdout).to.match(/Stopped\.\n$/)
    expect(demo.stderr).to.equal('')
    await cut
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
      await demo.printed(/The shop is at https:\/\/tunnel\.example\nThe demo uses DOKU's sandbox/)
      await demo.printed(/notification URL +https:\/\/tunnel\.example\/ovo\/webhooks\/notification\n/)
    } finally {
      await demo.stop('SIGTERM')
    }
    expect(demo.stdout).not.to.include('simulator')
  })

  it('says where it keeps things, and how to start from the beginning', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'demo-kept-'))
    const demo = new DemoProcess(['--keep', folder], { PORT: '0' })
    try {
      const [, kept] = await demo.printed(/State is kept in (\S+); delete that folder to start from the beginning\.\n/)
      expect(kept).to.equal(folder)
      await demo.printed(/Ctrl-C stops it/)
      expect(await demo.stop('SIGINT')).to.equal(0)
    } finally {
      await demo.stop('SIGKILL')
      rmSync(folder, { recursive: true })
    }
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
