import type { Binding } from '../../../lib/model/views.ts'
import { bindingsOn } from '../checks/records.ts'
import { linkOf } from '../checks/writes.ts'
import type { Link } from '../doku/links.ts'
import { later, minuteMs, type Scene } from './scene.ts'

/** In one schedule; more would only repeat. */
const bindingsAtMost = 4

/** What customers do about their OVO account: link it, in two windows perhaps, and unlink it, here or in the app. */
export class Linking {
  readonly #scene: Scene
  #bindings = 0

  constructor(scene: Scene) {
    this.#scene = scene
  }

  begin(customerId: string): void {
    const { stage, doku } = this.#scene
    const { random, plan } = stage
    if (!doku.links.agreed(customerId)) later(this.#scene, 1000, () => this.bind(customerId))
    if (!random.chance(plan.unlinks)) return
    const unlink = random.chance(0.5) ? () => this.#unlinkInApp(customerId) : () => this.#unbind(customerId)
    later(this.#scene, 2 * plan.faultsForMs, unlink)
  }

  bind(customerId: string): void {
    if (this.#bindings++ >= bindingsAtMost) return
    this.#scene.calls.make({
      label: `${customerId} binds`,
      work: ({ bindings }) => bindings.start({ id: customerId }, { phoneNo: '081234567890' }),
      heard: (binding) => this.#openPage(customerId, binding),
      failed: () => later(this.#scene, 5 * minuteMs, () => this.bind(customerId)),
    })
  }

  #openPage(customerId: string, { status, redirectUrl }: Binding): void {
    const { stage, doku, told } = this.#scene
    told.binding(customerId, status)
    const authCode = redirectUrl?.split('/').at(-1)
    const link = doku.links.all.find((one) => one.authCode === authCode)
    if (link && stage.random.chance(0.9)) later(this.#scene, 10 * minuteMs, () => this.#answerPage(link))
  }

  #answerPage(link: Link): void {
    const { stage, notifier } = this.#scene
    if (link.state !== 'asked') return
    const isAgreed = stage.random.chance(0.85)
    link.state = isAgreed ? 'agreed' : 'refused'
    link.wasAgreed ||= isAgreed
    stage.journal.tell(() => `${link.customerId} has ${link.state} on the page of ${link.authCode}`)
    notifier.tellLink(link, isAgreed)
    if (stage.random.chance(0.6)) this.#comeBack(link.customerId, isAgreed)
  }

  #comeBack(customerId: string, isAgreed: boolean): void {
    const { calls, disk, told } = this.#scene
    const reference = bindingsOn(disk).find((one) => one.customerId === customerId)?.externalId ?? ''
    calls.make({
      label: `${customerId} returns from binding`,
      work: ({ bindings }) => bindings.returned({ customerId, reference }, isAgreed ? 'success' : 'failed'),
      heard: ({ status }) => told.binding(customerId, status),
    })
  }

  #unlinkInApp(customerId: string): void {
    const { doku, stage } = this.#scene
    const link = doku.links.agreed(customerId)
    if (!link) return
    link.state = 'ended'
    stage.journal.tell(() => `${customerId} unlinks in the app`)
  }

  /** What was linked when the customer asked is not linked when the customer is told. */
  #unbind(customerId: string): void {
    const { calls, doku, disk, stage } = this.#scene
    const binding = bindingsOn(disk).find((one) => one.customerId === customerId)
    const link = linkOf(binding, doku)
    const wasLinked = link?.state === 'agreed'
    calls.make({
      label: `${customerId} unbinds`,
      work: ({ bindings }) => bindings.end({ id: customerId }),
      heard: ({ status }) => {
        const isStillLinked = wasLinked && link.state === 'agreed'
        if (status === 'unbound' && isStillLinked) stage.journal.violate(`${customerId} is unbound, but not at DOKU`)
      },
    })
  }
}
