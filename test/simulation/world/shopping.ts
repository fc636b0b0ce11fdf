import type { ReturnSubject } from '../../../lib/flows/return-state.ts'
import type { Payment } from '../../../lib/model/views.ts'
import type { Reason } from './calls.ts'
import type { ShopOrder } from './orders.ts'
import { hourMs, later, minuteMs, type Scene } from './scene.ts'

/** Who pays what. */
interface Click {
  readonly customerId: string
  readonly orderId: string
  /** Whether the customer tries no more. */
  readonly isLast: boolean
}

/** What customers do about orders: click too often, and answer OVO's page or do not. */
export class Shopping {
  readonly #scene: Scene
  readonly #customers: readonly string[]
  readonly #linkAgain: (customerId: string) => void
  readonly #decided = new Set<string>()

  constructor(scene: Scene, customers: readonly string[], linkAgain: (customerId: string) => void) {
    this.#scene = scene
    this.#customers = customers
    this.#linkAgain = linkAgain
  }

  /** Bursts of clicks, by whoever may pay the order, some of them at the very same time. */
  begin({ orderId }: ShopOrder): void {
    const { random, plan, scheduler } = this.#scene.stage
    const bursts = random.between(1, 3)
    for (let burst = 0; burst < bursts; burst++) {
      const startsMs = burst === 0 ? random.stretch(minuteMs) : random.stretch(2 * plan.faultsForMs + 2 * hourMs)
      const clicks = random.between(1, 4)
      for (let click = 0; click < clicks; click++) scheduler.after(startsMs, () => this.#click(orderId))
    }
  }

  #click(orderId: string): void {
    const customerId = this.#customers[this.#scene.stage.random.between(0, this.#customers.length - 1)] ?? ''
    later(this.#scene, 500, () => this.#pay({ customerId, orderId, isLast: false }))
  }

  #pay(click: Click): void {
    const { stage, calls, told } = this.#scene
    const { customerId, orderId } = click
    stage.journal.count('clicks')
    const deviceId = `click${stage.journal.figures.clicks}`
    calls.make({
      label: `${customerId} pays ${orderId}`,
      work: ({ payments }) => payments.pay({ id: customerId, deviceId }, { orderId }),
      heard: ({ payment }) => {
        told.payment(payment)
        this.#heard(click, payment)
      },
      failed: (reason) => {
        if (reason !== 'gone') told.refused(deviceId)
        this.#again(click, reason)
      },
    })
  }

  #again(click: Click, reason: Reason): void {
    if (reason === 'BINDING_REQUIRED') this.#linkAgain(click.customerId)
    if (click.isLast || this.#scene.stage.random.chance(0.5)) return
    later(this.#scene, 10 * minuteMs, () => this.#pay({ ...click, isLast: true }))
  }

  #heard(click: Click, { partnerReferenceNo, webRedirectUrl, status }: Payment): void {
    if (webRedirectUrl !== undefined && !this.#decided.has(partnerReferenceNo))
      this.#decide(click.customerId, partnerReferenceNo)
    if (status === 'failed') this.#again(click, status)
    if (!this.#scene.stage.random.chance(0.3)) return
    later(this.#scene, 10 * minuteMs, () => this.#look(click.customerId, partnerReferenceNo))
  }

  #look(customerId: string, reference: string): void {
    const { calls, told } = this.#scene
    calls.make({
      label: `${customerId} looks`,
      work: ({ payments }) => payments.find({ id: customerId }, reference),
      heard: (payment) => told.payment(payment),
    })
  }

  /** On OVO's page: confirms, cancels, or goes away. */
  #decide(customerId: string, reference: string): void {
    const { stage, doku } = this.#scene
    const { random } = stage
    this.#decided.add(reference)
    if (random.chance(0.2)) return
    const isConfirmed = random.chance(0.75)
    later(this.#scene, 20 * minuteMs, () => {
      doku.payments.decide(reference, isConfirmed)
      if (random.chance(0.5)) later(this.#scene, 3000, () => this.#comeBack({ customerId, reference }))
    })
  }

  #comeBack(subject: ReturnSubject): void {
    const { calls, told } = this.#scene
    calls.make({
      label: 'a browser returns from a payment',
      work: ({ payments }) => payments.returned(subject),
      heard: (payment) => payment && told.payment(payment),
    })
  }
}
