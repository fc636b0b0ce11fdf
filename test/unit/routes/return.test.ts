import { expect } from 'chai'
import supertest from 'supertest'
import { alicesPhone, bind, poorPhone, type Shop, startShop } from '../../support/shop.ts'

const pathOf = (shop: Shop, url: string) => url.slice(shop.url.length)

/** The address to which OVO's page sends the browser back, as DOKU was told it. */
function returnPath(shop: Shop, field: string): string {
  const call = shop.simulator.calls.findLast(({ body }) => JSON.stringify(body).includes(field))
  const { additionalInfo } = JSON.parse(String(call?.body ?? '{}')) as { additionalInfo?: Record<string, string> }
  return pathOf(shop, additionalInfo?.[field] ?? '')
}

describe('the browser coming back from OVO', () => {
  let shop: Shop
  const returnUrls = { binding: 'https://shop.example/account?tab=ovo', payment: 'https://shop.example/orders' }

  afterEach(() => shop.close())

  it('links the account by asking DOKU, when DOKU sends no binding notification', async () => {
    shop = await startShop({ simulator: { sendsBindingNotification: false }, options: { returnUrls } })
    const { body } = await shop.request('alice', 'POST', '/bindings', { phoneNo: alicesPhone })
    shop.simulator.approveBinding(body.redirectUrl)
    const answer = await supertest(shop.url).get(returnPath(shop, 'successRegistrationUrl')).expect(303)
    expect(answer.headers.location).to.equal('https://shop.example/account?tab=ovo&purpose=binding&status=active')
    expect(answer.headers).to.include({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    expect((await shop.request('alice', 'GET', '/bindings')).body.status).to.equal('active')
  })

  it('does not believe a success that DOKU knows nothing of', async () => {
    shop = await startShop({ options: { returnUrls, sleep: async () => {} } })
    await shop.request('alice', 'POST', '/bindings', { phoneNo: alicesPhone })
    const answer = await supertest(shop.url).get(returnPath(shop, 'successRegistrationUrl')).expect(303)
    expect(answer.headers.location).to.contain('status=pending')
  })

  it('does not believe a failure either, when DOKU says the customer agreed', async () => {
    shop = await startShop({ simulator: { sendsBindingNotification: false }, options: { returnUrls } })
    const { body } = await shop.request('alice', 'POST', '/bindings', { phoneNo: alicesPhone })
    shop.simulator.approveBinding(body.redirectUrl)
    const answer = await supertest(shop.url).get(returnPath(shop, 'failedRegistrationUrl')).expect(303)
    expect(answer.headers.location).to.contain('status=active')
  })

  it('learns of a payment from DOKU, when the notification is lost', async () => {
    shop = await startShop({ options: { returnUrls } })
    await bind(shop, 'alice', alicesPhone)
    const { body } = await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
    shop.simulator.setMerchant({ tokenUrl: 'http://127.0.0.1:1/', notificationUrl: 'http://127.0.0.1:1/' })
    shop.simulator.approvePayment(body.webRedirectUrl)
    const answer = await supertest(shop.url).get(returnPath(shop, 'successPaymentUrl')).expect(303)
    const query = new URL(answer.headers.location ?? '').searchParams
    expect(Object.fromEntries(query)).to.deep.equal({
      purpose: 'payment',
      status: 'paid',
      partnerReferenceNo: body.partnerReferenceNo,
    })
  })

  it('sees a small page of our own when the host has none', async () => {
    shop = await startShop()
    await bind(shop, 'poor', poorPhone)
    const { body } = await shop.request('poor', 'POST', '/payments', { orderId: 'order-1' })
    shop.simulator.declinePayment(body.webRedirectUrl)
    await shop.simulator.settled()
    const answer = await supertest(shop.url).get(returnPath(shop, 'failedPaymentUrl')).expect(200)
    expect(answer.headers['content-type']).to.equal('text/html; charset=utf-8')
    expect(answer.headers['content-security-policy']).to.contain("default-src 'none'")
    expect(answer.text).to.match(/The payment (failed|was cancelled)\./)
    expect(answer.text).not.to.contain('<script')
  })

  it('is told nothing at an address that we did not write, wrote for something else, or that was changed', async () => {
    shop = await startShop()
    await shop.request('alice', 'POST', '/bindings', { phoneNo: alicesPhone })
    const path = returnPath(shop, 'successRegistrationUrl')
    const swapped = path.replace('/binding/', '/payment/')
    const tampered = path.replace(/g\/(.)/, (_whole, first) => `g/${first === 'A' ? 'B' : 'A'}`)
    const calls = shop.simulator.calls.length
    for (const address of [swapped, tampered, '/return/binding/x.y/success', '/return/refund/x/success']) {
      const answer = await supertest(shop.url).get(address).expect(404)
      expect(answer.text).to.contain('This address is not valid')
    }
    expect(shop.simulator.calls).to.have.length(calls)
  })
})

describe('GET /health', () => {
  it('says what is mounted and that the storage answers, and no secret', async () => {
    const shop = await startShop({ options: { routes: { balance: false } } })
    const { body } = await supertest(shop.url).get('/health').expect(200)
    expect(body).to.deep.include({ status: 'ok', api: 'ovo-v1.0', storage: { scope: 'process', reachable: true } })
    expect(body.routes).to.include('POST /payments').and.not.include('GET /balance')
    await supertest(shop.url).get('/balance').set('x-customer', 'alice').expect(404)
    await shop.close()
  })

  it('is 503 while the storage is away', async () => {
    const away = () => Promise.reject(new Error('down'))
    const storage = { scope: 'process', read: away, insert: away, update: away, remove: away, lease: away } as const
    const shop = await startShop({ options: { storage } })
    const { body } = await supertest(shop.url).get('/health').expect(503)
    expect(body).to.deep.include({ status: 'unavailable', storage: { scope: 'process', reachable: false } })
    await shop.close()
  })
})
