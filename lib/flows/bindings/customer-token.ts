import { DokuError } from '../../doku/client.ts'
import { ProblemError } from '../../errors.ts'
import type { BindingStatus } from '../../model/views.ts'
import { singleFlight } from '../../primitives/single-flight.ts'
import { Records, type Versioned } from '../../records/records.ts'
import { VaultError } from '../../records/vault.ts'
import type { Stored } from '../../storage/storage.ts'
import { dokuProblem } from '../doku-problem.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Ports } from '../ports.ts'
import { bindingShape } from '../record-shapes.ts'
import { type BindingRecord, bindingDueAt, isSameBinding, isSameLink, toBinding, withStatus } from './binding-record.ts'

/** A token that ends sooner is exchanged before it is used. */
const marginMs = 10_000

interface Exchange {
  readonly customerToken: string
  readonly expiresAt: number
}

/** What a binding's record keeps encrypted. */
const sealedFields = ['phoneNo', 'authCode', 'customerToken', 'redirectUrl'] as const

type SealedField = (typeof sealedFields)[number]

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
    this.#records = new Records(ports.storage, {
      dueAt: bindingDueAt,
      shape: bindingShape,
      keyOf: ({ customerId }) => ports.keys.binding(customerId),
    })
  }

  /**
   * The customer's token, exchanged anew when there is none that still lasts. `binding`: read a moment ago.
   * @throws ProblemError BINDING_REQUIRED when the customer has no account linked (any more)
   */
  async get(customerId: string, binding?: Versioned<BindingRecord>): Promise<string> {
    return await this.#tokenIn(binding ?? (await this.readBinding(customerId)), customerId)
  }

  /**
   * Runs a request with the customer's token, and again with another one when DOKU refuses it. A refused token alone
   * proves little, because a newer one may void the older ones (protocol.md §3), and somebody may be fetching one at this
   * moment; so the last try is with a token of our own. If that is refused too, the customer counts as unlinked.
   * `known`: what `get` gave a moment ago.
   */
  async use<T>(customerId: string, run: (customerToken: string) => Promise<T>, known?: string): Promise<T> {
    const first = known ?? (await this.#obtain(customerId))
    try {
      return await run(first)
    } catch (error) {
      if (!isInvalidCustomerToken(error)) throw error
    }
    const second = await this.#obtain(customerId, first)
    try {
      return await run(second)
    } catch (error) {
      if (!isInvalidCustomerToken(error)) throw error
    }
    return this.#useLast(customerId, await this.exchange(customerId), run)
  }

  /**
   * Exchanges the stored authCode for a token. Success proves the binding: one that was not `active` becomes so.
   * @throws ProblemError BINDING_REQUIRED when DOKU says there is no such binding (any more)
   */
  async exchange(customerId: string): Promise<string> {
    return this.#exchangeOnce(customerId, await this.readBinding(customerId))
  }

  readBinding(customerId: string): Promise<Versioned<BindingRecord> | undefined> {
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
    const value = await this.#resealed(next)
    let expected = earlier
    for (;;) {
      const written = await this.#commit(expected, value)
      if (written || !expected) return written
      const current = await this.readBinding(next.customerId)
      if (!current || !isSameBinding(current.value, expected.value)) return undefined
      expected = current
    }
  }

  /**
   * Tells the host what the binding still has to tell.
   * @returns the binding
   */
  deliver(stored: Stored): BindingRecord {
    const record = this.#records.accept(stored.key, stored)
    this.#outbox.deliver(this.#records, stored.key, record)
    return record.value
  }

  /** After a rotation of the keys, what an older one has sealed moves to the newest with the first change of the record. */
  async #resealed(binding: BindingRecord): Promise<BindingRecord> {
    const { vault } = this.#ports
    const renewed: Partial<Record<SealedField, string>> = {}
    for (const field of sealedFields) {
      const sealed = binding[field]
      const plaintext = sealed === undefined || vault.isNewest(sealed) ? undefined : await this.open(binding, field)
      if (plaintext !== undefined) renewed[field] = await vault.seal(sealKey(this.#ports, binding, field), plaintext)
    }
    return { ...binding, ...renewed }
  }

  #commit(expected: Versioned<BindingRecord> | undefined, next: BindingRecord) {
    const { customerId, status } = next
    const { outbox: _stale, ...bare } = next
    const outbox = expected?.value.outbox
    const previousStatus = expected?.value.status
    const event = { type: 'bindingChanged', customerId, previousStatus, binding: toBinding(next) } as const
    return this.#outbox.commit<BindingRecord>(this.#records, {
      key: this.#ports.keys.binding(customerId),
      value: { ...bare, ...(outbox && { outbox }) },
      version: expected?.version,
      events: previousStatus === status ? [] : [event],
    })
  }

  /** `undefined` when there is none, or it does not open: its key is gone, or it was tampered with. */
  async open(binding: BindingRecord, field: SealedField): Promise<string | undefined> {
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

  /** The stored token, unless it has ended or is the one that is known to be refused; else another one. */
  async #obtain(customerId: string, refused?: string): Promise<string> {
    return await this.#tokenIn(await this.readBinding(customerId), customerId, refused)
  }

  async #tokenIn(stored: Versioned<BindingRecord> | undefined, customerId: string, refused?: string): Promise<string> {
    const lasts = this.#ports.clock() < (stored?.value.customerTokenExpiresAt ?? 0) - marginMs
    const token = stored && lasts ? await this.open(stored.value, 'customerToken') : undefined
    return token !== undefined && token !== refused ? token : this.#exchangeOnce(customerId, stored)
  }

  /** The binding keeps its authCode: should the token have been voided after all, the next exchange makes it active again. */
  async #useLast<T>(customerId: string, last: string, run: (customerToken: string) => Promise<T>): Promise<T> {
    try {
      return await run(last)
    } catch (error) {
      if (!isInvalidCustomerToken(error)) throw error
      const isRefused = async (binding: BindingRecord) => (await this.open(binding, 'customerToken')) === last
      throw await this.#unlink(customerId, { isRefused, forgets: false }, error)
    }
  }

  /** Shared by whoever wants the same authCode exchanged, and by nobody else: a customer may be binding anew meanwhile. */
  #exchangeOnce(customerId: string, stored: Versioned<BindingRecord> | undefined): Promise<string> {
    return this.#flight(`${customerId} ${stored?.value.authCode ?? ''}`, () => this.#exchange(customerId, stored))
  }

  /** A refusal ends the binding only if it was active when we asked: the customer may have agreed meanwhile. */
  async #exchange(customerId: string, stored: Versioned<BindingRecord> | undefined): Promise<string> {
    const wasActive = stored?.value.status === 'active'
    const isRefused = (binding: BindingRecord) => wasActive && isSameLink(binding, stored.value)
    const refusal = { isRefused, forgets: true }
    const authCode = stored && (await this.open(stored.value, 'authCode'))
    if (!stored || authCode === undefined) throw await this.#unlink(customerId, refusal)
    const exchange = await this.#ports.doku.fetchCustomerToken(authCode).catch(async (error) => {
      throw saysUnlinked(error) ? await this.#unlink(customerId, refusal, error) : dokuProblem(error)
    })
    return (await this.#keep(stored, exchange)) ? exchange.customerToken : this.#obtain(customerId)
  }

  /**
   * Stores the token with the authCode that it came from. `false`: the binding was ended or replaced meanwhile, and a
   * token of the account that was linked before must not be used for the one that is linked now.
   */
  async #keep(stored: Versioned<BindingRecord>, { customerToken, expiresAt }: Exchange): Promise<boolean> {
    const { customerId } = stored.value
    const sealed = await this.#ports.vault.seal(sealKey(this.#ports, stored.value, 'customerToken'), customerToken)
    let current: Versioned<BindingRecord> | undefined = stored
    while (current !== undefined && isSameLink(current.value, stored.value)) {
      const { value } = current
      const active = value.status === 'active' ? value : withStatus(value, 'active', this.#ports.clock())
      const next = { ...active, customerToken: sealed, customerTokenExpiresAt: expiresAt }
      if (await this.replace(current, next)) return true
      current = await this.readBinding(customerId)
    }
    return false
  }

  /**
   * What is refused was unlinked in the OVO app if it was active, and was never agreed to if it was not. An active
   * binding that is not the refused one any more stays as it is.
   */
  async #unlink(customerId: string, { isRefused, forgets }: Refusal, cause?: unknown): Promise<unknown> {
    for (;;) {
      const stored = await this.readBinding(customerId)
      if (stored?.value.status !== 'active') return bindingRequired(stored?.value.status, cause)
      if (!(await isRefused(stored.value))) return bindingRequired('active', cause)
      const { customerToken: _refused, customerTokenExpiresAt: _end, ...rest } = stored.value
      const now = this.#ports.clock()
      const unlinked = forgets
        ? withStatus(rest, 'unlinked', now)
        : { ...rest, status: 'unlinked' as const, updatedAt: now }
      if (await this.replace(stored, unlinked)) return bindingRequired('unlinked', cause)
    }
  }
}

/** What DOKU refused. */
interface Refusal {
  /** Whether the binding, as it is now, is the one that was refused. */
  readonly isRefused: (binding: BindingRecord) => boolean | Promise<boolean>
  /** Whether its authCode is of no use any more. */
  readonly forgets: boolean
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
  active: 'The account was linked anew meanwhile; try again.',
  unlinked: 'The account was unlinked in the OVO app; link it again.',
  unbound: 'The account was unlinked; link it again.',
}

function bindingRequired(status: BindingStatus | undefined, cause?: unknown): ProblemError {
  return new ProblemError('BINDING_REQUIRED', (status && reasons[status]) ?? 'Link an OVO account first.', { cause })
}
