import type { Simulator } from 'express-doku-ovo/simulator'
import { customerOf, orderId } from '../host/orders.ts'
import { pause, until } from '../wait.ts'
import { phoneOf } from './doku.ts'
import type { Answer, ShopClient } from './shop-client.ts'

export interface CustomersParts {
  readonly doku: Simulator
  readonly shop: ShopClient
  readonly count: number
  readonly random: () => number
}

/** What a customer was shown: the page on which an order is to be confirmed. */
interface Page {
  readonly partnerReferenceNo: string
  readonly webRedirectUrl: string
}

/** How many times a customer clicks before doing something else. */
const clicksAtMost = 8
const doubleClickRate = 0.2
/** How often a customer goes back to an order that was begun before. */
const goBackRate = 0.4
const declineRate = 0.1
const retryAfterFailureRate = 0.7
/** Some close the browser in front of OVO's page, and come back later. */
const walkAwayRate = 0.1

const final = ['paid', 'failed', 'cancelled']

/** People who buy, and who click again when they see an error, or nothing. */
export class Customers {
  readonly orders = new Set<string>()
  /** The payments that somebody was told are paid. */
  readonly toldPaid = new Set<string>()
  /** The payments that somebody declined on OVO's page. */
  readonly declined = new Set<string>()
  /** Answers by status. */
  readonly answers = new Map<number, number>()
  readonly #parts: CustomersParts
  readonly #left = new Map<string, Page>()
  #isShopping = true

  constructor(parts: CustomersParts) {
    this.#parts = parts
  }

  /** Everybody links an OVO account. */
  async bind(): Promise<void> {
    await Promise.all(Array.from({ length: this.#parts.count }, (_, customer) => this.#bindOne(customer)))
  }

  /** Everybody buys, one order after the other, until `close`. */
  async shop(): Promise<void> {
    const shopOne = async (customer: number) => {
      for (let orders = 1; this.#isShopping; ) {
        const isEarlier = this.#parts.random() < goBackRate
        const number = isEarlier ? Math.ceil(this.#parts.random() * orders) : orders++
        await this.#buy(customer, number)
      }
    }
    await Promise.all(Array.from({ length: this.#parts.count }, (_, customer) => shopOne(customer)))
  }

  close(): void {
    this.#isShopping = false
  }

  /** Whoever had walked away comes back to the page. */
  comeBack(): void {
    for (const { webRedirectUrl } of this.#left.values()) this.#parts.doku.approvePayment(webRedirectUrl)
    this.#left.clear()
  }

  /** Everybody goes through all orders once more, clicks, and confirms what is to be confirmed. */
  async insist(): Promise<void> {
    const insistOn = async (order: string) => {
      const { body } = await this.#click(nameOf(customerOf(order)), order)
      if (body.webRedirectUrl !== undefined) this.#parts.doku.approvePayment(body.webRedirectUrl)
    }
    for (const orders of inGroups([...this.orders], this.#parts.count)) await Promise.all(orders.map(insistOn))
  }

  async #bindOne(customer: number): Promise<void> {
    const { doku, shop } = this.#parts
    let page: string | undefined
    // A storage that has only just started may be late for the first of many at once.
    await until(`the page for the binding of ${nameOf(customer)}`, async () => {
      page = (await shop.post(nameOf(customer), '/bindings', { phoneNo: phoneOf(customer) })).body.redirectUrl
      return page !== undefined
    })
    doku.approveBinding(page ?? '')
    const isActive = async () => (await shop.get(nameOf(customer), '/bindings')).body.status === 'active'
    await until(`the binding of ${nameOf(customer)}`, isActive)
  }

  async #buy(customer: number, number: number): Promise<void> {
    const order = orderId(customer % 2 === 0 ? 'at-once' : 'on-page', customer, number)
    this.orders.add(order)
    for (let clicks = 1; clicks <= clicksAtMost && this.#isShopping; clicks += 1) {
      const answer = await this.#click(nameOf(customer), order)
      const isDone = await this.#reactTo(nameOf(customer), answer)
      if (isDone) return
      await pause(5 + this.#parts.random() * 25)
    }
  }

  /** Some click twice. The first answer that says something counts. */
  async #click(customer: string, order: string): Promise<Answer> {
    const { shop, random } = this.#parts
    const clicks = random() < doubleClickRate ? 2 : 1
    const click = async () => this.#note(await shop.post(customer, '/payments', { orderId: order }))
    const [first, second] = await Promise.all(Array.from({ length: clicks }, click))
    if (first === undefined) throw new Error('nobody clicked')
    return first.status !== 0 || second === undefined ? first : second
  }

  /** Whether the customer has done with the order. */
  async #reactTo(customer: string, { status, body }: Answer): Promise<boolean> {
    const { partnerReferenceNo, webRedirectUrl } = body
    if (status < 200 || status > 299 || partnerReferenceNo === undefined) return false
    if (body.status === 'awaiting-customer' && webRedirectUrl !== undefined) {
      return this.#confirm({ partnerReferenceNo, webRedirectUrl })
    }
    if (body.status === 'paid') return true
    if (final.includes(String(body.status))) return this.#parts.random() > retryAfterFailureRate
    this.#note(await this.#parts.shop.get(customer, `/payments/${partnerReferenceNo}`))
    return this.#parts.random() < 0.5
  }

  #confirm(page: Page): boolean {
    const { doku, random } = this.#parts
    const mood = random()
    if (mood < walkAwayRate) this.#left.set(page.partnerReferenceNo, page)
    else if (mood > walkAwayRate + declineRate) doku.approvePayment(page.webRedirectUrl)
    else if (doku.declinePayment(page.webRedirectUrl).status === 'failed') this.declined.add(page.partnerReferenceNo)
    return random() < 0.7
  }

  #note(answer: Answer): Answer {
    const { status, body } = answer
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1)
    if (body.status === 'paid' && body.partnerReferenceNo !== undefined) this.toldPaid.add(body.partnerReferenceNo)
    return answer
  }
}

function inGroups<T>(all: readonly T[], size: number): T[][] {
  const groups = Math.ceil(all.length / size)
  return Array.from({ length: groups }, (_, group) => all.slice(group * size, (group + 1) * size))
}

function nameOf(customer: number): string {
  return `customer-${customer}`
}
