import { foreignPage, isDokuPage } from '../doku/pages.ts'
import { ProblemError } from '../errors.ts'
import { type BindingInput, bindingInput, parseInput, type StaffInput, staffInput } from '../model/input.ts'
import type { Binding, Customer } from '../model/views.ts'
import { externalId } from '../primitives/ids.ts'
import { singleFlight } from '../primitives/single-flight.ts'
import { maskPhoneNo } from '../redaction.ts'
import type { Stored } from '../storage/storage.ts'
import { type BindingRecord, isUndecided, linksOf, toBinding } from './bindings/binding-record.ts'
import { type BindingEvent, withEvent } from './bindings/binding-state.ts'
import type { BindingChange, BindingStore } from './bindings/binding-store.ts'
import { type CustomerTokens, isBindingRequired } from './bindings/customer-token.ts'
import { isOverdue, nextCheckAt, restarted, withCheck } from './check-schedule.ts'
import { dokuProblem } from './doku-problem.ts'
import type { Ports } from './ports.ts'
import type { Caretaker } from './reconcile.ts'
import type { ReturnOutcome, ReturnStates, ReturnSubject } from './return-state.ts'
import type { Session } from './session/session.ts'

export interface BindingParts {
  readonly ports: Ports
  readonly session: Session
  readonly store: BindingStore
  readonly customerTokens: CustomerTokens
  readonly returns: ReturnStates
}

type Profile = ReturnType<typeof bindingInput.parse>

/** The pauses before DOKU is asked, in ms: OVO's page can send the browser back a moment before DOKU knows. */
const confirmDelaysMs = [0, 500, 1500]

/**
 * Links a customer's OVO account, looks at the link, and ends it. Usually DOKU's notification proves that the customer
 * agreed. If it does not come, a customer token for the authCode proves it too.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-4
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-7
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#6
 */
export class Bindings implements Caretaker {
  readonly keyPrefix: string
  readonly #parts: BindingParts
  readonly #flight = singleFlight<Binding>()

  constructor(parts: BindingParts) {
    this.keyPrefix = parts.store.keyPrefix
    this.#parts = parts
  }

  /**
   * Starts linking. The customer must agree on the page at `redirectUrl`. Two clicks at once start one link.
   * @throws ProblemError ALREADY_BOUND, BINDING_REPLACED, INVALID_FIELD, OVO_REFUSED, DOKU_REFUSED, DOKU_UNAVAILABLE,
   * DOKU_PAGE_UNTRUSTED
   */
  async start(customer: Customer, input: BindingInput): Promise<Binding> {
    const profile = parseInput(bindingInput, input)
    return this.#flight(`${customer.id} ${profile.phoneNo}`, () => this.#start(customer, profile))
  }

  async #start(customer: Customer, profile: Profile): Promise<Binding> {
    const begun = await this.#begin(customer, profile.phoneNo)
    try {
      const { redirectUrl, additionalInfo } = await this.#requestBinding(customer, profile, begun.externalId)
      this.#requireDokuPage(redirectUrl)
      const { binding, isChanged } = await this.#answered(begun, redirectUrl, additionalInfo.authCode)
      if (isChanged) return toBinding(binding, redirectUrl)
    } catch (error) {
      await this.#abandon(begun, error)
      throw dokuProblem(error)
    }
    throw bindingReplaced()
  }

  /** Writes the record before DOKU is asked, so that DOKU's notification finds it. */
  async #begin(customer: Customer, phoneNo: string): Promise<BindingRecord> {
    const { customerTokens, ports, store } = this.#parts
    const known = await store.read(customer.id)
    if (known && (await customerTokens.findLink(known))) {
      throw new ProblemError('ALREADY_BOUND', 'Unlink the account that is linked before linking another.')
    }
    // Asking DOKU may have changed it.
    const earlier = known && (await store.read(customer.id))
    if (earlier?.status === 'active') throw bindingReplaced()
    const links = earlier ? linksOf(earlier) : []
    const now = ports.clock()
    const begun: BindingRecord = {
      customerId: customer.id,
      status: 'pending',
      phoneNo: await store.seal(customer.id, 'phoneNo', phoneNo),
      maskedPhoneNo: maskPhoneNo(phoneNo),
      externalId: externalId(ports.clock, ports.randomBytes),
      ...(links.length > 0 && { earlierLinks: links }),
      createdAt: now,
      updatedAt: now,
    }
    if (await store.begin(earlier, begun)) return begun
    throw bindingReplaced()
  }

  #requestBinding(customer: Customer, profile: Profile, firstExternalId: string) {
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

  /** The page asks the customer for her OVO PIN, so it must be DOKU's own. */
  #requireDokuPage(redirectUrl: string): void {
    if (isDokuPage(redirectUrl, this.#parts.ports.baseUrl)) return
    this.#parts.ports.logger.error({ host: new URL(redirectUrl).host }, foreignPage)
    throw new ProblemError('DOKU_PAGE_UNTRUSTED', 'Linking cannot go on safely; tell the shop.')
  }

  async #answered(begun: BindingRecord, redirectUrl: string, authCode: string): Promise<BindingChange> {
    const { ports, store } = this.#parts
    const { customerId } = begun
    const sealed = {
      redirectUrl: await store.seal(customerId, 'redirectUrl', redirectUrl),
      authCode: await store.seal(customerId, 'authCode', authCode),
    }
    return store.change(begun, (binding) => {
      const now = ports.clock()
      return withEvent(binding, 'answered', now, { ...sealed, updatedAt: now })
    })
  }

  /** Throws nothing: the caller reports the first error. */
  async #abandon(begun: BindingRecord, error: unknown): Promise<void> {
    await this.#apply(begun, 'abandoned').catch((storageError) => {
      this.#parts.ports.logger.error({ err: storageError, cause: error }, 'a failed binding could not be recorded')
    })
  }

  /** @throws ProblemError BINDING_NOT_FOUND */
  async find(customer: Customer): Promise<Binding> {
    return this.#view(await this.#require(customer))
  }

  /**
   * The browser came back from OVO. That proves nothing, so DOKU is asked: it gives a customer token for the authCode if,
   * and only if, the customer agreed. A failed binding is asked about again if the browser says that it succeeded after
   * all. A browser that comes back from an earlier link changes nothing.
   */
  async returned({ customerId, reference }: ReturnSubject, outcome: ReturnOutcome): Promise<Binding> {
    const customer = { id: customerId }
    const binding = await this.#require(customer)
    const isOpen = binding.status === 'pending' || (binding.status === 'failed' && outcome === 'success')
    if (binding.externalId !== reference || !isOpen || binding.authCode === undefined) return this.#view(binding)
    for (const delayMs of outcome === 'success' ? confirmDelaysMs : [0]) {
      if (delayMs > 0) await this.#parts.ports.sleep(delayMs)
      if (await this.#confirm(customerId)) return this.find(customer)
    }
    return outcome === 'failed' ? this.#view(await this.#apply(binding, 'declined')) : this.find(customer)
  }

  /**
   * Ends the link, at DOKU first and then here. Ending a link that has ended succeeds.
   * @throws ProblemError BINDING_NOT_FOUND; DOKU_UNAVAILABLE: the wish is kept and the reconciler carries it out;
   * DOKU_REFUSED: the link is as it was
   */
  async end(customer: Customer): Promise<Binding> {
    const binding = await this.#require(customer)
    if (binding.status === 'unbound') return toBinding(binding)
    const isLinked = await this.#isLinked(binding)
    if (isLinked && !(await this.#unbindAtDoku(customer))) return this.find(customer)
    const ended = await (isLinked ? this.#apply(binding, 'unbound') : this.#apply(binding, 'discarded', binding.status))
    // If the customer agreed at this moment, DOKU must be told after all.
    return ended.status === 'unbound' ? toBinding(ended) : this.end(customer)
  }

  /** @returns false if DOKU says that the customer unlinked before, in the OVO app */
  async #unbindAtDoku(customer: Customer): Promise<boolean> {
    const { customerTokens, session } = this.#parts
    await this.#requestEnd(customer)
    try {
      const unbind = (tokenId: string) =>
        session.asMerchant(customer, (doku, credentials) => doku.unbind(credentials, tokenId))
      await customerTokens.use(customer.id, unbind, { proves: true })
      return true
    } catch (error) {
      if (isBindingRequired(error)) return false
      throw await this.#notEnded(customer, dokuProblem(error))
    }
  }

  /** Keeps the wish, so that a crash does not lose it. */
  async #requestEnd(customer: Customer): Promise<void> {
    await this.#parts.store.change(await this.#require(customer), (binding) => {
      const now = this.#parts.ports.clock()
      return withEvent(binding, 'endRequested', now, { endingSince: now, checks: restarted(binding, now) })
    })
  }

  /**
   * After a lost answer the wish stays. After a refusal it does not.
   * @returns the error for the customer
   */
  async #notEnded(customer: Customer, problem: unknown): Promise<unknown> {
    if (!(problem instanceof ProblemError)) return problem
    if (problem.code === 'DOKU_UNAVAILABLE') {
      const detail = 'DOKU did not answer; unlinking will be finished when it does.'
      return new ProblemError(problem.code, detail, { cause: problem.cause })
    }
    await this.#apply(await this.#require(customer), 'endRefused')
    return problem
  }

  /**
   * Ends the record of a link whose key is lost, here only. The customer must unlink in the OVO app too.
   * @throws ProblemError BINDING_NOT_FOUND, INVALID_FIELD
   */
  async drop(customerId: string, details: StaffInput): Promise<Binding> {
    const { by } = parseInput(staffInput, details)
    const { ports, store } = this.#parts
    const link = await this.#require({ id: customerId })
    ports.logger.warn({ customerId, by }, 'a link is dropped here, and not at DOKU')
    const { binding } = await store.change(link, (one) => withEvent(one, 'dropped', ports.clock(), { droppedBy: by }))
    return toBinding(binding)
  }

  /** Delivers the binding's events to the host, and decides an undecided binding once a check is due. */
  async reconcile(leased: Stored): Promise<void> {
    const { store, ports } = this.#parts
    const now = ports.clock()
    const { binding, isChanged } = await store.change(store.deliver(leased), (one) =>
      isUndecided(one) && now >= nextCheckAt(one) ? { ...one, checks: withCheck(one, now) } : undefined,
    )
    if (!isChanged) return
    if (binding.endingSince !== undefined) await this.end({ id: binding.customerId })
    else await this.#decide(binding, now)
  }

  /** A customer who has not agreed when the check is overdue does not come back. */
  async #decide(pending: BindingRecord, now: number): Promise<void> {
    const { authCode, customerId } = pending
    if (authCode !== undefined && (await this.#confirm(customerId))) return
    if (authCode === undefined || isOverdue(pending, now)) await this.#apply(pending, 'declined')
  }

  /** Whether the customer has a link at DOKU, even if no notification told us so. Asks DOKU if that can be. */
  async #isLinked({ status, authCode, customerId }: BindingRecord): Promise<boolean> {
    return status === 'active' || (status !== 'unbound' && authCode !== undefined && (await this.#confirm(customerId)))
  }

  /** Asks DOKU whether the customer agreed. If she did, the binding becomes active. */
  async #confirm(customerId: string): Promise<boolean> {
    try {
      await this.#parts.customerTokens.fetch(customerId)
      return true
    } catch (error) {
      if (isBindingRequired(error)) return false
      throw error
    }
  }

  /**
   * Applies an event to this link.
   * @param from the event counts only in this status; default: in every status that its row names
   * @returns the customer's binding as it is then
   */
  async #apply(link: BindingRecord, event: BindingEvent, from?: BindingRecord['status']): Promise<BindingRecord> {
    const { ports, store } = this.#parts
    const { binding } = await store.change(link, (one) =>
      from === undefined || one.status === from ? withEvent(one, event, ports.clock()) : undefined,
    )
    return binding
  }

  async #view(record: BindingRecord): Promise<Binding> {
    const { ports, store } = this.#parts
    const page = record.status === 'pending' ? await store.open(record, 'redirectUrl') : undefined
    if (page === undefined || isDokuPage(page, ports.baseUrl)) return toBinding(record, page)
    ports.logger.error({ customerId: record.customerId }, foreignPage)
    return toBinding(record)
  }

  async #require(customer: Customer): Promise<BindingRecord> {
    const binding = await this.#parts.store.read(customer.id)
    if (binding) return binding
    throw new ProblemError('BINDING_NOT_FOUND', 'Link an OVO account first.')
  }
}

function bindingReplaced(): ProblemError {
  return new ProblemError('BINDING_REPLACED', 'Linking was started again in another window; go on there.')
}
