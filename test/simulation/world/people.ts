import type { HookEvent } from '../../../lib/model/events.ts'
import { Linking } from './linking.ts'
import type { Scene } from './scene.ts'
import { Shopping } from './shopping.ts'
import { Staff } from './staff.ts'

export function customerIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `customer-${index + 1}`)
}

/** Everybody who uses the shop in one schedule. */
export class People {
  readonly #scene: Scene
  readonly #staff: Staff

  constructor(scene: Scene) {
    this.#scene = scene
    this.#staff = new Staff(scene)
  }

  begin(): void {
    const { stage, orders } = this.#scene
    const customers = customerIds(stage.plan.customers)
    const linking = new Linking(this.#scene)
    const shopping = new Shopping(this.#scene, customers, (customerId) => linking.bind(customerId))
    for (const customerId of customers) linking.begin(customerId)
    for (const order of orders) shopping.begin(order)
    stage.journal.count('customers', customers.length)
  }

  hear(event: HookEvent): void {
    this.#staff.hear(event)
  }
}
