import { DokuError } from '../../doku/client.ts'
import { ProblemError, StorageError } from '../../errors.ts'
import type { BindingStatus } from '../../model/views.ts'
import { singleFlight } from '../../primitives/single-flight.ts'
import { VaultError } from '../../records/vault.ts'
import { dokuProblem } from '../doku-problem.ts'
import { areComparable, type Heard, permits } from '../evidence.ts'
import type { Ports } from '../ports.ts'
import type { AccessTokens } from '../session/access-token.ts'
import { type BindingRecord, type EarlierLink, linksOf } from './binding-record.ts'
import { withEvent } from './binding-state.ts'
import type { BindingStore } from './binding-store.ts'

/** A token that ends within this time counts as ended. */
const marginMs = 10_000

/** More unlinks than this within a minute are a fault of ours or of DOKU: so many customers do not leave at once. */
const unlinksAtMost = 5
const countedForMs = 60_000
const stoppedForMs = 10 * 60_000

interface FetchedToken {
  readonly customerToken: string
  readonly expiresAt: number
}

/** How a refusal of the link is witnessed. */
export interface Witnessing {
  /**
   * Proves by an access token that DOKU accepts our keys, so that one refusal is enough. Default: a refusal counts only
   * if that was proven within the last minute by chance, or if it comes again at least 5 minutes later.
   */
  readonly proves?: boolean | undefined
}

/**
 * The customer tokens (B2B2C). Each is kept in its customer's binding and nowhere else. DOKU gives a token for the
 * binding's authCode, and by refusing it tells that the customer has unlinked.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-7
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-11
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#4
 */
export class CustomerTokens {
  readonly #ports: Ports
  readonly #bindings: BindingStore
  readonly #accessTokens: AccessTokens
  readonly #flight = singleFlight<string>()
  /** The times of the latest unlinks by this process, by its monotonic clock. */
  #unlinkedAt: readonly number[] = []
  #stoppedUntil = Number.NEGATIVE_INFINITY

  constructor(ports: Ports, bindings: BindingStore, accessTokens: AccessTokens) {
    this.#ports = ports
    this.#bindings = bindings
    this.#accessTokens = accessTokens
  }

  /**
   * The customer's token: the stored one if it still lasts, else a new one.
   * @param binding the customer's, if the caller has just read it
   * @throws ProblemError BINDING_REQUIRED if the customer has no linked account; DOKU_UNAVAILABLE, DOKU_REFUSED
   * @throws StorageError if a sealed value does not open
   */
  async get(customerId: string, binding?: BindingRecord): Promise<string> {
    return await this.#tokenIn(binding ?? (await this.#bindings.read(customerId)), customerId)
  }

  /**
   * Runs a request with the customer's token, and again with another one if DOKU refuses it. One refused token proves
   * little: a newer token may void it, and another process may be fetching one at this moment. So the
   * last try uses a token of its own. If DOKU refuses that too, the link was refused.
   * @param known the token that `get` returned a moment ago
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#3
   */
  async use<T>(
    customerId: string,
    run: (customerToken: string) => Promise<T>,
    { known, proves }: Witnessing & { readonly known?: string | undefined } = {},
  ): Promise<T> {
    const first = known ?? (await this.#tokenIn(await this.#bindings.read(customerId), customerId, { proves }))
    try {
      return await run(first)
    } catch (error) {
      if (!isInvalidCustomerToken(error)) throw error
    }
    const second = await this.#tokenIn(await this.#bindings.read(customerId), customerId, { proves, refused: first })
    try {
      return await run(second)
    } catch (error) {
      if (!isInvalidCustomerToken(error)) throw error
    }
    const last = await this.fetch(customerId, { proves })
    try {
      return await run(last)
    } catch (error) {
      if (!isInvalidCustomerToken(error)) throw error
      const link = await this.#bindings.read(customerId)
      throw link ? await this.#linkRefused(link, error, last) : bindingRequired(undefined, error)
    }
  }

  /**
   * Fetches a new token for the binding's authCode. That proves the link, so a binding that was not `active` becomes so.
   * @throws ProblemError BINDING_REQUIRED if DOKU says that there is no such link; DOKU_UNAVAILABLE, DOKU_REFUSED
   * @throws StorageError if the authCode does not open
   */
  async fetch(customerId: string, witnessing: Witnessing = {}): Promise<string> {
    return this.#fetchOnce(customerId, await this.#bindings.read(customerId), witnessing)
  }

  /**
   * Whether any of the customer's links works, the ones included that a later one replaced. One that works is her link
   * again, `active`.
   * @throws ProblemError DOKU_UNAVAILABLE if a refusal has no second witness
   */
  async findLink(binding: BindingRecord): Promise<boolean> {
    for (const link of linksOf(binding)) {
      const authCode = await this.#bindings.openSealed(binding.customerId, 'authCode', link.authCode)
      const fetched = await this.#exchange(authCode, binding, { proves: true }).catch((error) => {
        if (!isBindingRequired(error)) throw error
      })
      if (fetched && (await this.#keep(binding, fetched, link))) return true
    }
    return false
  }

  /** @param refused a token that DOKU does not take */
  async #tokenIn(
    binding: BindingRecord | undefined,
    customerId: string,
    { refused, proves }: Witnessing & { readonly refused?: string | undefined } = {},
  ): Promise<string> {
    const lasts = this.#ports.clock() < (binding?.customerTokenExpiresAt ?? 0) - marginMs
    const token = binding && lasts ? await this.#bindings.open(binding, 'customerToken') : undefined
    return token !== undefined && token !== refused ? token : this.#fetchOnce(customerId, binding, { proves })
  }

  /** One flight per authCode: the customer may be linking another account at the same time. */
  #fetchOnce(customerId: string, binding: BindingRecord | undefined, witnessing: Witnessing): Promise<string> {
    const { proves = false } = witnessing
    return this.#flight(`${customerId} ${binding?.authCode ?? ''} ${proves}`, () =>
      this.#fetch(customerId, binding, witnessing),
    )
  }

  async #fetch(customerId: string, binding: BindingRecord | undefined, witnessing: Witnessing): Promise<string> {
    // The customer ended an `unbound` link; its authCode serves only to see whether DOKU has ended it too.
    const isUsable = binding && binding.status !== 'unbound'
    const authCode = isUsable ? await this.#bindings.open(binding, 'authCode') : undefined
    if (!binding || authCode === undefined) throw bindingRequired(binding?.status)
    const fetched = await this.#exchange(authCode, binding, witnessing)
    // A token of a link that has ended or was replaced meanwhile must not be used for the present one.
    if (await this.#keep(binding, fetched)) return fetched.customerToken
    const current = await this.#bindings.read(customerId)
    if (current?.authCode === binding.authCode) throw bindingRequired(current?.status)
    return this.#tokenIn(current, customerId)
  }

  async #exchange(authCode: string, link: BindingRecord, { proves = false }: Witnessing): Promise<FetchedToken> {
    const { doku } = this.#ports
    try {
      return await doku.fetchCustomerToken(authCode)
    } catch (error) {
      if (!saysNotLinked(error)) throw dokuProblem(error)
      if (!proves || this.#accessTokens.isProven()) throw await this.#linkRefused(link, error)
    }
    const isProven = await this.#accessTokens.prove()
    if (!isProven && link.status !== 'active') throw new ProblemError('DOKU_UNAVAILABLE', doubted)
    // The refusal came before the proof, so it could be of a bad moment that is over.
    return doku.fetchCustomerToken(authCode).catch(async (error) => {
      throw saysNotLinked(error) ? await this.#linkRefused(link, error) : dokuProblem(error)
    })
  }

  /**
   * @param restored a link that the customer wants back, if the token belongs to that
   * @returns whether the link is still the one that the token belongs to
   */
  async #keep(
    link: BindingRecord,
    { customerToken, expiresAt }: FetchedToken,
    restored?: EarlierLink,
  ): Promise<boolean> {
    const sealed = await this.#bindings.seal(link.customerId, 'customerToken', customerToken)
    const token = { customerToken: sealed, customerTokenExpiresAt: expiresAt }
    const { isChanged } = await this.#bindings.change(link, (one) => {
      const now = this.#ports.clock()
      if (one.authCode !== link.authCode) return undefined
      const moved = restored
        ? withEvent({ ...one, ...restored }, 'restored', now, token)
        : withEvent(one, 'worked', now, token)
      return moved ?? withEvent(one, 'refreshed', now, token)
    })
    return isChanged
  }

  /**
   * DOKU did not take the authCode, or the newest token for it. That ends an active link only with a second witness, and
   * only if the link was active before DOKU was asked: the customer may have agreed since.
   * @param token the refused token; another process may have stored a newer one
   * @returns the error for the customer
   */
  async #linkRefused(link: BindingRecord, cause: DokuError, token?: string): Promise<ProblemError> {
    if (link.status !== 'active') {
      return bindingRequired((await this.#bindings.read(link.customerId))?.status, cause)
    }
    const { binding } = saysUnlinked(cause)
      ? await this.#bindings.change(link, (one) => this.#afterRefusal(one, cause, token))
      : { binding: link }
    const isSame = binding.externalId === link.externalId && binding.status === 'active'
    if (!isSame || !(await this.#isCurrent(binding, token))) return bindingRequired(binding.status, cause)
    if (!saysUnlinked(cause)) return dokuProblem(cause) as ProblemError
    return new ProblemError('DOKU_UNAVAILABLE', doubted, { cause })
  }

  async #afterRefusal(one: BindingRecord, cause: DokuError, token?: string): Promise<BindingRecord | undefined> {
    if (one.status !== 'active' || !(await this.#isCurrent(one, token))) return undefined
    const { monotonic, processId, clock } = this.#ports
    const dokuTime = cause.answeredAt
    const heard: Heard = { ...(dokuTime !== undefined && { dokuTime }), process: processId, monotonicMs: monotonic() }
    const first = one.firstRefusal
    const isWitnessed =
      (this.#accessTokens.isProven() && permits('end-binding', 'link refused, merchant accepted')) ||
      (first !== undefined && permits('end-binding', 'link refused', [first, heard]))
    if (isWitnessed) return this.#mayUnlink() ? withEvent(one, 'refused', clock()) : undefined
    return first !== undefined && areComparable(first, heard) ? undefined : { ...one, firstRefusal: heard }
  }

  async #isCurrent(binding: BindingRecord, token: string | undefined): Promise<boolean> {
    return token === undefined || (await this.#bindings.open(binding, 'customerToken')) === token
  }

  /** Whether this process has not unlinked too many customers. So many refusals have one cause, and it is not they. */
  #mayUnlink(): boolean {
    const now = this.#ports.monotonic()
    if (now < this.#stoppedUntil) return false
    this.#unlinkedAt = [...this.#unlinkedAt.filter((at) => at > now - countedForMs), now]
    if (this.#unlinkedAt.length <= unlinksAtMost) return true
    this.#stoppedUntil = now + stoppedForMs
    this.#ports.logger.error(
      { unlinkedAtMost: unlinksAtMost, stoppedForMs },
      'DOKU refuses the links of many customers at once: none is called unlinked for now; look at the keys and at DOKU',
    )
    return false
  }
}

const doubted = 'OVO did not take the link just now. Nothing was changed; try again in five minutes.'

function isInvalidCustomerToken(error: unknown): error is DokuError {
  return error instanceof DokuError && error.meaning === 'customer-token-invalid'
}

/** Whether DOKU's answer to an authCode says that there is no link, or none yet. That alone ends nothing. */
function saysNotLinked(error: unknown): error is DokuError {
  return error instanceof DokuError && (error.meaning === 'unauthorized' || error.meaning === 'customer-token-invalid')
}

/**
 * The reasons after `4017400 Unauthorized` with which DOKU says that the customer unlinked; no reason counts too. DOKU
 * answers `4017400` for a wrong key, client or timestamp of the merchant as well, and for a fault of its own. None of
 * that may unlink a customer, so another reason ends nothing.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#4
 */
const unlinkedReasons = [
  '',
  'authcode',
  'auth code',
  'account is not linked',
  'account not linked',
  'account unlinked',
  'account is unlinked',
  'binding not found',
  'binding is not active',
  'customer is not linked',
  'invalid auth code',
  'invalid authcode',
  'auth code not found',
  'authcode not found',
  'auth code revoked',
  'authcode revoked',
]

function saysUnlinked({ meaning, responseMessage }: DokuError): boolean {
  if (meaning === 'customer-token-invalid') return true
  const reason = /^unauthorized[.:\s]*(.*?)[.\s]*$/i.exec(responseMessage)?.[1]
  return meaning === 'unauthorized' && reason !== undefined && unlinkedReasons.includes(reason.toLowerCase())
}

/** Whether the customer has no account linked, or not any more. */
export function isBindingRequired(error: unknown): boolean {
  return error instanceof ProblemError && error.code === 'BINDING_REQUIRED'
}

/**
 * Whether the customer has no token that can be used now: she has no link, DOKU has just refused it, or it does not open.
 * A request that can go without one then goes without.
 */
export function isWithoutToken(error: unknown): boolean {
  if (error instanceof StorageError) return error.cause instanceof VaultError
  return error instanceof ProblemError && (error.code === 'BINDING_REQUIRED' || error.detail === doubted)
}

const reasons: Readonly<Record<BindingStatus, string>> = {
  pending: 'Linking is not finished: agree on OVO’s page, or start again.',
  failed: 'Linking did not succeed; start again.',
  active: 'The account was linked again meanwhile; try again.',
  unlinked: 'The account was unlinked in the OVO app; link it again.',
  unbound: 'The account was unlinked; link it again.',
}

function bindingRequired(status: BindingStatus | undefined, cause?: unknown): ProblemError {
  return new ProblemError('BINDING_REQUIRED', status ? reasons[status] : 'Link an OVO account first.', { cause })
}
