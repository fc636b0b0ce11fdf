import { ProblemError } from '../errors.ts'
import { externalId } from '../primitives/ids.ts'
import { singleFlight } from '../primitives/single-flight.ts'
import type { Versioned } from '../storage/records.ts'
import { maskPhoneNo } from '../telemetry.ts'
import { type Binding, type BindingRecord, type BindingStatus, toBinding, withStatus } from './binding-record.ts'
import { type CustomerTokens, sealKey } from './customer-token.ts'
import { dokuProblem } from './doku-problem.ts'
import { type BindingInput, bindingInput, parseInput } from './input.ts'
import type { Customer, Ports } from './ports.ts'
import type { ReturnOutcome, ReturnStates } from './return-state.ts'
import type { Session } from './session.ts'

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
export class Bindings {
  readonly #parts: BindingParts
  readonly #flight = singleFlight<Binding>()

  constructor(parts: BindingParts) {
    this.#parts = parts
  }

  /**
   * Starts linking. The customer has to agree on the page at `redirectUrl`. Two clicks at once start one.
   * @throws ProblemError ALREADY_BOUND, BINDING_REPLACED, INVALID_FIELD, OVO_REFUSED, DOKU_REFUSED, DOKU_UNAVAILABLE
   */
  async start(customer: Customer, input: BindingInput): Promise<Binding> {
    const profile = parseInput(bindingInput, input)
    return this.#flight(`${customer.id} ${profile.phoneNo}`, () => this.#start(customer, profile))
  }

  /** @throws ProblemError BINDING_NOT_FOUND */
  async find(customer: Customer): Promise<Binding> {
    return toBinding((await this.#require(customer)).value)
  }

  /**
   * Ends the link, at DOKU first and then here. Ending what has ended succeeds.
   * @throws ProblemError BINDING_NOT_FOUND, DOKU_REFUSED, DOKU_UNAVAILABLE: the link is as it was; try again
   */
  async end(customer: Customer): Promise<Binding> {
    const stored = await this.#require(customer)
    if (stored.value.status === 'active' && !(await this.#unbindAtDoku(customer)))
      return this.#settle(customer, 'unlinked')
    return this.#settle(customer, 'unbound')
  }

  /**
   * The browser came back from OVO. That proves nothing, so DOKU is asked: the authCode can be exchanged if, and only
   * if, the customer agreed.
   */
  async returned(customerId: string, outcome: ReturnOutcome): Promise<Binding> {
    const customer = { id: customerId }
    const { value } = await this.#require(customer)
    if (value.status !== 'pending') return toBinding(value)
    for (const delayMs of outcome === 'success' ? confirmDelaysMs : [0]) {
      if (delayMs > 0) await this.#parts.ports.sleep(delayMs)
      if (await this.#confirm(customerId)) return this.find(customer)
    }
    return outcome === 'failed' ? this.#settle(customer, 'failed') : this.find(customer)
  }

  async #start(customer: Customer, profile: ReturnType<typeof bindingInput.parse>): Promise<Binding> {
    const begun = await this.#begin(customer, profile.phoneNo)
    try {
      const { redirectUrl, additionalInfo } = await this.#requestBinding(customer, profile, begun.value.externalId)
      const { ports } = this.#parts
      const authCode = await ports.vault.seal(sealKey(ports, begun.value, 'authCode'), additionalInfo.authCode)
      const next = { ...begun.value, redirectUrl, authCode, updatedAt: ports.clock() }
      if (await this.#parts.customerTokens.replace(begun, next)) return toBinding(next)
    } catch (error) {
      await this.#abandon(begun, error)
      throw dokuProblem(error)
    }
    throw new ProblemError('BINDING_REPLACED', 'Linking was started again in another window; go on there.')
  }

  /** The record is there before DOKU is asked, so that its notification finds it. */
  async #begin(customer: Customer, phoneNo: string): Promise<Versioned<BindingRecord>> {
    const { ports, customerTokens } = this.#parts
    const earlier = await customerTokens.readBinding(customer.id)
    if (earlier?.value.status === 'active') {
      throw new ProblemError('ALREADY_BOUND', 'Unlink the account that is linked before linking another.')
    }
    const now = ports.clock()
    const record = {
      customerId: customer.id,
      status: 'pending',
      phoneNo: await ports.vault.seal(sealKey(ports, { customerId: customer.id }, 'phoneNo'), phoneNo),
      maskedPhoneNo: maskPhoneNo(phoneNo),
      externalId: externalId(ports.clock),
      createdAt: now,
      updatedAt: now,
    } as const
    const written = await customerTokens.replace(earlier, record)
    if (written) return written
    throw new ProblemError('BINDING_REPLACED', 'Linking was started again in another window; go on there.')
  }

  #requestBinding(customer: Customer, profile: ReturnType<typeof bindingInput.parse>, firstExternalId: string) {
    const { session, returns } = this.#parts
    const urls = returns.urls('binding', customer.id)
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

  /** Without the authCode of its answer a binding request leads nowhere, whatever became of it. */
  async #abandon(begun: Versioned<BindingRecord>, error: unknown): Promise<void> {
    const { ports, customerTokens } = this.#parts
    await customerTokens.replace(begun, withStatus(begun.value, 'failed', ports.clock())).catch((storageError) => {
      ports.logger.error({ err: storageError, cause: error }, 'a failed binding could not be recorded')
    })
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
    try {
      const { customerTokens, session } = this.#parts
      await customerTokens.use(customer.id, (tokenId) =>
        session.asMerchant(customer, (doku, credentials) => doku.unbind(credentials, tokenId)),
      )
      return true
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'BINDING_REQUIRED') return false
      throw dokuProblem(error)
    }
  }

  /** The status as it is stored in the end: who came first with a final one is right. */
  async #settle(customer: Customer, status: BindingStatus): Promise<Binding> {
    for (;;) {
      const stored = await this.#require(customer)
      if (!allowed[status]?.includes(stored.value.status)) return toBinding(stored.value)
      const next = withStatus(stored.value, status, this.#parts.ports.clock())
      if (await this.#parts.customerTokens.replace(stored, next)) return toBinding(next)
    }
  }

  async #require(customer: Customer): Promise<Versioned<BindingRecord>> {
    const stored = await this.#parts.customerTokens.readBinding(customer.id)
    if (stored) return stored
    throw new ProblemError('BINDING_NOT_FOUND', 'Link an OVO account first.')
  }
}

/** From which statuses a customer's own doing leads to which. */
const allowed: Partial<Record<BindingStatus, readonly BindingStatus[]>> = {
  failed: ['pending'],
  unlinked: ['active'],
  unbound: ['active', 'pending', 'failed', 'unlinked'],
}
