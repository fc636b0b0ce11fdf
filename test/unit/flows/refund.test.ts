import { expect } from 'chai'
import { type DokuOvo, memoryStorage, type Refund } from 'express-doku-ovo'
import { deferred } from '../../support/deferred.ts'
import {
  alice,
  dayMs,
  type MoneyScene,
  minuteMs,
  rejection,
  said,
  startLinkedScene,
  startMoneyScene,
  statusCalls,
} from '../../support/money-scene.ts'

/** In whole rupiah. */
const total = (amounts: readonly string[]) => amounts.reduce((sum, amount) => sum + Number(amount), 0)

describe('a refund', () => {
  let scene: MoneyScene
  let reference: string
  beforeEach(async () => {
    scene = await startLinkedScene()
    reference = (await scene.paid()).partnerReferenceNo
    scene.events.length = 0
  })
  afterEach(() => scene.close())

  const refund = async (amount?: string, partnerRefundNo?: string, ovo: DokuOvo = scene.ovo): Promise<Refund> => {
    const input = { ...(amount && { amount }), ...(partnerRefundNo && { partnerRefundNo }) }
    return (await ovo.service.refund(reference, input)).refund
  }
  const back = () => scene.simulator.refunds.map(({ amount }) => amount)
  const payment = () => scene.payment(reference)
  const refundCalls = () => scene.simulator.arrivals.filter(({ operation }) => operation === 'refund')

  it('of the whole gives back what was paid, once, and tells the host', async () => {
    const { status, amount, refundNo } = await refund()
    expect([status, amount.value]).to.deep.equal(['succeeded', '10000.00'])
    expect(refundNo).to.equal(scene.simulator.refunds[0]?.refundNo)
    await scene.simulator.settled()
    await scene.ovo.service.reconcile()
    expect(said(scene.events)).to.deep.equal(['payment refunded', 'refund succeeded'])
    const { status: told, refunds } = await payment()
    expect([told, refunds?.map((one) => one.status)]).to.deep.equal(['refunded', ['succeeded']])
    expect(back()).to.deep.equal(['10000.00'])
    expect((await rejection(refund())).code).to.equal('REFUND_TOO_LARGE')
  })

  it('is in the record, and reserved, before DOKU hears of it', async () => {
    scene.storage.writes.length = 0
    let known: unknown
    scene.simulator.observe((event) => {
      if (event.moment === 'arrived' && event.arrival.operation === 'refund') known = scene.storage.writes.at(-1)?.value
    })
    await refund('4000.00', 'R-1')
    const { attempts } = known as { attempts: { refunds: { partnerRefundNo: string; status: string }[] }[] }
    expect(attempts[0]?.refunds[0]).to.include({ partnerRefundNo: 'R-1', status: 'sending', amount: '4000.00' })
  })

  it('of parts goes on until nothing is left', async () => {
    await refund('3000.00')
    expect((await payment()).status).to.equal('partially-refunded')
    const tooMuch = await rejection(refund('7000.01'))
    expect([tooMuch.code, tooMuch.field]).to.deep.equal(['REFUND_TOO_LARGE', 'amount'])
    expect(tooMuch.message).to.include('7000.00')
    await refund('2500.50')
    const last = await refund()
    expect(last.amount.value).to.equal('4499.50')
    expect((await payment()).status).to.equal('refunded')
    expect(back()).to.deep.equal(['3000.00', '2500.50', '4499.50'])
    await scene.ovo.service.reconcile()
    const parts = ['payment partially-refunded', 'refund succeeded', 'refund succeeded']
    expect(said(scene.events)).to.deep.equal([...parts, 'payment refunded', 'refund succeeded'])
  })

  it('never gives back more than was paid when 20 partial ones run at once in two processes', async () => {
    const other = scene.another()
    const wanted = Array.from({ length: 20 }, (_, index) => refund('1500.00', undefined, index % 2 ? other : scene.ovo))
    const results = await Promise.allSettled(wanted)
    const done = results.filter(({ status }) => status === 'fulfilled')
    expect(done).to.have.length(6)
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason.code).to.equal('REFUND_TOO_LARGE')
    }
    expect(total(back())).to.equal(9000)
    expect(scene.simulator.calls.filter(({ operation, status }) => operation === 'refund' && status !== 200)).to.be
      .empty
    expect((await payment()).status).to.equal('partially-refunded')
  })

  it('counts what nobody knows yet as given', async () => {
    scene.simulator.faults.next('refund', { kind: 'cut' })
    expect((await refund('6000.00')).status).to.equal('unknown')
    expect((await rejection(refund('4000.01'))).code).to.equal('REFUND_TOO_LARGE')
    expect((await refund()).amount.value).to.equal('4000.00')
  })

  it('with the same partnerRefundNo is the same one, however often and wherever it is asked for', async () => {
    const other = scene.another()
    const input = { amount: '1000.00', partnerRefundNo: 'R-1', reason: 'broken' }
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? other : scene.ovo).service.refund(reference, input)),
    )
    expect(results.filter(({ created }) => created)).to.have.length(1)
    expect(refundCalls()).to.have.length(1)
    expect(back()).to.deep.equal(['1000.00'])
    const again = await scene.ovo.service.refund(reference, { partnerRefundNo: 'R-1' })
    expect([again.created, again.refund.status]).to.deep.equal([false, 'succeeded'])
    const differs = await rejection(refund('2000.00', 'R-1'))
    expect([differs.code, differs.field]).to.deep.equal(['INVALID_FIELD', 'partnerRefundNo'])
  })

  it('that DOKU calls inconsistent (404xx18) was carried out before: its status confirms it at once', async () => {
    scene.simulator.faults.next('refund', { kind: 'refusal', code: '404xx18', carriesOut: true })
    const { status, refundNo } = await refund('4000.00')
    expect(status).to.equal('succeeded')
    expect(refundNo).to.equal(scene.simulator.refunds[0]?.refundNo)
    expect(statusCalls(scene)).to.have.length(1)
    expect((await payment()).status).to.equal('partially-refunded')
  })

  it('that DOKU calls inconsistent is never called failed while DOKU’s status only lags', async () => {
    scene.clock.pass(2 * dayMs)
    scene.simulator.faults.next('refund', { kind: 'refusal', code: '404xx18', carriesOut: true })
    scene.simulator.faults.always('status', { kind: 'lag', ms: dayMs })
    expect((await refund('4000.00')).status).to.equal('processing')
    await scene.reconcileFor(dayMs / 2, 30 * minuteMs)
    expect((await payment()).refunds?.[0]?.status).to.equal('processing')
    await scene.reconcileFor(2 * dayMs, 60 * minuteMs)
    expect((await payment()).refunds?.[0]?.status).to.equal('succeeded')
  })

  it('that DOKU has only taken in (202) is asked about after a minute', async () => {
    scene.simulator.faults.next('refund', { kind: 'in-progress', carriesOut: true })
    expect((await refund('4000.00')).status).to.equal('processing')
    expect(statusCalls(scene)).to.deep.equal([])
    await scene.reconcileFor(minuteMs)
    expect((await payment()).refunds?.[0]?.status).to.equal('succeeded')
  })

  for (const [name, amount, end] of [
    ['of the whole', '10000.00', 'refunded'],
    ['of a part', '4000.00', 'partially-refunded'],
  ] as const) {
    it(`${name} whose answer was cut off, and every notification lost, is confirmed by DOKU’s refundHistory`, async () => {
      scene.simulator.faults.always('notification', { kind: 'lost' })
      scene.simulator.faults.next('refund', { kind: 'cut', carriesOut: true })
      expect((await refund(amount)).status).to.equal('unknown')
      expect((await payment()).status).to.equal('paid')
      await scene.reconcileFor(minuteMs)
      const { status, refunds } = await payment()
      expect([status, refunds?.[0]?.status]).to.deep.equal([end, 'succeeded'])
      expect(refunds?.[0]?.refundNo).to.equal(scene.simulator.refunds[0]?.refundNo)
      expect(said(scene.events)).to.deep.equal([
        'refund unknown',
        ...(end === 'refunded' ? ['payment refunded', 'refund succeeded'] : [`payment ${end}`, 'refund succeeded']),
      ])
    })
  }

  it('that never arrived stays reserved, whatever DOKU’s refundHistory leaves out, until a person settles it', async () => {
    scene.simulator.faults.next('refund', { kind: 'cut' })
    await refund('6000.00', 'R-1')
    await scene.reconcileFor(10 * dayMs, 60 * minuteMs)
    expect((await payment()).refunds?.[0]?.status).to.equal('unknown')
    expect((await rejection(refund('4000.01'))).code).to.equal('REFUND_TOO_LARGE')
    expect(scene.logged).to.include(
      'DOKU does not confirm a refund; look it up in DOKU’s dashboard and call service.settleRefund',
    )
    const { settleRefund } = scene.ovo.service
    expect((await rejection(settleRefund(reference, 'R-2', 'failed', { by: 'dewi' }))).field).to.equal(
      'partnerRefundNo',
    )
    const settled = await settleRefund(reference, 'R-1', 'failed', { by: 'dewi' })
    expect([settled.status, settled.failure?.code]).to.deep.equal(['failed', 'SETTLED'])
    expect((await settleRefund(reference, 'R-1', 'failed', { by: 'dewi' })).status).to.equal('failed')
    expect((await rejection(settleRefund(reference, 'R-1', 'succeeded', { by: 'dewi' }))).code).to.equal(
      'INVALID_FIELD',
    )
    expect((await refund()).amount.value).to.equal('10000.00')
    expect(back()).to.deep.equal(['10000.00'])
    await scene.ovo.service.reconcile()
    expect(said(scene.events).filter((event) => event.startsWith('refund'))).to.deep.equal([
      'refund unknown',
      'refund failed',
      'refund succeeded',
    ])
  })

  it('that a person has found to be given back counts as given back', async () => {
    scene.simulator.faults.next('refund', { kind: 'cut' })
    await refund('6000.00', 'R-1')
    const settled = await scene.ovo.service.settleRefund(reference, 'R-1', 'succeeded', { by: 'dewi' })
    expect(settled).not.to.have.property('failure')
    expect([settled.status, (await payment()).status]).to.deep.equal(['succeeded', 'partially-refunded'])
    expect((await rejection(refund('4000.01'))).code).to.equal('REFUND_TOO_LARGE')
  })

  it('whose process died before it was sent is finished by another', async () => {
    const dead = deferred<void>()
    let prepared = false
    scene.simulator.observe(({ moment }) => {
      if (moment === 'refunded') scene.storage.before = () => dead.promise
    })
    const dying = refund('4000.00').finally(() => {
      prepared = true
    })
    await scene.simulator.until(() => scene.simulator.refunds.length === 1)
    expect(prepared).to.equal(false)
    scene.storage.before = () => undefined
    const other = scene.another()
    await scene.reconcileFor(minuteMs, minuteMs, other)
    expect((await other.service.payment(alice, reference)).refunds?.[0]?.status).to.equal('succeeded')
    dead.resolve()
    expect((await dying).status).to.equal('succeeded')
    // Waits for the hooks of both processes.
    await Promise.all([scene.ovo.service.reconcile(), other.service.reconcile()])
    expect(said(scene.events).filter((event) => event === 'refund succeeded')).to.have.length(1)
  })

  it('is not sent any more when the process has stood still for minutes since it was written down', async () => {
    let isWritten = false
    scene.storage.before = (method) => {
      if (method === 'update' && !isWritten) scene.clock.pass(5 * minuteMs + 1)
      isWritten ||= method === 'update'
    }
    const { status, failure } = await refund('4000.00')
    expect([status, failure?.code]).to.deep.equal(['failed', 'NOT_SENT'])
    expect(refundCalls()).to.deep.equal([])
    expect((await refund()).amount.value).to.equal('10000.00')
  })

  it('is unknown to its caller when the storage fails after it was sent, and known later', async () => {
    scene.simulator.observe(({ moment }) => {
      if (moment === 'refunded') scene.storage.before = () => Promise.reject(new Error('the storage is gone'))
    })
    expect((await refund('4000.00')).status).to.equal('unknown')
    scene.storage.before = () => undefined
    await scene.reconcileFor(minuteMs)
    expect((await payment()).refunds?.[0]?.status).to.equal('succeeded')
  })

  it('that DOKU refuses has failed, says why, and is not reserved any more', async () => {
    scene.simulator.faults.next('refund', { kind: 'refusal', code: '405xx01' })
    const { status, failure } = await refund()
    expect([status, failure?.code]).to.deep.equal(['failed', '4055801'])
    expect((await refund()).status).to.equal('succeeded')
  })

  it('that could not be sent has failed as NOT_SENT', async () => {
    await scene.simulator.settled()
    await scene.simulator.close()
    const { status, failure } = await refund()
    expect([status, failure?.code]).to.deep.equal(['failed', 'NOT_SENT'])
    expect((await payment()).status).to.equal('paid')
  })

  it('that was made in DOKU’s dashboard is known by notification 04, and nothing is left then', async () => {
    await scene.simulator.notify(reference, { body: { latestTransactionStatus: '04' } })
    expect((await payment()).status).to.equal('refunded')
    expect((await rejection(refund())).code).to.equal('REFUND_TOO_LARGE')
    expect(refundCalls()).to.deep.equal([])
  })

  it('of the whole that nobody knows of is known to have succeeded by notification 04', async () => {
    scene.simulator.faults.next('refund', { kind: 'cut', carriesOut: true })
    scene.simulator.faults.next('notification', { kind: 'delayed' })
    expect((await refund()).status).to.equal('unknown')
    scene.simulator.faults.release('notification')
    await scene.simulator.settled()
    const { status, refunds } = await payment()
    expect([status, refunds?.[0]?.status]).to.deep.equal(['refunded', 'succeeded'])
    expect(statusCalls(scene)).to.deep.equal([])
  })

  it('is not taken for succeeded because notification 04 of another part comes while it is open', async () => {
    await refund('3000.00')
    scene.simulator.faults.next('refund', { kind: 'refusal', code: '403xx05', carriesOut: false })
    const told = scene.simulator.until(() => refundCalls().length === 2)
    const second = refund('7000.00')
    await told
    await scene.simulator.notify(reference, { body: { latestTransactionStatus: '04' } })
    expect((await second).status).to.equal('failed')
    expect((await payment()).status).to.equal('partially-refunded')
    expect(total(back())).to.equal(3000)
  })

  it('whose last part nobody knows of is confirmed by the status, and then the payment is refunded', async () => {
    await refund('3000.00')
    scene.simulator.faults.next('refund', { kind: 'cut', carriesOut: true })
    await refund('7000.00')
    await scene.simulator.settled()
    await scene.reconcileFor(minuteMs)
    const { status, refunds } = await payment()
    expect([status, refunds?.map((one) => one.status)]).to.deep.equal(['refunded', ['succeeded', 'succeeded']])
  })

  it('cannot be made of what was never paid, or is not there', async () => {
    reference = (await scene.pay('order-2')).partnerReferenceNo
    expect((await rejection(refund())).code).to.equal('PAYMENT_NOT_PAID')
    reference = 'no-such-payment'
    expect((await rejection(refund())).code).to.equal('PAYMENT_NOT_FOUND')
  })

  for (const unlink of ['here', 'in the OVO app'] as const) {
    for (const refundWithoutCustomer of ['refused', 'accepted'] as const) {
      it(`of a customer who has unlinked ${unlink} is sent without her token, and DOKU’s answer is read: ${refundWithoutCustomer}`, async () => {
        await scene.close()
        scene = await startLinkedScene({ simulator: { dialect: { refundWithoutCustomer } } })
        reference = (await scene.paid()).partnerReferenceNo
        if (unlink === 'here') await scene.ovo.service.unbind(alice)
        else scene.simulator.unlink('alice')
        const { status, failure } = await refund('4000.00')
        const isGiven = refundWithoutCustomer === 'accepted'
        expect([status, failure?.code]).to.deep.equal(isGiven ? ['succeeded', undefined] : ['failed', '4015804'])
        expect(refundCalls().at(-1)?.headers).not.to.have.property('authorization-customer')
        expect(back()).to.deep.equal(isGiven ? ['4000.00'] : [])
        expect((await payment()).status).to.equal(isGiven ? 'partially-refunded' : 'paid')
      })
    }
  }

  it('of a linked customer is sent with her token', async () => {
    await refund()
    expect(refundCalls()[0]?.headers['authorization-customer']).to.be.a('string')
  })

  it('that was made in DOKU’s dashboard is recorded once, within what was paid, and told', async () => {
    const details = { by: 'dewi', evidence: 'dashboard, ticket 7' }
    const record = (amount: string, partnerRefundNo: string) =>
      scene.ovo.service.recordRefund(reference, { amount, partnerRefundNo, ...details })
    const both = await Promise.all([record('6000.00', 'D-1'), record('6000.00', 'D-1')])
    expect(both.map(({ created }) => created).sort()).to.deep.equal([false, true])
    expect((await payment()).status).to.equal('partially-refunded')
    expect((await rejection(record('4000.01', 'D-2'))).code).to.equal('REFUND_TOO_LARGE')
    expect((await rejection(record('5000.00', 'D-1'))).field).to.equal('partnerRefundNo')
    expect((await rejection(refund('4000.01'))).code).to.equal('REFUND_TOO_LARGE')
    await refund()
    await scene.ovo.service.reconcile()
    const parts = ['payment partially-refunded', 'refund succeeded', 'payment refunded', 'refund succeeded']
    expect(said(scene.events)).to.deep.equal(parts)
    expect(back()).to.deep.equal(['4000.00'])
  })

  it('leaves the order paid: it cannot be paid anew', async () => {
    await refund()
    const again = await scene.ovo.service.pay(alice, { orderId: 'order-1' })
    expect([again.created, again.payment.status]).to.deep.equal([false, 'refunded'])
  })

  it('is told to nobody twice when DOKU’s answer, its notification and a check come at once', async () => {
    scene.simulator.faults.next('notification', { kind: 'duplicated', times: 5 })
    await refund()
    await scene.simulator.settled()
    await scene.reconcileFor(dayMs, 60 * minuteMs)
    expect(said(scene.events)).to.deep.equal(['payment refunded', 'refund succeeded'])
  })
})

describe('a refund through the api ovo-v1.0', () => {
  it('is answered with a clear problem', async () => {
    const scene = await startMoneyScene({ options: { api: 'ovo-v1.0', storage: memoryStorage() } })
    const { code, message } = await rejection(scene.ovo.service.refund('any'))
    expect(code).to.equal('REFUND_NOT_SUPPORTED')
    expect(message).to.include('core-v1')
    await scene.close()
  })
})
