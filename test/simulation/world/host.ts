import type { HookEvent, Hooks } from '../../../lib/model/events.ts'
import type { EventCheck } from '../checks/events.ts'
import type { Stage } from '../engine/stage.ts'
import type { Life } from './life.ts'
import { hookDeadlineMs } from './process.ts'

/** Fewer than there are tries, or a working hook's event would be parked. */
const failuresAtMost = 5

/** The shop's hooks: they throw, hang, and die with their process, but unless they are broken work in the end. */
export class Host {
  readonly #stage: Stage
  readonly #events: EventCheck
  readonly #failures = new Map<string, number>()
  readonly #onDelivered: (event: HookEvent) => void

  constructor(stage: Stage, events: EventCheck, onDelivered: (event: HookEvent) => void) {
    this.#stage = stage
    this.#events = events
    this.#onDelivered = onDelivered
  }

  hooksFor(life: Life): Hooks {
    const hook = (event: HookEvent) => this.#call(life, event)
    return { paymentChanged: hook, refundChanged: hook, bindingChanged: hook, orderPaidTwice: hook }
  }

  #call(life: Life, event: HookEvent): Promise<void> {
    const { random, journal } = this.#stage
    if (!life.isAlive || life.tempt(() => `before ${event.type}`)) return Promise.reject(new Error('dead'))
    const fate = this.#drawFate(event)
    journal.count(`hooks ${fate}`)
    journal.tell(() => `${life.name} calls ${describe(event)}${fate === 'works' ? '' : ` (${fate})`}`)
    this.#events.begins(event)
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error(`scripted: ${fate}`))
      // Its answer then reaches nobody; but the deadline's timer has to go.
      life.whenDead(fail)
      if (fate === 'hangs') return life.after(hookDeadlineMs, fail)
      if (fate === 'throws') return life.after(random.stretch(1000), fail)
      life.after(random.stretch(2000), () => {
        this.#events.ends(event)
        this.#onDelivered(event)
        if (!life.tempt(() => `after ${event.type}`)) resolve()
      })
    })
  }

  #drawFate(event: HookEvent): 'works' | 'throws' | 'hangs' {
    const { random, plan } = this.#stage
    if (event.type === plan.brokenHook) return 'throws'
    const failures = this.#failures.get(event.id) ?? 0
    if (!this.#stage.isFaulty() || failures >= failuresAtMost) return 'works'
    const fate = random.chance(plan.hook.throws) ? 'throws' : random.chance(plan.hook.hangs) ? 'hangs' : 'works'
    if (fate !== 'works') this.#failures.set(event.id, failures + 1)
    return fate
  }
}

function describe(event: HookEvent): string {
  if (event.type === 'paymentChanged') return `paymentChanged ${event.previousStatus} -> ${event.payment.status}`
  if (event.type === 'refundChanged') return `refundChanged ${event.previousStatus} -> ${event.refund.status}`
  if (event.type === 'bindingChanged') return `bindingChanged ${event.previousStatus} -> ${event.binding.status}`
  return event.type
}
