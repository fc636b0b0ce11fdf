import { foreignPage, isDokuPage } from '../doku/pages.ts'
import { ProblemError } from '../errors.ts'
import { type BindingInput, bindingInput, parseInput } from '../model/input.ts'
import type { Binding, BindingStatus, Customer } from '../model/views.ts'
import { externalId } from '../primitives/ids.ts'
import { singleFlight } from '../primitives/single-flight.ts'
import type { Versioned } from '../records/records.ts'
import { maskPhoneNo } from '../redaction.ts'
import type { Stored } from '../storage/storage.ts'
import { type BindingRecord, isUndecided, toBinding, withStatus } from './bindings/binding-record.ts'
import { type CustomerTokens, sealKey } from './bindings/customer-token.ts'
import { isOverdue, nextCheckAt, restarted, withCheck } from './check-schedule.ts'
import { dokuProblem } from './doku-problem.ts'
import type { Ports } from './ports.ts'
import type { Caretaker } from './reconcile.ts'
import type { ReturnOutcome, ReturnStates, ReturnSubject } from './return-state.ts'
import type { Session } from './session/session.ts'

export interface BindingParts {
  readonly ports: Ports
  readonly session: Session
  readonly customerTokens: CustomerTokens
  readonly returns: ReturnStates
}

/** The page sends the browser back a moment before DOKU knows, so the first exchanges may come too early. */
const confirmDelaysMs = [0, 500, 1500]

/**
 * Links a customer's OVO account, looks at the link, and ends it. DOKU's notification is the usual proof that the
 * customer agreed; where it does not come, a successful exchange of the authCode is one as well.
 * @see protocol.md §5.4, §5.7, §6
 */
export class Bindings implements Caretaker {
  readonly keyPrefix: string
  readonly #parts: BindingParts
  readonly #flight = singleFlight<Binding>()

  constructor(parts: BindingParts) {
    this.keyPrefix = parts.ports.keys.binding('')
    this.#parts = parts
  }

  /**
   * Starts linking. The customer has to agree on the page at `redirectUrl`. Two clicks at once start one.
   * @throws ProblemError ALREADY_BOUND, BINDING_REPLACED, INVALID_FIELD, OVO_REFUSED, DOKU_REFUSED, DOKU_UNAVAILABLE,
   * DOKU_PAGE_UNTRUSTED
   */
  async start(customer: Customer, input: BindingInput): Promise<Binding> {
    const profile = parseInput(bindingInput, input)
    return this.#flight(`${customer.id} ${profile.phoneNo}`, () => this.#start(customer, profile))
  }

  /** @throws ProblemError BINDING_NOT_FOUND */
  async find(customer: Customer): Promise<Binding> {
    return this.#view((await this.#require(customer)).value)
  }

  /**
   * Ends the link, at DOKU first and then here. Ending what has ended succeeds.
   * @throws ProblemError BINDING_NOT_FOUND; DOKU_UNAVAILABLE: the wish is kept and will be carried out; DOKU_REFUSED: the
   * link is as it was
   */
  async end(customer: Customer): Promise<Binding> {
    for (;;) {
      const stored = await this.#require(customer)
      if (stored.value.status === 'unbound') return toBinding(stored.value)
      const isLinked = stored.value.status === 'active' || (await this.#hasAgreed(stored.value))
      if (isLinked && !(await this.#unbindAtDoku(customer))) return this.find(customer)
      const ended = await this.#settle(stored.value, isLinked ? 'active' : stored.value.status, 'unbound')
      if (ended.status === 'unbound') return toBinding(ended)
      // The customer agreed at this very moment, say: then DOKU has to be told after all.
    }
  }

  /**
   * The browser came back from OVO. That proves nothing, so DOKU is asked: the authCode can be exchanged if, and only
   * if, the customer agreed. A failed binding is asked about again when the browser says that it succeeded after all.
   * What an old tab says of an earlier binding changes nothing.
   */
  async returned({ customerId, reference }: ReturnSubject, outcome: ReturnOutcome): Promise<Binding> {
    const customer = { id: customerId }
    const { value } = await this.#require(customer)
    if (value.externalId !== reference) return this.#view(value)
    const isOpen = value.status === 'pending' || (value.status === 'failed' && outcome === 'success')
    if (!isOpen || value.authCode === undefined) return this.#view(value)
    for (const delayMs of outcome === 'success' ? confirmDelaysMs : [0]) {
      if (delayMs > 0) await this.#parts.ports.sleep(delayMs)
      if (await this.#confirm(customerId)) return this.find(customer)
    }
    return outcome === 'failed' ? this.#view(await this.#settle(value, 'pending', 'failed')) : this.find(customer)
  }

  /** Tells the host what is still to be told, and finishes what is undecided, when that is due. */
  async tend(stored: Stored): Promise<void> {
    const { customerTokens, ports } = this.#parts
    const customer = { id: customerTokens.deliver(stored).customerId }
    const current = await this.#require(customer)
    const now = ports.clock()
    if (!isUndecided(current.value) || now < nextCheckAt(current.value)) return
    const noted = await customerTokens.replace(current, { ...current.value, checks: withCheck(current.value, now) })
    if (noted?.value.endingSince !== undefined) await this.end(customer)
    else if (noted) await this.#decide(noted.value, now)
  }

  /** A customer who has not agreed by now has gone. */
  async #decide(binding: BindingRecord, now: number): Promise<void> {
    if (binding.authCode !== undefined && (await this.#confirm(binding.customerId))) return
    const leadsNowhere = binding.authCode === undefined || isOverdue(binding, now)
    if (leadsNowhere) await this.#settle(binding, 'pending', 'failed')
  }

  async #start(customer: Customer, profile: ReturnType<typeof bindingInput.parse>): Promise<Binding> {
    const begun = await this.#begin(customer, profile.phoneNo)
    try {
      const { redirectUrl, additionalInfo } = await this.#requestBinding(customer, profile, begun.value.externalId)
      this.#requireDokuPage(redirectUrl)
      const next = await this.#answered(begun.value, redirectUrl, additionalInfo.authCode)
      if (await this.#parts.customerTokens.replace(begun, next)) return toBinding(next, redirectUrl)
    } catch (error) {
      await this.#abandon(begun, error)
      throw dokuProblem(error)
    }
    throw new ProblemError('BINDING_REPLACED', 'Linking was started again in another window; go on there.')
  }

  /** The record before this one. With its authCode the only way to end it would be lost, so it must not be linked. */
  async #replaceable(customer: Customer): Promise<Versioned<BindingRecord> | undefined> {
    const earlier = await this.#parts.customerTokens.readBinding(customer.id)
    if (!earlier || (earlier.value.status !== 'active' && !(await this.#hasAgreed(earlier.value)))) return earlier
    throw new ProblemError('ALREADY_BOUND', 'Unlink the account that is linked before linking another.')
  }

  /** The record is there before DOKU is asked, so that its notification finds it. */
  async #begin(customer: Customer, phoneNo: string): Promise<Versioned<BindingRecord>> {
    const { ports, customerTokens } = this.#parts
    const earlier = await this.#replaceable(customer)
    const now = ports.clock()
    const record = {
      customerId: customer.id,
      status: 'pending',
      phoneNo: await ports.vault.seal(sealKey(ports, { customerId: customer.id }, 'phoneNo'), phoneNo),
      maskedPhoneNo: maskPhoneNo(phoneNo),
      externalId: externalId(ports.clock, ports.randomBytes),
      createdAt: now,
      updatedAt: now,
    } as const
    const written = await customerTokens.replace(earlier, record)
    if (written) return written
    throw new ProblemError('BINDING_REPLACED', 'Linking was started again in another window; go on there.')
  }

  async #answered(begun: BindingRecord, redirectUrl: string, authCode: string): Promise<BindingRecord> {
    const { clock, vault, keys } = this.#parts.ports
    return {
      ...begun,
      redirectUrl: await vault.seal(sealKey({ keys }, begun, 'redirectUrl'), redirectUrl),
      authCode: await vault.seal(sealKey({ keys }, begun, 'authCode'), authCode),
      updatedAt: clock(),
    }
  }

  #requestBinding(customer: Customer, profile: ReturnType<typeof bindingInput.parse>, firstExternalId: string) {
    const { session, returns } = this.#parts
    const urls = returns.urls('binding', { customerId: customer.id, reference: firstExternalId })
    const { phoneNo, ...details } = profile
    const additionalInfo = {
      custIdMerchant: customer.id,
      ...details,
      successRegistrationUrl: urls.success,
      failedRegistrationUrl: urls.failed,
    }
    return session.asMerchant(
      customer,
      (doku, credentials) => doku.bind(credentials, { phoneNo, additionalInfo }),
      firstExternalId,
    )
  }

  /** The customer will be asked for a PIN there. */
  #requireDokuPage(redirectUrl: string): void {
    if (isDokuPage(redirectUrl, this.#parts.ports.baseUrl)) return
    this.#parts.ports.logger.error({ host: new URL(redirectUrl).host }, foreignPage)
    throw new ProblemError('DOKU_PAGE_UNTRUSTED', 'Linking cannot go on safely; tell the shop.')
  }

  /** Without the authCode of its answer a binding request leads nowhere, whatever became of it. */
  async #abandon(begun: Versioned<BindingRecord>, error: unknown): Promise<void> {
    const { ports, customerTokens } = this.#parts
    await customerTokens.replace(begun, withStatus(begun.value, 'failed', ports.clock())).catch((storageError) => {
      ports.logger.error({ err: storageError, cause: error }, 'a failed binding could not be recorded')
    })
  }

  /** Whether the customer has agreed to a binding without our having heard of it. */
  async #hasAgreed({ status, authCode, customerId }: BindingRecord): Promise<boolean> {
    const isOpen = status === 'pending' || status === 'failed' || status === 'unlinked'
    return isOpen && authCode !== undefined && this.#confirm(customerId)
  }

  async #confirm(customerId: string): Promise<boolean> {
    try {
      await this.#parts.customerTokens.exchange(customerId)
      return true
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'BINDING_REQUIRED') return false
      throw error
    }
  }

  /** `false`: it was unlinked already, in the OVO app. */
  async #unbindAtDoku(customer: Customer): Promise<boolean> {
    const { customerTokens, session } = this.#parts
    await this.#wish(customer, true)
    try {
      await customerTokens.use(customer.id, (tokenId) =>
        session.asMerchant(customer, (doku, credentials) => doku.unbind(credentials, tokenId)),
      )
      return true
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'BINDING_REQUIRED') return false
      throw await this.#notEnded(customer, dokuProblem(error))
    }
  }

  /** A lost answer leaves the wish standing; a refusal ends it. */
  async #notEnded(customer: Customer, problem: unknown): Promise<unknown> {
    if (!(problem instanceof ProblemError)) return problem
    if (problem.code === 'DOKU_UNAVAILABLE') {
      const detail = 'DOKU did not answer; unlinking will be finished when it does.'
      return new ProblemError(problem.code, detail, { cause: problem.cause })
    }
    await this.#wish(customer, false)
    return problem
  }

  /** Notes that the customer wants the link ended, so that a crash does not forget it; or that it cannot be. */
  async #wish(customer: Customer, toEnd: boolean): Promise<void> {
    for (;;) {
      const stored = await this.#require(customer)
      const { endingSince, ...rest } = stored.value
      if (stored.value.status !== 'active' || (endingSince !== undefined) === toEnd) return
      const now = this.#parts.ports.clock()
      const next = toEnd ? { ...rest, endingSince: now, checks: restarted(rest, now) } : rest
      if (await this.#parts.customerTokens.replace(stored, next)) return
    }
  }

  /** Moves this binding on, unless it has another status by now, or a later binding has replaced it. */
  async #settle(binding: BindingRecord, from: BindingStatus, to: BindingStatus): Promise<BindingRecord> {
    for (;;) {
      const stored = await this.#require({ id: binding.customerId })
      const isSame = stored.value.externalId === binding.externalId && stored.value.status === from
      if (!isSame) return stored.value
      const next = withStatus(stored.value, to, this.#parts.ports.clock())
      if (await this.#parts.customerTokens.replace(stored, next)) return next
    }
  }

  async #view(record: BindingRecord): Promise<Binding> {
    const isPending = record.status === 'pending'
    return toBinding(record, isPending ? await this.#parts.customerTokens.open(record, 'redirectUrl') : undefined)
  }

  async #require(customer: Customer): Promise<Versioned<BindingRecord>> {
    const stored = await this.#parts.customerTokens.readBinding(customer.id)
    if (stored) return stored
    throw new ProblemError('BINDING_NOT_FOUND', 'Link an OVO account first.')
  }
}
