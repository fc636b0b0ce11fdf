import { request as httpRequest } from 'node:http'
import { expect } from 'chai'
import type { Storage } from 'express-doku-ovo'
import { memoryStorage } from 'express-doku-ovo'
import { type Answer, bind, type JsonParser, type Shop, startShop } from '../../support/shop.ts'

/** A storage that counts its writes. */
function countingStorage(): Storage & { writes: number } {
  const memory = memoryStorage()
  const counting = {
    scope: memory.scope,
    writes: 0,
    read: (key: string) => memory.read(key),
    insert: (...args: Parameters<Storage['insert']>) => {
      counting.writes++
      return memory.insert(...args)
    },
    update: (...args: Parameters<Storage['update']>) => {
      counting.writes++
      return memory.update(...args)
    },
    remove: (key: string) => memory.remove(key),
    lease: (...args: Parameters<Storage['lease']>) => memory.lease(...args),
  }
  return counting
}

interface BadInput {
  readonly name: string
  /** An object, or the text as it is to be sent. */
  readonly body: unknown
  readonly field?: string
  readonly status?: number
  readonly code?: string
}

const invalid = (name: string, body: unknown, field: string): BadInput => ({ name, body, field })
const unreadable = (name: string, body: string): BadInput => ({ name, body, code: 'INVALID_BODY' })

const anyRoute: BadInput[] = [
  unreadable('nothing', ''),
  unreadable('no JSON', '{'),
  unreadable('null', 'null'),
  unreadable('text', '"phoneNo"'),
  unreadable('a number', '1e400'),
  unreadable('an array', '[]'),
  { name: '64 KiB', body: JSON.stringify({ phoneNo: 'x'.repeat(65536) }), status: 413, code: 'BODY_TOO_LARGE' },
  unreadable('30,000 brackets', '['.repeat(30_000)),
]

/** What `express.json()` lets through, or answers itself, is not ours to test behind it. */
const ownReaderOnly: BadInput[] = [
  invalid(
    'the same key twice',
    '{"orderId":"order-1","orderId":"order-1","phoneNo":"0","phoneNo":"081200000001"}',
    'orderId',
  ),
]

const bindBodies: BadInput[] = [
  invalid('no phoneNo', {}, 'phoneNo'),
  ...[null, 81200000001, 8.12e10, true, [], ['081200000001'], {}, { $ne: '' }, '', ' ', '0', '-6281200000001'].map(
    (phoneNo) => invalid(`phoneNo ${JSON.stringify(phoneNo)}`, { phoneNo }, 'phoneNo'),
  ),
  ...[
    '+1 202 555 0100',
    '6281200000001e3',
    '08120000000100000',
    '0812',
    '٠٨١٢٠٠٠٠٠٠٠١',
    `0812${'0'.repeat(10_000)}`,
  ].map((phoneNo) => invalid(`phoneNo ${phoneNo.slice(0, 20)}`, { phoneNo }, 'phoneNo')),
  invalid('an unknown field', { phoneNo: '081200000001', custIdMerchant: 'bob' }, 'custIdMerchant'),
  invalid('__proto__', '{"phoneNo":"081200000001","__proto__":{"id":"bob"}}', '__proto__'),
  invalid('constructor', { phoneNo: '081200000001', constructor: {} }, 'constructor'),
  invalid('a name too long', { phoneNo: '081200000001', customerName: 'x'.repeat(71) }, 'customerName'),
  invalid('a name with a line feed', { phoneNo: '081200000001', customerName: 'a\nb' }, 'customerName'),
  invalid('an email that is none', { phoneNo: '081200000001', email: 'alice' }, 'email'),
  invalid('a date with dashes', { phoneNo: '081200000001', dateOfBirth: '1999-01-01' }, 'dateOfBirth'),
]

const payBodies: BadInput[] = [
  invalid('no orderId', {}, 'orderId'),
  ...[null, 1, 1.5, true, [], ['order-1'], {}, '', ' ', 'x'.repeat(129), 'a\u0000b'].map((orderId) =>
    invalid(`orderId ${JSON.stringify(orderId).slice(0, 20)}`, { orderId }, 'orderId'),
  ),
  ...['10000.00', 10000, 1e4, 0, -1, { value: '1.00', currency: 'USD' }].map((amount) =>
    invalid(`an amount of its own, ${JSON.stringify(amount)}`, { orderId: 'order-1', amount }, 'amount'),
  ),
  ...['PAYLATER', 'cash', 1, ['CASH'], null].map((payMethod) =>
    invalid(`payMethod ${JSON.stringify(payMethod)}`, { orderId: 'order-1', payMethod }, 'payMethod'),
  ),
  invalid('__proto__', '{"orderId":"order-1","__proto__":{"x":1}}', '__proto__'),
]

const refundBodies: BadInput[] = [
  ...[null, 100, 1.5, 1e4, 0, -1, true, [], ['1.00'], {}, { value: '1.00', currency: 'IDR' }].map((amount) =>
    invalid(`amount ${JSON.stringify(amount)}`, { amount }, 'amount'),
  ),
  ...[
    '',
    '1',
    '1e4',
    '1.5',
    '1.005',
    '-1.00',
    '+1.00',
    '0.00',
    '01.00',
    ' 1.00',
    '1,000.00',
    '١.٠٠',
    'NaN',
    '0x1.00',
  ].map((amount) => invalid(`amount "${amount}"`, { amount }, 'amount')),
  invalid('an amount too long', { amount: `${'9'.repeat(17)}.00` }, 'amount'),
  { ...invalid('more than was paid', { amount: '10000.01' }, 'amount'), status: 409, code: 'REFUND_TOO_LARGE' },
  invalid('a currency of its own', { amount: '1.00', currency: 'USD' }, 'currency'),
  ...[null, 1, [], ['R-1'], {}, '', 'a/b', 'R 1', 'x'.repeat(65)].map((partnerRefundNo) =>
    invalid(`partnerRefundNo ${JSON.stringify(partnerRefundNo).slice(0, 20)}`, { partnerRefundNo }, 'partnerRefundNo'),
  ),
  ...[null, 1, [], {}, '', ' ', 'a\nb', 'x'.repeat(256)].map((reason) =>
    invalid(`reason ${JSON.stringify(reason).slice(0, 20)}`, { reason }, 'reason'),
  ),
  invalid('__proto__', '{"amount":"1.00","__proto__":{"x":1}}', '__proto__'),
  invalid('constructor', { amount: '1.00', constructor: {} }, 'constructor'),
]

interface Target {
  readonly route: string
  readonly bodies: readonly BadInput[]
  /** Where it is, for a payment of alice's that is paid. */
  readonly path: (partnerReferenceNo: string) => string
}

const targets: readonly Target[] = [
  { route: '/bindings', bodies: bindBodies, path: () => '/bindings' },
  { route: '/payments', bodies: payBodies, path: () => '/payments' },
  {
    route: '/payments/:partnerReferenceNo/refunds',
    bodies: refundBodies,
    path: (partnerReferenceNo) => `/payments/${partnerReferenceNo}/refunds`,
  },
]

/** What stands in the address instead of a reference. */
const badReferences = ['x', 'x'.repeat(33), '__proto__', '10000.00', '-1', '1e400', 'a%00b', '%5B%5D', '%F0%9F%92%B8']

function expectProblem(answer: Answer, { status = 400, code, field }: BadInput): void {
  expect(answer.status).to.equal(status)
  expect(answer.headers.get('content-type')).to.contain('application/problem+json')
  expect(answer.headers.get('cache-control')).to.equal('no-store')
  expect(answer.headers.get('x-content-type-options')).to.equal('nosniff')
  const wanted = code ?? (field === undefined ? 'INVALID_BODY' : 'INVALID_FIELD')
  expect(answer.body).to.include({ status, code: wanted, ...(field !== undefined && { field }) })
  expect(answer.body.type).to.match(new RegExp(`^https://.+/docs/errors\\.md#${wanted.toLowerCase()}$`))
  expect(answer.body.title).to.be.a('string').and.not.equal('')
  expect(answer.body.detail).to.be.a('string').and.not.equal('')
}

/** Where OVO's page sends the browser of whoever has just paid. */
function successPaymentUrl(shop: Shop): string {
  const payment = shop.simulator.calls.findLast(({ operation }) => operation === 'payment')
  return JSON.parse(payment?.body ?? '').additionalInfo.successPaymentUrl
}

/** A shop whose alice has paid an order, and which lets her refund it. */
async function startPaidShop(json: JsonParser, storage: Storage): Promise<{ shop: Shop; partnerReferenceNo: string }> {
  const orders = { 'order-0': { amount: '10000.00' }, 'order-1': { amount: '10000.00' } }
  const options = { storage, api: 'core-v1', authorizeRefund: () => true } as const
  const shop = await startShop({ json, options, orders })
  await bind(shop, 'alice', '081200000001')
  const { body } = await shop.request('alice', 'POST', '/payments', { orderId: 'order-0' })
  shop.simulator.approvePayment(body.webRedirectUrl)
  await shop.simulator.settled()
  // A global express.json() has eaten the notification: then DOKU is asked when the browser comes back.
  await fetch(successPaymentUrl(shop), { redirect: 'manual' })
  // All that is to be told has been told: nothing is written any more.
  await shop.ovo.service.reconcile()
  return { shop, partnerReferenceNo: body.partnerReferenceNo }
}

for (const json of ['none', 'before-keeping-raw-body', 'before'] satisfies JsonParser[]) {
  for (const { route, bodies, path } of targets) {
    describe(`bad input to POST ${route}, express.json() ${json}`, () => {
      let shop: Shop
      let partnerReferenceNo: string
      const storage = countingStorage()
      before(async () => {
        ;({ shop, partnerReferenceNo } = await startPaidShop(json, storage))
      })
      after(() => shop.close())

      const inputs = json === 'none' ? [...anyRoute, ...ownReaderOnly, ...bodies] : bodies
      for (const input of inputs) {
        it(`${input.name}: names what is wrong, stores nothing, sends nothing`, async () => {
          const before = { calls: shop.simulator.calls.length, writes: storage.writes }
          expectProblem(await shop.request('alice', 'POST', path(partnerReferenceNo), input.body), input)
          expect({ calls: shop.simulator.calls.length, writes: storage.writes }).to.deep.equal(before)
          expect(shop.errors).to.deep.equal([])
        })
      }
    })
  }
}

describe('bad input to a webhook', () => {
  let shop: Shop
  const storage = countingStorage()
  before(async () => {
    ;({ shop } = await startPaidShop('none', storage))
  })
  after(() => shop.close())

  for (const path of ['/webhooks/token', '/webhooks/notification']) {
    for (const { name, body } of anyRoute) {
      it(`${path}, ${name}: is 4xx in SNAP’s shape, stores nothing, sends nothing`, async () => {
        const before = { calls: shop.simulator.calls.length, writes: storage.writes }
        const answer = await shop.request('', 'POST', path, body)
        expect(answer.status).to.be.within(400, 499)
        expect(answer.body.responseCode).to.match(new RegExp(`^${answer.status}(73|56)\\d\\d$`))
        expect(answer.body.responseMessage).to.be.a('string').with.length.within(1, 150)
        expect({ calls: shop.simulator.calls.length, writes: storage.writes }).to.deep.equal(before)
        expect(shop.errors).to.deep.equal([])
      })
    }
  }
})

describe('an address with what is no reference in it', () => {
  let shop: Shop
  const storage = countingStorage()
  before(async () => {
    ;({ shop } = await startPaidShop('none', storage))
  })
  after(() => shop.close())

  for (const reference of badReferences) {
    for (const [method, path] of [
      ['GET', `/payments/${reference}`],
      ['POST', `/payments/${reference}/refunds`],
    ] as const) {
      it(`${method} ${path.slice(0, 40)}: is 404, names the field, stores nothing, sends nothing`, async () => {
        const before = { calls: shop.simulator.calls.length, writes: storage.writes }
        const { status, body } = await shop.request('alice', method, path, method === 'POST' ? {} : undefined)
        expect([status, body.code, body.field]).to.deep.equal([404, 'PAYMENT_NOT_FOUND', 'partnerReferenceNo'])
        expect({ calls: shop.simulator.calls.length, writes: storage.writes }).to.deep.equal(before)
        expect(shop.errors).to.deep.equal([])
      })
    }
  }
})

describe('requests that are not for a customer', () => {
  let shop: Shop
  before(async () => {
    shop = await startShop()
  })
  after(() => shop.close())

  const customerRoutes = [
    ['POST', '/bindings'],
    ['GET', '/bindings'],
    ['DELETE', '/bindings'],
    ['GET', '/balance'],
    ['POST', '/payments'],
    ['GET', '/payments/x'],
  ] as const
  for (const [method, path] of customerRoutes) {
    it(`${method} ${path} without anybody signed in is 401`, async () => {
      const answer = await shop.request('', method, path, method === 'POST' ? { phoneNo: '081200000001' } : undefined)
      expect([answer.status, answer.body.code]).to.deep.equal([401, 'UNAUTHENTICATED'])
    })
  }

  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonx',
    '',
  ]) {
    it(`a body of type "${type}" is 415`, async () => {
      const answer = await shop.request('alice', 'POST', '/bindings', '{"phoneNo":"081200000001"}', {
        'content-type': type,
      })
      expect([answer.status, answer.body.code]).to.deep.equal([415, 'UNSUPPORTED_MEDIA_TYPE'])
    })
  }

  it('a compressed body is 415', async () => {
    const answer = await shop.request('alice', 'POST', '/bindings', '{}', { 'content-encoding': 'gzip' })
    expect([answer.status, answer.body.code]).to.deep.equal([415, 'UNSUPPORTED_MEDIA_TYPE'])
  })

  it('a body without a length that grows too large is 413 before it ends', async () => {
    const { port } = new URL(shop.url)
    const status = await new Promise((resolve, reject) => {
      const req = httpRequest({
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/bindings',
        headers: { 'x-customer': 'alice', 'content-type': 'application/json' },
      })
      req.on('response', (res) => {
        resolve(res.statusCode)
        req.destroy()
      })
      req.on('error', reject)
      req.write(`{"phoneNo":"${'0'.repeat(40_000)}`)
    })
    expect(status).to.equal(413)
  })
})

describe('what the host’s own functions get wrong', () => {
  it('goes to the host’s error handler, naming the function and the field', async () => {
    const shop = await startShop({ options: { identify: () => ({ id: 'a b' }) } })
    expect((await shop.request('alice', 'GET', '/bindings')).status).to.equal(500)
    expect(String(shop.errors[0])).to.contain('identify().id')
    await shop.close()
  })

  it('is not hidden when it throws', async () => {
    const failure = new Error('the session store is down')
    const shop = await startShop({ options: { identify: () => Promise.reject(failure) } })
    expect((await shop.request('alice', 'GET', '/bindings')).body).to.equal('the host’s own error page')
    expect(shop.errors).to.deep.equal([failure])
    await shop.close()
  })

  for (const amount of ['10000', '1e4', '-1.00', '0.00', '10000.005', '10,000.00', 10000 as unknown as string]) {
    it(`an order of ${amount} is refused before anything is stored or sent`, async () => {
      const storage = countingStorage()
      const shop = await startShop({ orders: { 'order-1': { amount } }, options: { storage } })
      await bind(shop, 'alice', '081200000001')
      const before = { calls: shop.simulator.calls.length, writes: storage.writes }
      expect((await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })).status).to.equal(500)
      expect(String(shop.errors[0])).to.contain('findOrder().amount')
      expect({ calls: shop.simulator.calls.length, writes: storage.writes }).to.deep.equal(before)
      await shop.close()
    })
  }
})
