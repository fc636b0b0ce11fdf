import type { HookEvent } from '../../../lib/model/events.ts'
import type { Payment } from '../../../lib/model/views.ts'
import { findPayment } from '../checks/records.ts'
import { hourMs, later, type Scene } from './scene.ts'

/** Staff look a refund up that is open so long; the log has asked them to for days. */
const settlesAfterMs = 9 * 24 * hourMs

/** In one schedule; more would only repeat. */
const refundsAtMost = 6

/** Staff who hear of paid orders and give the money back: whole, in parts, at the same time, and more than there is. */
export class Staff {
  readonly #scene: Scene
  #refunds = 0

  constructor(scene: Scene) {
    this.#scene = scene
  }

  hear(event: HookEvent): void {
    const { random, plan } = this.#scene.stage
    const isPaid = event.type === 'paymentChanged' && event.payment.status === 'paid'
    if (isPaid && random.chance(plan.refunds)) this.#refundOften(event.payment)
    const [first] = event.type === 'orderPaidTwice' ? event.payments : []
    if (first && random.chance(0.5)) this.#refundOften(first)
  }

  #refundOften({ partnerReferenceNo, amount }: Payment): void {
    const { random, scheduler } = this.#scene.stage
    const isAtOnce = random.chance(0.3)
    const startsMs = random.stretch(6 * hourMs)
    for (let count = random.between(1, 3); count > 0; count--) {
      const part = random.chance(0.3) ? undefined : Math.ceil(Number(amount.value) * random.pick([0.25, 0.5, 0.6, 1]))
      const atMs = isAtOnce ? startsMs + random.stretch(100) : random.stretch(6 * hourMs)
      scheduler.after(atMs, () => this.#refund(partnerReferenceNo, part))
    }
  }

  #refund(reference: string, rupiah: number | undefined): void {
    const { calls, told, stage } = this.#scene
    if (this.#refunds++ >= refundsAtMost) return
    const amount = rupiah === undefined ? {} : { amount: `${rupiah}.00` }
    const partnerRefundNo = `${reference}-${stage.random.chance(0.2) ? 1 : this.#refunds}`
    stage.scheduler.after(settlesAfterMs, () => this.#settle(reference, partnerRefundNo))
    calls.make({
      label: `staff refund ${rupiah ?? 'all'}`,
      work: ({ refunds }) => refunds.refund(reference, { partnerRefundNo, ...amount }),
      heard: ({ refund }) => told.refund(reference, refund),
      failed: () => {
        if (stage.random.chance(0.3)) later(this.#scene, hourMs, () => this.#refund(reference, rupiah))
      },
    })
  }

  /** What DOKU does not confirm, DOKU's dashboard shows. */
  #settle(reference: string, partnerRefundNo: string): void {
    const { calls, disk, doku, told } = this.#scene
    const isIt = (one: { partnerRefundNo: string }) => one.partnerRefundNo === partnerRefundNo
    const status = findPayment(disk, reference)?.payment.refunds?.find(isIt)?.status
    if (status === undefined || status === 'failed' || status === 'succeeded') return
    const isGiven = doku.payments.find(reference)?.refunds.some((one) => isIt(one) && one.isGiven)
    calls.make({
      label: 'staff settle a refund',
      work: ({ refunds }) =>
        refunds.settle(reference, partnerRefundNo, { outcome: isGiven ? 'succeeded' : 'failed', by: 'staff' }),
      heard: (refund) => told.refund(reference, refund),
      failed: () => later(this.#scene, hourMs, () => this.#settle(reference, partnerRefundNo)),
    })
  }
}
