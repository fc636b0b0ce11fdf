import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Settings } from '../options/options.ts'
import { randomBase32 } from '../primitives/ids.ts'
import { isObject } from '../primitives/json.ts'
import { parseAmountValue } from '../primitives/money.ts'
import {
  type Command,
  type ExitCode,
  type Flags,
  type Io,
  numberOf,
  requiredText,
  textOf,
  UsageError,
} from './command.ts'
import { givenFlags, readGiven, settingsOf, variablesHelp } from './given.ts'
import { version, writeNew } from './io.ts'
import { DokuCalls, inWords } from './probe/doku-calls.ts'
import { linkedQuestions } from './probe/linked-questions.ts'
import { Mailbox } from './probe/mailbox.ts'
import { merchantQuestions } from './probe/merchant-questions.ts'
import { paidQuestions } from './probe/paid-questions.ts'
import { Person } from './probe/person.ts'
import { type Answered, askAll, type Bench, type LinkedBench, notReached, type PaidBench } from './probe/question.ts'
import { report, whatToSet } from './probe/report.ts'

const usualReport = 'doku-probe.md'

export const probe: Command = {
  name: 'probe',
  summary: 'walks through what DOKU’s pages leave open, against the sandbox, and says which options to set',
  flags: {
    phone: { value: '<phoneNo>', says: 'the OVO account of the person at the browser: 62…' },
    amount: { value: '<amount>', says: 'what is paid; default: 10000.00' },
    listen: { value: '<port>', says: 'on 127.0.0.1: where what comes to publicUrl has to end up; default: 3000' },
    wait: { value: '<seconds>', says: 'how long each notification is waited for; default: 60' },
    report: { value: '<file>', says: `where the report goes; default: ${usualReport}` },
    ...givenFlags,
  },
  details: `For the sandbox, or a simulator, with a person who opens two pages of OVO. The probe takes the app's place: stop the app, and
let publicUrl lead to --listen; the Token URL and Notification URL in DOKU's dashboard stay as they are. It links the account,
pays once, gives 1 rupiah back where the api has refunds, and unlinks. The report is Markdown without secrets, to keep.
Exit code 1: it did not get to the end; the report says where. What DOKU does otherwise than assumed is no failure.
${variablesHelp}`,
  run: walk,
}

interface Plan {
  readonly phoneNo: string
  readonly amount: string
  readonly waitMs: number
  readonly file: string
}

async function walk(io: Io, flags: Flags): Promise<ExitCode> {
  const plan = planOf(io, flags)
  const port = numberOf(flags, 'listen', 3000, [1, 65_535])
  const settings = settingsOf(await readGiven(io, flags))
  if (settings.environment === 'production')
    throw new UsageError('the probe is for the sandbox: in production it would take somebody’s money')
  const calls = new DokuCalls(settings)
  const stop = io.untilStopped()
  const mailbox = new Mailbox(settings, stop)
  const person = new Person(io, stop)
  try {
    await mailbox.open(port)
    const { answered, endedEarly } = await new Walker(settings, calls, mailbox, person, plan).walk()
    const at = new Date(settings.clock()).toISOString()
    const text = report({ settings, at, version: version(), answered, log: calls.log, endedEarly })
    keep(io, plan.file, text)
    io.out(summary(answered, plan.file, endedEarly))
    return endedEarly === undefined ? 0 : 1
  } finally {
    person.leave()
    await Promise.all([calls.close(), mailbox.close(), settings.storage.close?.()])
  }
}

function planOf(io: Io, flags: Flags): Plan {
  const phoneNo = requiredText(flags, 'phone', '<phoneNo>')
  if (!/^62\d{7,14}$/.test(phoneNo)) throw new UsageError('--phone has to be like 6281234567890')
  const amount = textOf(flags, 'amount') ?? '10000.00'
  if (parseAmountValue(amount) === undefined)
    throw new UsageError('--amount has to be rupiah with two decimals, like 10000.00')
  const file = textOf(flags, 'report') ?? usualReport
  if (existsSync(resolve(io.folder, file)))
    throw new UsageError(`${file} is there already and is not overwritten; choose another: --report`)
  return { phoneNo, amount, waitMs: numberOf(flags, 'wait', 60, [0, 3600]) * 1000, file }
}

/** A person has sat here for it: when it cannot be written, it is at least shown. */
function keep(io: Io, file: string, text: string): void {
  try {
    writeNew(io, file, text)
  } catch (error) {
    io.out(text)
    throw error
  }
}

function summary(answered: readonly Answered[], file: string, endedEarly: string | undefined): string {
  const count = (verdict: Answered['verdict']) => answered.filter((one) => one.verdict === verdict).length
  const sets = whatToSet(answered)
  const ended = endedEarly === undefined ? '' : `\nIt did not get to the end: ${endedEarly}`
  return `
${count('as assumed')} as assumed, ${count('otherwise')} otherwise, ${count('open')} not seen.${ended}
To set: ${sets.length === 0 ? 'nothing' : `\n${sets.map((line) => `  ${line}`).join('\n')}`}
The report is in ${file}.`
}

/** DOKU did not do what the next step needs. */
class Stuck extends Error {}

class Walker {
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

  /** Step by step; what a failed step leaves unseen is in the report as well. */
  async walk(): Promise<{ answered: Answered[]; endedEarly: string | undefined }> {
    const answered: Answered[] = []
    const stages = [merchantQuestions, linkedQuestions, paidQuestions]
    try {
      const bench = await this.#logIn()
      answered.push(...(await askAll(merchantQuestions, bench)))
      const linked = await this.#link(bench)
      answered.push(...(await askAll(linkedQuestions, linked)))
      answered.push(...(await askAll(paidQuestions, await this.#pay(linked))))
      return { answered, endedEarly: undefined }
    } catch (error) {
      if (!(error instanceof Stuck || error instanceof UsageError)) throw error
      const rest = stages.flat().slice(answered.length)
      return { answered: [...answered, ...notReached(rest, 'the probe did not get there')], endedEarly: error.message }
    }
  }

  async #logIn(): Promise<Bench> {
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

  async #link(bench: Bench): Promise<LinkedBench> {
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
    await this.#person.visit('Open this page, and link the OVO account:', redirectUrl)
    const customerTokenAnswer = await exchange()
    const { accessToken: customerToken } = customerTokenAnswer.body
    if (typeof customerToken !== 'string') throw new Stuck(`the account is not linked: ${inWords(customerTokenAnswer)}`)
    return { ...bench, binding, authCode, tooEarly, customerTokenAnswer, customerToken }
  }

  async #pay(linked: LinkedBench): Promise<PaidBench> {
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
    // Where Bearer is refused, so is the payment, before anything comes of it (C-8).
    const customerAuthorization = first.status === 401 ? linked.customerToken : `Bearer ${linked.customerToken}`
    const payment = first.status === 401 ? await send(customerAuthorization) : first
    const { webRedirectUrl } = payment.body
    if (typeof webRedirectUrl !== 'string') throw new Stuck(`no payment: ${inWords(payment)}`)
    const beforeConfirming = await this.#calls.call('status', { originalPartnerReferenceNo: partnerReferenceNo })
    await this.#person.visit('Open this page, and pay:', webRedirectUrl)
    const again = () => send(customerAuthorization)
    return { ...linked, partnerReferenceNo, amount: value, payment, again, customerAuthorization, beforeConfirming }
  }
}
