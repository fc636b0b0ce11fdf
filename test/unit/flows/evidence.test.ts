import { expect } from 'chai'
import { memoryStorage, type PaymentChangedEvent, StorageError } from 'express-doku-ovo'
import fc from 'fast-check'
import { type Heard, permits } from '../../../lib/flows/evidence.ts'
import { withAnswer, withClaim, withUnknown, withUpdate } from '../../../lib/flows/orders/payment-news.ts'
import type { PaymentRecord } from '../../../lib/flows/orders/payment-record.ts'
import { decorate, type StorageCall } from '../../support/decorate.ts'
import { startDokuPost, unbearing } from '../../support/doku-post.ts'
import { idr, refusal, statusReply } from '../../support/fake-doku.ts'
import { alice, bob, link, rejection, type Scene, spied, startScene } from '../../support/scene.ts'
import { testOptions } from '../../support/shop.ts'

const minute = 60
const hour = 60 * minute
const day = 24 * hour
const order = { orderId: 'order-1' }
const lost = refusal('5045400')
const failed = refusal('4035414', 'Insufficient Funds')
const unknown = refusal('4045501')

describe('weak evidence', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await startScene({ ...unbearing, api: 'core-v1', reconcileEveryMs: false })
    await link(scene)
  })
  afterEach(() => scene.close())

  const pay = async () => (await scene.ovo.service.pay(alice, order)).payment
  const find = (reference: string) => scene.ovo.service.payment(alice, reference)
  const wait = async (seconds: number) => {
    scene.clock.passSeconds(seconds)
    await scene.ovo.service.reconcile()
  }
  /** DOKU's status of each payment, by its reference. */
  const statuses = (known: Readonly<Record<string, string>>) => {
    scene.doku.always.status = (response, { body }) => {
      const digits = known[body.originalPartnerReferenceNo]
      response.writeHead(digits ? 200 : 404, { 'content-type': 'application/json' })
      const answered = digits
        ? { responseCode: '2005500', latestTransactionStatus: digits }
        : { responseCode: '4045501', responseMessage: 'Transaction Not Found' }
      response.end(JSON.stringify(answered))
    }
  }
  const errors = () => scene.logged.filter(({ level }) => level === 'error').map(({ message }) => message)

  it('never ends a payment that DOKU acknowledged: "not found" frees its order after 7 days, not before', async () => {
    const { partnerReferenceNo, referenceNo } = await pay()
    expect(referenceNo).to.be.a('string')
    scene.doku.always.status = unknown
    await wait(31 * minute)
    await wait(1)
    for (let passed = 0; passed < 6 * day; passed += 6 * hour) await wait(6 * hour)
    expect((await find(partnerReferenceNo)).status).to.equal('awaiting-customer')
    expect((await scene.ovo.service.pay(alice, order)).created).to.equal(false)
    for (let passed = 0; passed < 2 * day; passed += 6 * hour) await wait(6 * hour)
    expect((await find(partnerReferenceNo)).failure?.code).to.equal('EXPIRED')
  })

  it('is two answers at one moment: two "not found" count only 15 minutes apart by DOKU’s clock', async () => {
    scene.doku.next('payment', lost)
    const { partnerReferenceNo } = await pay()
    scene.doku.always.status = unknown
    let dokuTime = scene.clock.now + 31 * minute * 1000
    scene.doku.now = () => dokuTime
    for (let times = 0; times < 5; times++) await wait(2 * hour)
    expect((await find(partnerReferenceNo)).status).to.equal('unknown')
    dokuTime -= 20 * minute * 1000
    await wait(day)
    expect((await find(partnerReferenceNo)).status).to.equal('unknown')
    dokuTime += 35 * minute * 1000
    await wait(day)
    expect((await find(partnerReferenceNo)).failure?.code).to.equal('NOT_FOUND')
  })

  it('is a 404 without SNAP’s responseCode, however often it comes', async () => {
    scene.doku.next('payment', lost)
    const { partnerReferenceNo } = await pay()
    scene.doku.always.status = { status: 404, body: '<html>no such page</html>' }
    for (let times = 0; times < 6; times++) await wait(day)
    expect((await find(partnerReferenceNo)).status).to.equal('unknown')
  })

  it('is DOKU’s "failed": it is asked again after an hour, a day, three and seven days, and a late success is told', async () => {
    scene.doku.next('payment', failed)
    const { partnerReferenceNo } = await pay()
    const failedAt = scene.clock.now
    const askedAt: number[] = []
    scene.doku.always.status = statusReply('06')
    for (let passed = 0; passed < 8 * day; passed += hour) {
      const before = scene.doku.of('status').length
      if (passed > 6 * day) statuses({ [partnerReferenceNo]: '00' })
      await wait(hour)
      if (scene.doku.of('status').length > before) askedAt.push((scene.clock.now - failedAt) / 1000)
    }
    expect(askedAt).to.deep.equal([hour, day, 3 * day, 7 * day])
    const told = scene.events.filter((event): event is PaymentChangedEvent => event.type === 'paymentChanged')
    expect(told.map(({ payment }) => payment.status)).to.deep.equal(['failed', 'paid'])
  })

  it('about the last attempt says nothing about earlier ones: each that is not dead is asked about before a charge', async () => {
    scene.doku.next('payment', failed, failed)
    const first = await pay()
    statuses({ [first.partnerReferenceNo]: '06' })
    const second = await pay()
    statuses({ [first.partnerReferenceNo]: '00', [second.partnerReferenceNo]: '06' })
    const found = await scene.ovo.service.pay(alice, order)
    expect([found.created, found.payment.status]).to.deep.equal([false, 'paid'])
    expect(found.payment.partnerReferenceNo).to.equal(first.partnerReferenceNo)
    expect(scene.doku.of('payment')).to.have.length(2)
  })

  it('of a week frees an order that DOKU still calls pending; a late success of the old attempt is a second payment', async () => {
    const { partnerReferenceNo } = await pay()
    statuses({ [partnerReferenceNo]: '03' })
    for (let passed = 0; passed < 8 * day; passed += 6 * hour) await wait(6 * hour)
    const second = await scene.ovo.service.pay(alice, order)
    expect([second.created, second.payment.status]).to.deep.equal([true, 'awaiting-customer'])
    statuses({ [partnerReferenceNo]: '00', [second.payment.partnerReferenceNo]: '00' })
    for (let passed = 0; passed < 8 * day; passed += 6 * hour) await wait(6 * hour)
    expect((await find(partnerReferenceNo)).status).to.equal('paid')
    expect(scene.events.filter(({ type }) => type === 'orderPaidTwice')).to.have.length(1)
  })

  it('is an answer about something else: Bob’s payment is never shown to Alice, and nothing is known of hers', async () => {
    scene.doku.next('payment', {
      status: 200,
      body: {
        responseCode: '2005400',
        partnerReferenceNo: 'OF-BOB',
        webRedirectUrl: `${scene.doku.url}/payment/of-bob`,
      },
    })
    const payment = await pay()
    expect(payment.status).to.equal('unknown')
    expect(payment).not.to.have.property('webRedirectUrl')
    expect(errors()).to.deep.equal(['DOKU answered about something else'])
  })

  it('is an answer about another refund: a refund of 9000 stays reserved', async () => {
    const { partnerReferenceNo } = await pay()
    statuses({ [partnerReferenceNo]: '00' })
    await wait(minute)
    scene.doku.next('refund', { status: 200, body: { responseCode: '2005800', refundAmount: idr('1000.00') } })
    const { refund } = await scene.ovo.service.refund(partnerReferenceNo, { amount: '9000.00' })
    expect(refund.status).to.equal('unknown')
    expect(errors()).to.deep.equal(['DOKU answered about something else'])
    expect((await rejection(scene.ovo.service.refund(partnerReferenceNo, { amount: '1000.01' }))).code).to.equal(
      'REFUND_TOO_LARGE',
    )
  })

  it('is not the length of an answer: a status with 75 refunds is read', async () => {
    const { partnerReferenceNo } = await pay()
    const item = (index: number) => ({
      partnerRefundNo: `R-${index}`,
      refundNo: String(index),
      refundAmount: idr('1.00'),
      refundStatus: '00',
      refundDate: '2026-03-01',
      reason: 'x',
    })
    const refundHistory = Array.from({ length: 75 }, (_, index) => item(index))
    scene.doku.always.status = statusReply('00', { refundHistory })
    await wait(minute)
    expect((await find(partnerReferenceNo)).status).to.equal('paid')
  })

  it('is one failed write: OVO’s page is kept, and the record has it a moment later', async () => {
    const storage = spied(memoryStorage())
    const other = await startScene({ storage })
    await link(other)
    let failures = 1
    storage.before = (method, key) => {
      if (method === 'update' && key.includes('/order/') && failures-- > 0) throw new Error('away')
    }
    const { payment } = await other.ovo.service.pay(alice, order)
    expect(payment.webRedirectUrl).to.be.a('string')
    expect(await other.ovo.service.payment(alice, payment.partnerReferenceNo)).to.deep.equal(payment)
    await other.close()
  })

  describe('of a notification', () => {
    let post: Awaited<ReturnType<typeof startDokuPost>>
    const paid = (reference: string, originalReferenceNo = 'doku-1') =>
      post.send({
        originalPartnerReferenceNo: reference,
        latestTransactionStatus: '00',
        originalReferenceNo,
        amount: idr('10000.00'),
      })
    const open = async (options: Parameters<typeof startScene>[0] = {}) => {
      await scene.close()
      scene = await startScene({ ...unbearing, api: 'core-v1', reconcileEveryMs: false, ...options })
      await link(scene)
      post = await startDokuPost(scene.ovo, scene.clock)
    }
    afterEach(() => post.close())

    it('about a lost record blocks the order until DOKU decides: 00 is a paid attempt, and nothing is charged', async () => {
      await open()
      const { partnerReferenceNo } = await pay()
      await scene.storage.remove(await keyOf(partnerReferenceNo))
      await paid(partnerReferenceNo)
      statuses({ [partnerReferenceNo]: '03' })
      expect((await rejection(pay())).code).to.equal('ORDER_BUSY')
      statuses({})
      expect((await rejection(pay())).code).to.equal('ORDER_BUSY')
      statuses({ [partnerReferenceNo]: '00' })
      const found = await scene.ovo.service.pay(alice, order)
      expect([found.created, found.payment.status]).to.deep.equal([false, 'paid'])
      expect(found.payment.partnerReferenceNo).to.equal(partnerReferenceNo)
      expect(scene.doku.of('payment')).to.have.length(1)
    })

    it('about a lost record ends with DOKU’s 06, and the next attempt has another reference', async () => {
      await open()
      const { partnerReferenceNo } = await pay()
      await scene.storage.remove(await keyOf(partnerReferenceNo))
      await paid(partnerReferenceNo)
      statuses({ [partnerReferenceNo]: '06' })
      const next = await scene.ovo.service.pay(alice, order)
      expect(next.created).to.equal(true)
      expect(next.payment.partnerReferenceNo).not.to.equal(partnerReferenceNo)
    })

    it('that calls one attempt paid under another number is a second payment, and the log says so without a hook', async () => {
      await open({ hooks: {} })
      const { partnerReferenceNo } = await pay()
      await paid(partnerReferenceNo, 'charge-1')
      await paid(partnerReferenceNo, 'charge-1')
      expect(errors()).to.deep.equal([])
      await paid(partnerReferenceNo, 'charge-2')
      await paid(partnerReferenceNo, 'charge-2')
      expect(errors()).to.deep.equal(['an order was paid twice; refund one of its payments'])
    })

    it('is a claim with confirmPaid: "ask": stored, asked about, and the order is blocked until DOKU confirms it', async () => {
      await open({ confirmPaid: 'ask' })
      scene.doku.next('payment', failed)
      const { partnerReferenceNo } = await pay()
      statuses({ [partnerReferenceNo]: '03' })
      expect(await paid(partnerReferenceNo)).to.have.property('status', 200)
      await scene.ovo.service.reconcile()
      expect((await find(partnerReferenceNo)).status).to.equal('failed')
      expect((await rejection(pay())).code).to.equal('ORDER_BUSY')
      await scene.another().service.reconcile()
      for (let passed = 0; passed < 2 * day; passed += hour) await wait(hour)
      expect(errors()).to.include('DOKU does not confirm a payment that a notification called paid')
      expect((await rejection(pay())).code).to.equal('ORDER_BUSY')
      statuses({ [partnerReferenceNo]: '06' })
      await wait(day)
      expect((await scene.ovo.service.pay(alice, order)).created).to.equal(true)
    })

    it('of a second charge is in the log, also if the storage cannot note it for /health', async () => {
      const refuse = ({ args: [key] }: StorageCall) => {
        if (String(key).endsWith('/paid-twice')) throw new StorageError('scripted')
      }
      await open({ storage: decorate(memoryStorage(), { before: refuse }) })
      const { partnerReferenceNo } = await pay()
      await paid(partnerReferenceNo, 'charge-1')
      await paid(partnerReferenceNo, 'charge-2')
      expect(errors()).to.include('an order was paid twice; refund one of its payments')
      expect(errors()).to.include('an order that was paid twice could not be noted for /health')
    })

    it('is a claim that is still acknowledged if DOKU cannot be asked at once; the log says so', async () => {
      let isAway = false
      const refuse = ({ method }: StorageCall) => {
        if (isAway && method === 'read') throw new StorageError('scripted')
      }
      await open({ confirmPaid: 'ask', storage: decorate(memoryStorage(), { before: refuse }) })
      const { partnerReferenceNo } = await pay()
      scene.doku.always.status = (response) => {
        isAway = true
        response.writeHead(500).end()
      }
      expect(await paid(partnerReferenceNo)).to.have.property('status', 200)
      const isTold = () => scene.logged.some(({ message }) => message.startsWith('work in the background failed'))
      while (!isTold()) await new Promise((resolve) => setImmediate(resolve))
      isAway = false
      statuses({ [partnerReferenceNo]: '00' })
      await wait(2 * minute)
      expect((await find(partnerReferenceNo)).status).to.equal('paid')
    })

    async function keyOf(reference: string): Promise<string> {
      const due = await scene.storage.lease(scene.clock.now + 30 * day * 1000, 0, 50)
      const found = due.find(({ value }) => JSON.stringify(value).includes(reference))
      return found?.key ?? ''
    }
  })

  it('is what lies in the store: an event that does not belong to its record is skipped, and the log says so', async () => {
    const { partnerReferenceNo, ...payment } = await pay()
    await scene.ovo.service.reconcile()
    const stored = (await scene.storage.lease(scene.clock.now + day * 1000, 0, 50)).find(({ value }) =>
      JSON.stringify(value).includes(partnerReferenceNo),
    )
    const forged = (id: string, more: object) => ({
      event: { id, type: 'paymentChanged', occurredAt: '2026-03-01T05:00:00.000Z', previousStatus: 'unknown', ...more },
      tries: 0,
      notBefore: 0,
    })
    const about = (changes: object) => ({ ...payment, partnerReferenceNo, status: 'paid', ...changes })
    const events = [
      forged('1', { customerId: 'mallory', payment: about({}) }),
      forged('2', { customerId: 'alice', payment: about({ orderId: 'order-2' }) }),
      forged('3', { customerId: 'alice', payment: about({ partnerReferenceNo: 'R-2' }) }),
      forged('4', { type: 'bindingChanged', customerId: 'alice', binding: { status: 'active' } }),
      forged('5', { customerId: 'alice', payment: about({ status: 'awaiting-customer' }) }),
    ]
    const outbox = { events, claimedBy: '', claimedUntil: 0 }
    await scene.storage.update(
      stored?.key ?? '',
      { ...(stored?.value as object), outbox } as never,
      stored?.version ?? 0,
      {
        dueAt: 0,
      },
    )
    scene.events.length = 0
    await scene.ovo.service.reconcile()
    expect(scene.events.map(({ id }) => id)).to.deep.equal(['5'])
    expect(errors()).to.deep.equal(Array(4).fill('an event is skipped: it does not belong to its record'))
  })

  it('is what lies among the parked events: one that belongs to no record reaches no hook', async () => {
    const event = { id: 'forged', type: 'paymentChanged', occurredAt: '2026-03-01T05:00:00.000Z', sequence: 1 }
    const payment = { orderId: 'order-1', partnerReferenceNo: 'R-2', status: 'paid' }
    const events = [{ ...event, customerId: 'alice', previousStatus: 'unknown', payment }]
    const { clientId } = testOptions('http://127.0.0.1:1', 'https://shop.example/ovo')
    await scene.storage.insert(`${clientId}/parked-events`, { events })
    scene.events.length = 0
    expect(await scene.ovo.service.redeliver('forged')).to.equal(false)
    expect(scene.events).to.deep.equal([])
    expect(errors()).to.deep.equal(['a parked event is refused: it belongs to no record'])
  })

  it('is what lies in the store: a page that is not DOKU’s is not shown', async () => {
    const storage = spied(memoryStorage())
    const other = await startScene({ storage })
    await link(other)
    const { payment } = await other.ovo.service.pay(alice, order)
    const { key = '' } = storage.written.find(({ value }) => value.includes(payment.partnerReferenceNo)) ?? {}
    const stored = await storage.read(key)
    const text = JSON.stringify(stored?.value).replace(
      /"webRedirectUrl":"[^"]*"/,
      '"webRedirectUrl":"https://evil.example/pin"',
    )
    await storage.update(key, JSON.parse(text), stored?.version ?? 0)
    const shown = await other.ovo.service.payment(alice, payment.partnerReferenceNo)
    expect(shown).not.to.have.property('webRedirectUrl')
    expect(other.logged.filter(({ level }) => level === 'error')).not.to.deep.equal([])
    await other.close()
  })
})

describe('references', () => {
  it('survive a restore: the same attempt of the same order has the same one; another storage has others', async () => {
    const storage = spied(memoryStorage())
    const first = await startScene({ storage })
    await link(first)
    const { payment } = await first.ovo.service.pay(alice, order)
    await storage.remove(storage.written.find(({ value }) => value.includes(payment.partnerReferenceNo))?.key ?? '')
    const again = await first.another().service.pay(alice, order)
    expect(again.payment.partnerReferenceNo).to.equal(payment.partnerReferenceNo)
    await first.close()
    const wiped = await startScene()
    await link(wiped, bob)
    const other = await wiped.ovo.service.pay(bob, order)
    expect(other.payment.partnerReferenceNo.slice(0, 22)).to.equal(payment.partnerReferenceNo.slice(0, 22))
    expect(other.payment.partnerReferenceNo).not.to.equal(payment.partnerReferenceNo)
    await wiped.close()
  })

  it('are not made without their key: 503, and the log names the record; a rotation seals it again', async () => {
    const [older = '', newer = ''] = ['an older key, long enough', 'a newer key, long enough']
    const storage = spied(memoryStorage())
    const first = await startScene({ storage, encryptionKeys: [older] })
    await link(first)
    await first.ovo.service.pay(alice, order)
    const isKey = ({ key }: { key: string }) => key.includes('reference-key')
    const rotated = first.another({ encryptionKeys: [newer, older], reconcileEveryMs: false })
    await rotated.service.reconcile()
    expect(storage.written.filter(isKey)).to.have.length(2)
    first.orders.set('order-2', { amount: '1.00' })
    const later = first.another({ encryptionKeys: [newer], reconcileEveryMs: false })
    await link({ ...first, ovo: later }, bob)
    expect((await later.service.pay(bob, { orderId: 'order-2' })).created).to.equal(true)
    const without = first.another({ encryptionKeys: ['none of those keys'], reconcileEveryMs: false })
    await link({ ...first, ovo: without }, { id: 'carol' })
    first.orders.set('order-3', { amount: '1.00' })
    const sent = first.doku.of('payment').length
    const refused = await rejection(without.service.pay({ id: 'carol' }, { orderId: 'order-3' }))
    expect(refused.code).to.equal('STORAGE_UNAVAILABLE')
    expect(first.logged.some(({ details }) => String(details?.key).includes('reference-key'))).to.equal(true)
    expect(first.doku.of('payment')).to.have.length(sent)
    await first.close()
  })
})

describe('the key of the references', () => {
  it('is read again at the next reconciliation if it could not be read at the first; the log says so', async () => {
    let isAway = true
    const refuse = ({ args: [key] }: StorageCall) => {
      if (isAway && String(key).endsWith('/reference-key')) throw new StorageError('scripted')
    }
    const scene = await startScene({ reconcileEveryMs: false, storage: decorate(memoryStorage(), { before: refuse }) })
    await scene.ovo.service.reconcile()
    expect(scene.logged.map(({ message }) => message)).to.include('a start could not be finished')
    isAway = false
    scene.logged.length = 0
    await scene.ovo.service.reconcile()
    expect(scene.logged).to.deep.equal([])
    await scene.close()
  })
})

describe('the table of evidence', () => {
  it('allows nothing for statements that prove nothing, and needs two separated witnesses for "not found"', () => {
    const at = (minutes: number, process = 'p', dokuTime = true): Heard => ({
      ...(dokuTime && { dokuTime: minutes * 60_000 }),
      process,
      monotonicMs: minutes * 60_000,
    })
    for (const nothing of [
      'answer lost',
      'answer about something else',
      'browser returned',
      'record absent',
    ] as const) {
      expect(permits('free-order', nothing, [at(0), at(60)])).to.equal(false)
    }
    expect(permits('release-refund', 'refund not in the history', [at(0), at(9999)])).to.equal(false)
    const found = (...heard: Heard[]) => permits('free-order', 'payment not found', heard)
    expect(found(at(60))).to.equal(false)
    expect(found(at(60), at(74))).to.equal(false)
    expect(found(at(60), at(75))).to.equal(true)
    expect(found(at(60), at(45))).to.equal(false)
    expect(found(at(60, 'p', false), at(75, 'p', false))).to.equal(true)
    expect(found(at(60, 'p', false), at(75, 'q', false))).to.equal(false)
    expect(found(at(60, 'p', false), at(75, 'q'))).to.equal(false)
  })

  /** What can be heard of a payment, after some minutes. */
  const statement = fc.record({
    afterMinutes: fc.integer({ min: 0, max: 3 * 24 * 60 }),
    kind: fc.constantFrom('not found', 'not found', '00', '01', '03', '05', '06', 'claim'),
    process: fc.constantFrom('p', 'q'),
    hasDate: fc.boolean(),
    dateIsOffMinutes: fc.constantFrom(0, 0, 0, -60, 60),
  })

  it('is kept by every sequence of statements: no order is freed by fewer witnesses than its row asks', () => {
    const begin = fc.record({
      status: fc.constantFrom(
        'sending' as const,
        'unknown' as const,
        'processing' as const,
        'awaiting-customer' as const,
      ),
      referenceNo: fc.constantFrom(undefined, 'doku-1'),
    })
    let freed = 0
    fc.assert(
      fc.property(begin, fc.array(statement, { maxLength: 12 }), ({ status, referenceNo }, statements) => {
        const createdAt = 1_700_000_000_000
        let now = createdAt
        let payment: PaymentRecord = {
          partnerReferenceNo: 'R',
          externalId: '1',
          customerId: 'a',
          status,
          amount: '1.00',
          payMethod: 'CASH',
          ...(referenceNo && { referenceNo }),
          createdAt,
          updatedAt: createdAt,
        }
        // The oracle's own memory, in plain words.
        let isAcknowledged = referenceNo !== undefined || !['sending', 'unknown'].includes(status)
        let isClaimed = false
        let heard: { process: string; date: number | undefined; at: number }[] = []
        for (const { afterMinutes, kind, process, hasDate, dateIsOffMinutes } of statements) {
          now += afterMinutes * 60_000
          const date = hasDate ? now + dateIsOffMinutes * 60_000 : undefined
          const wasLive = ['sending', 'unknown', 'processing', 'awaiting-customer'].includes(payment.status)
          if (kind === 'claim') {
            payment = withClaim(payment, now) ?? payment
            isClaimed ||= payment.claimedPaidAt !== undefined
            continue
          }
          const hearing = { monotonicMs: now - createdAt, process, ...(date !== undefined && { dokuTime: date }) }
          if (kind === 'not found') {
            payment = withUnknown(payment, hearing, now)
            if (Math.min(now, date ?? now) >= createdAt + 30 * 60_000) heard.push({ process, date, at: now })
          } else {
            payment = withAnswer(payment, { latestTransactionStatus: kind }, hearing, now)
            heard = []
            isAcknowledged = true
            if (['00', '05', '06'].includes(kind)) isClaimed = false
          }
          if (!wasLive || !['failed', 'cancelled'].includes(payment.status)) continue
          freed++
          const code = payment.failure?.code
          if (code === '05' || code === '06') expect(kind).to.equal(code)
          else if (code === 'EXPIRED') {
            expect(Math.min(now, date ?? now) - createdAt).to.be.at.least(7 * 86_400_000)
            expect(isClaimed).to.equal(false)
          } else {
            expect([code, kind, isAcknowledged, isClaimed]).to.deep.equal(['NOT_FOUND', 'not found', false, false])
            const last = heard.at(-1)
            const isApart = heard
              .slice(0, -1)
              .some((one) =>
                one.date !== undefined && last?.date !== undefined
                  ? last.date - one.date >= 15 * 60_000
                  : one.process === last?.process && (last?.at ?? 0) - one.at >= 15 * 60_000,
              )
            expect(isApart).to.equal(true)
          }
        }
      }),
      { numRuns: 3000 },
    )
    expect(freed).to.be.above(500)
  })

  it('is kept for refunds: only DOKU’s 06 about a refund releases it, whatever else a history says or leaves out', () => {
    const entry = fc.record({
      partnerRefundNo: fc.constantFrom('A', 'B', 'C'),
      refundStatus: fc.constantFrom('00', '03', '06', '99'),
    })
    const answers = fc.array(
      fc.record({ history: fc.option(fc.array(entry, { maxLength: 3 }), { nil: undefined }), isFound: fc.boolean() }),
      { maxLength: 10 },
    )
    fc.assert(
      fc.property(answers, (list) => {
        const refund = { externalId: '1', status: 'unknown' as const, amount: '3.00', createdAt: 0, updatedAt: 0 }
        const refunds = ['A', 'B'].map((partnerRefundNo) => ({ ...refund, partnerRefundNo }))
        let payment: PaymentRecord = {
          partnerReferenceNo: 'R',
          externalId: '1',
          customerId: 'a',
          status: 'paid',
          amount: '10.00',
          payMethod: 'CASH',
          refunds,
          createdAt: 0,
          updatedAt: 0,
        }
        const mayBeReleased = new Set<string>()
        list.forEach(({ history, isFound }, index) => {
          const now = (index + 1) * 5 * 86_400_000
          const hearing = { process: 'p', monotonicMs: now, dokuTime: now }
          if (isFound) {
            for (const one of history ?? []) if (one.refundStatus === '06') mayBeReleased.add(one.partnerRefundNo)
            const refundHistory = history?.map((one) => ({ ...one, refundNo: undefined }))
            payment = withAnswer(payment, { latestTransactionStatus: '00', refundHistory }, hearing, now)
          } else payment = withUnknown(payment, hearing, now)
          for (const one of payment.refunds ?? []) {
            if (one.status === 'failed') expect(mayBeReleased.has(one.partnerRefundNo)).to.equal(true)
          }
        })
        expect(withUpdate(payment, { status: 'failed' }, 0)).to.equal(undefined)
      }),
      { numRuns: 2000 },
    )
  })
})
