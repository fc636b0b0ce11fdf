import { DokuError } from '../doku/client.ts'
import { ProblemError } from '../errors.ts'
import { singleFlight } from '../primitives/single-flight.ts'
import { Records, type Versioned } from '../storage/records.ts'
import { VaultError } from '../storage/vault.ts'
import { type BindingRecord, type BindingStatus, toBinding, withStatus } from './binding-record.ts'
import { dokuProblem } from './doku-problem.ts'
import type { Outbox } from './outbox.ts'
import type { Ports } from './ports.ts'

/** A token that ends sooner is exchanged before it is used. */
const marginMs = 10_000

interface Exchange {
  readonly customerToken: string
  readonly expiresAt: number
}

/**
 * The customer tokens (B2B2C), each kept in its customer's binding and nowhere else, sealed for that binding. Also the
 * one place that changes a binding's status, because it is by these tokens that DOKU tells a customer has unlinked.
 * @see design.md rule 7; protocol.md §4
 */
export class CustomerTokens {
  readonly #ports: Ports
  readonly #outbox: Outbox
  readonly #records: Records<BindingRecord>
  readonly #flight = singleFlight<string>()

  constructor(ports: Ports, outbox: Outbox) {
    this.#ports = ports
    this.#outbox = outbox
    this.#records = new Records(ports.storage)
  }

  /**
   * The customer's token, exchanged anew when there is none that still lasts.
   * @throws ProblemError BINDING_REQUIRED when the customer has no account linked (any more)
   */
  async get(customerId: string): Promise<string> {
    const binding = (await this.readBinding(customerId))?.value
    const { customerToken, customerTokenExpiresAt = 0 } = binding ?? {}
    const lasts = this.#ports.clock() < customerTokenExpiresAt - marginMs
    const opened = binding && customerToken && lasts ? await this.#open(binding, 'customerToken') : undefined
    return opened ?? this.exchange(customerId)
  }

  /**
   * Runs a request with the customer's token; when DOKU says that the token is not valid, once more with another one,
   * and after that the customer counts as unlinked.
   */
  async use<T>(customerId: string, run: (customerToken: string) => Promise<T>): Promise<T> {
    try {
      return await run(await this.get(customerId))
    } catch (error) {
      if (!isInvalidCustomerToken(error)) throw error
    }
    try {
      return await run(await this.exchange(customerId))
    } catch (error) {
      if (!isInvalidCustomerToken(error)) throw error
      throw await this.#unlink(customerId, error)
    }
  }

  /**
   * Exchanges the stored authCode for a token. Success proves the binding: one that was not `active` becomes so.
   * @throws ProblemError BINDING_REQUIRED when DOKU says there is no such binding (any more)
   */
  exchange(customerId: string): Promise<string> {
    return this.#flight(customerId, () => this.#exchange(customerId))
  }

  async readBinding(customerId: string): Promise<Versioned<BindingRecord> | undefined> {
    return this.#records.read(this.#ports.keys.binding(customerId))
  }

  /**
   * Writes the customer's binding, unless it is not as it was when `earlier` was read; a new status is told to the host.
   * @returns what was stored; `undefined` when somebody else was first
   */
  async replace(
    earlier: Versioned<BindingRecord> | undefined,
    next: BindingRecord,
  ): Promise<Versioned<BindingRecord> | undefined> {
    const { customerId, status } = next
    const previousStatus = earlier?.value.status
    const event = { type: 'bindingChanged', customerId, previousStatus, binding: toBinding(next) } as const
    const events = previousStatus === status ? [] : [event]
    const key = this.#ports.keys.binding(customerId)
    return this.#outbox.commit(this.#records, { key, value: next, version: earlier?.version, events })
  }

  /** For matching DOKU's binding notification, which repeats it. `undefined` when there is none that opens. */
  openAuthCode(binding: BindingRecord): Promise<string | undefined> {
    return this.#open(binding, 'authCode')
  }

  async #exchange(customerId: string): Promise<string> {
    const stored = await this.readBinding(customerId)
    const authCode = stored && (await this.#open(stored.value, 'authCode'))
    if (!stored || authCode === undefined) throw await this.#unlink(customerId)
    try {
      const exchange = await this.#ports.doku.fetchCustomerToken(authCode)
      await this.#keep(stored, exchange)
      return exchange.customerToken
    } catch (error) {
      throw saysUnlinked(error) ? await this.#unlink(customerId, error) : dokuProblem(error)
    }
  }

  /** Losing the race is fine: the token is valid all the same, and the winner's record is not overwritten. */
  async #keep(stored: Versioned<BindingRecord>, { customerToken, expiresAt }: Exchange): Promise<void> {
    const sealed = await this.#ports.vault.seal(sealKey(this.#ports, stored.value, 'customerToken'), customerToken)
    const active =
      stored.value.status === 'active' ? stored.value : withStatus(stored.value, 'active', this.#ports.clock())
    await this.replace(stored, { ...active, customerToken: sealed, customerTokenExpiresAt: expiresAt })
  }

  /** What is refused was unlinked in the OVO app if it was active, and was never agreed to if it was not. */
  async #unlink(customerId: string, cause?: unknown): Promise<ProblemError> {
    const stored = await this.readBinding(customerId)
    if (stored?.value.status !== 'active') return bindingRequired(stored?.value.status, cause)
    await this.replace(stored, withStatus(stored.value, 'unlinked', this.#ports.clock()))
    return bindingRequired('unlinked', cause)
  }

  /** `undefined` when it cannot be opened (its key is gone, or it was tampered with): the customer has to bind again. */
  async #open(binding: BindingRecord, field: 'authCode' | 'customerToken'): Promise<string | undefined> {
    const sealed = binding[field]
    if (sealed === undefined) return undefined
    try {
      return await this.#ports.vault.open(sealKey(this.#ports, binding, field), sealed)
    } catch (error) {
      if (!(error instanceof VaultError)) throw error
      this.#ports.logger.error({ err: error, customerId: binding.customerId, field }, 'a sealed value does not open')
      return undefined
    }
  }
}

/** A sealed field opens in its own record and its own place only. */
export function sealKey(ports: Pick<Ports, 'keys'>, { customerId }: { customerId: string }, field: string): string {
  return `${ports.keys.binding(customerId)}#${field}`
}

function isInvalidCustomerToken(error: unknown): boolean {
  return error instanceof DokuError && error.meaning === 'customer-token-invalid'
}

/**
 * `4017400` on the exchange. A wrong key of the merchant is answered with the same code and must not unlink everybody:
 * then the message speaks of the signature or the client. @see protocol.md §3, §4
 */
function saysUnlinked(error: unknown): boolean {
  if (!(error instanceof DokuError)) return false
  if (error.meaning === 'customer-token-invalid') return true
  return error.meaning === 'unauthorized' && !/signature|unknown client/i.test(error.responseMessage)
}

const reasons: Readonly<Partial<Record<BindingStatus, string>>> = {
  pending: 'Linking is not finished: agree on OVO’s page, or start again.',
  failed: 'Linking did not succeed; start again.',
  unlinked: 'The account was unlinked in the OVO app; link it again.',
  unbound: 'The account was unlinked; link it again.',
}

function bindingRequired(status: BindingStatus | undefined, cause?: unknown): ProblemError {
  return new ProblemError('BINDING_REQUIRED', (status && reasons[status]) ?? 'Link an OVO account first.', { cause })
}
