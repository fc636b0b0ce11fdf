import { createInterface, type Interface } from 'node:readline'
import type { Settings } from '../../options/options.ts'
import { randomBase32 } from '../../primitives/ids.ts'
import { isObject } from '../../primitives/json.ts'
import { type Io, UsageError } from '../command.ts'
import { type DokuCalls, inWords } from './doku-calls.ts'
import { linkedQuestions } from './linked-questions.ts'
import type { Mailbox } from './mailbox.ts'
import { merchantQuestions } from './merchant-questions.ts'
import { paidQuestions } from './paid-questions.ts'
import {
  type Answered,
  askAll,
  type LinkedContext,
  type MerchantContext,
  notReached,
  type PaidContext,
} from './question.ts'

export interface Plan {
  /** The OVO account that is linked. */
  readonly phoneNo: string
  /** Rupiah with two decimals. */
  readonly amount: string
  /** How long the probe waits for each notification. */
  readonly waitMs: number
}

/** DOKU did not give a result that the next step needs. */
class Stuck extends Error {}

export class Walkthrough {
  readonly #settings: Settings
  readonly #calls: DokuCalls
  readonly #mailbox: Mailbox
  readonly #person: Person
  readonly #plan: Plan

  constructor(settings: Settings, calls: DokuCalls, mailbox: Mailbox, person: Person, plan: Plan) {
    this.#settings = settings
    this.#calls = calls
    this.#mailbox = mailbox
    this.#person = person
    this.#plan = plan
  }

  /** Runs all steps. After a failed step, the report lists the remaining questions as not seen. */
  async run(): Promise<{ answered: Answered[]; endedEarly: string | undefined }> {
    const answered: Answered[] = []
    const stages = [merchantQuestions, linkedQuestions, paidQuestions]
    try {
      const context = await this.#logIn()
      answered.push(...(await askAll(merchantQuestions, context)))
      const linked = await this.#link(context)
      answered.push(...(await askAll(linkedQuestions, linked)))
      answered.push(...(await askAll(paidQuestions, await this.#pay(linked))))
      return { answered, endedEarly: undefined }
    } catch (error) {
      if (!(error instanceof Stuck || error instanceof UsageError)) throw error
      const rest = stages.flat().slice(answered.length)
      return {
        answered: [...answered, ...notReached(rest, 'the probe ended before this question')],
        endedEarly: error.message,
      }
    }
  }

  async #logIn(): Promise<MerchantContext> {
    const firstToken = await this.#calls.tokenCall('accessToken', { grantType: 'client_credentials' })
    const { accessToken } = firstToken.body
    if (typeof accessToken !== 'string')
      throw new Stuck(`no access token: ${inWords(firstToken)}; run express-doku-ovo doctor`)
    this.#calls.accessToken = accessToken
    return {
      settings: this.#settings,
      calls: this.#calls,
      mailbox: this.#mailbox,
      waitMs: this.#plan.waitMs,
      firstToken,
    }
  }

  async #link(context: MerchantContext): Promise<LinkedContext> {
    const custIdMerchant = `probe-${randomBase32(16)}`
    this.#mailbox.expect('binding', custIdMerchant)
    const additionalInfo = {
      custIdMerchant,
      successRegistrationUrl: this.#mailbox.returnUrl('binding', 'success'),
      failedRegistrationUrl: this.#mailbox.returnUrl('binding', 'failed'),
    }
    const binding = await this.#calls.call('binding', { phoneNo: this.#plan.phoneNo, additionalInfo })
    const { redirectUrl, additionalInfo: details } = binding.body
    const authCode = isObject(details) ? details.authCode : undefined
    if (typeof redirectUrl !== 'string' || typeof authCode !== 'string')
      throw new Stuck(`no binding: ${inWords(binding)}`)
    const exchange = () => this.#calls.tokenCall('customerToken', { grantType: 'authorization_code', authCode })
    const tooEarly = await exchange()
    await this.#person.visit('Open this page and link the OVO account:', redirectUrl)
    const customerTokenAnswer = await exchange()
    const { accessToken: customerToken } = customerTokenAnswer.body
    if (typeof customerToken !== 'string') throw new Stuck(`the account is not linked: ${inWords(customerTokenAnswer)}`)
    return { ...context, binding, authCode, tooEarly, customerTokenAnswer, customerToken }
  }

  async #pay(linked: LinkedContext): Promise<PaidContext> {
    const { amount: value } = this.#plan
    const partnerReferenceNo = `PROBE${randomBase32(20)}`
    this.#mailbox.expect('payment', partnerReferenceNo)
    const amount = { value, currency: 'IDR' }
    const additionalInfo = {
      successPaymentUrl: this.#mailbox.returnUrl('payment', 'success'),
      failedPaymentUrl: this.#mailbox.returnUrl('payment', 'failed'),
      ...(this.#settings.endpoints.payment.paymentType && { paymentType: 'SALE' }),
    }
    const feeAmount = { value: '0.00', currency: 'IDR' }
    const body = {
      partnerReferenceNo,
      amount,
      payOptionDetails: [{ payMethod: 'CASH', transAmount: amount, feeAmount }],
      additionalInfo,
    }
    const send = (authorization: string) =>
      this.#calls.call('payment', body, { headers: { 'authorization-customer': authorization } })
    const first = await send(`Bearer ${linked.customerToken}`)
    // If DOKU refuses Bearer, it refuses the whole payment before it starts anything ([C-8](https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-8)).
    const customerAuthorization = first.status === 401 ? linked.customerToken : `Bearer ${linked.customerToken}`
    const payment = first.status === 401 ? await send(customerAuthorization) : first
    const { webRedirectUrl } = payment.body
    if (typeof webRedirectUrl !== 'string') throw new Stuck(`no payment: ${inWords(payment)}`)
    const beforeConfirming = await this.#calls.call('status', { originalPartnerReferenceNo: partnerReferenceNo })
    await this.#person.visit('Open this page and pay:', webRedirectUrl)
    const again = () => send(customerAuthorization)
    return { ...linked, partnerReferenceNo, amount: value, payment, again, customerAuthorization, beforeConfirming }
  }
}

/** The person at the terminal, who has a browser. */
export class Person {
  readonly #lines: Interface
  readonly #answers: AsyncIterator<string>
  readonly #io: Io
  readonly #stop: AbortSignal

  constructor(io: Io, stop: AbortSignal) {
    this.#io = io
    this.#stop = stop
    this.#lines = createInterface({ input: io.stdin, signal: stop })
    this.#answers = this.#lines[Symbol.asyncIterator]()
  }

  /** Shows the URL of a page, and waits for Enter. @throws UsageError when the input ends */
  async visit(what: string, url: string): Promise<void> {
    this.#io.out(`\n${what}\n  ${url}\nPress Enter when you are done.`)
    const { done } = await this.#answers.next()
    if (done || this.#stop.aborted) throw new UsageError('the input ended or Ctrl-C was pressed')
  }

  leave(): void {
    this.#lines.close()
  }
}
