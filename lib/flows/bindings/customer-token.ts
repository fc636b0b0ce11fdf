import { DokuError } from '../../doku/client.ts'
import { ProblemError } from '../../errors.ts'
import type { BindingStatus } from '../../model/views.ts'
import { singleFlight } from '../../primitives/single-flight.ts'
import { dokuProblem } from '../doku-problem.ts'
import type { Ports } from '../ports.ts'
import type { BindingRecord } from './binding-record.ts'
import { withEvent } from './binding-state.ts'
import type { BindingStore } from './binding-store.ts'

/** A token that ends within this time counts as ended. */
const marginMs = 10_000

interface FetchedToken {
  readonly customerToken: string
  readonly expiresAt: number
}

/**
 * The customer tokens (B2B2C). Each is kept in its customer's binding and nowhere else. DOKU gives a token for the
 * binding's authCode, and by refusing it tells that the customer has unlinked.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-7
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#4
 */
export class CustomerTokens {
  readonly #ports: Ports
  readonly #bindings: BindingStore
  readonly #flight = singleFlight<string>()

  constructor(ports: Ports, bindings: BindingStore) {
    this.#ports = ports
    this.#bindings = bindings
  }

  /**
   * The customer's token: the stored one if it still lasts, else a new one.
   * @param binding the customer's, if the caller has just read it
   * @throws ProblemError BINDING_REQUIRED if the customer has no linked account; DOKU_UNAVAILABLE, DOKU_REFUSED
   */
  async get(customerId: string, binding?: BindingRecord): Promise<string> {
    return await this.#tokenIn(binding ?? (await this.#bindings.read(customerId)), customerId)
  }

  /**
   * Runs a request with the customer's token, and again with another one if DOKU refuses it. One refused token proves
   * little: a newer token may void it, and another process may be fetching one at this moment. So the
   * last try uses a token of its own. If DOKU refuses that too, the binding becomes `unlinked`.
   * @param known the token that `get` returned a moment ago
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#3
   */
  async use<T>(customerId: string, run: (customerToken: string) => Promise<T>, known?: string): Promise<T> {
    const first = known ?? (await this.get(customerId))
    try {
      return await run(first)
    } catch (error) {
      if (!isInvalidCustomerToken(error)) throw error
    }
    const second = await this.#tokenIn(await this.#bindings.read(customerId), customerId, first)
    try {
      return await run(second)
    } catch (error) {
      if (!isInvalidCustomerToken(error)) throw error
    }
    const last = await this.fetch(customerId)
    try {
      return await run(last)
    } catch (error) {
      throw isInvalidCustomerToken(error) ? await this.#tokenRefused(customerId, last, error) : error
    }
  }

  /**
   * Fetches a new token for the binding's authCode. That proves the link, so a binding that was not `active` becomes so.
   * @throws ProblemError BINDING_REQUIRED if DOKU says that there is no such link; DOKU_UNAVAILABLE, DOKU_REFUSED
   */
  async fetch(customerId: string): Promise<string> {
    return this.#fetchOnce(customerId, await this.#bindings.read(customerId))
  }

  /** @param refused a token that DOKU does not take */
  async #tokenIn(binding: BindingRecord | undefined, customerId: string, refused?: string): Promise<string> {
    const lasts = this.#ports.clock() < (binding?.customerTokenExpiresAt ?? 0) - marginMs
    const token = binding && lasts ? await this.#bindings.open(binding, 'customerToken') : undefined
    return token !== undefined && token !== refused ? token : this.#fetchOnce(customerId, binding)
  }

  /** One flight per authCode: the customer may be linking another account at the same time. */
  #fetchOnce(customerId: string, binding: BindingRecord | undefined): Promise<string> {
    return this.#flight(`${customerId} ${binding?.authCode ?? ''}`, () => this.#fetch(customerId, binding))
  }

  async #fetch(customerId: string, binding: BindingRecord | undefined): Promise<string> {
    const authCode = binding && (await this.#bindings.open(binding, 'authCode'))
    if (!binding || authCode === undefined) throw await this.#codeRefused(customerId, binding)
    const fetched = await this.#ports.doku.fetchCustomerToken(authCode).catch(async (error) => {
      throw saysUnlinked(error) ? await this.#codeRefused(customerId, binding, error) : dokuProblem(error)
    })
    // A token of a link that has ended or was replaced meanwhile must not be used for the present one.
    return (await this.#keep(binding, fetched)) ? fetched.customerToken : this.get(customerId)
  }

  /** @returns whether the link is still the one that the token belongs to */
  async #keep(link: BindingRecord, { customerToken, expiresAt }: FetchedToken): Promise<boolean> {
    const sealed = await this.#bindings.seal(link.customerId, 'customerToken', customerToken)
    const token = { customerToken: sealed, customerTokenExpiresAt: expiresAt }
    const { isChanged } = await this.#bindings.change(link, (binding) => {
      const now = this.#ports.clock()
      return withEvent(binding, 'agreed', now, token) ?? withEvent(binding, 'refreshed', now, token)
    })
    return isChanged
  }

  /**
   * The refusal ends the link only if it was active before DOKU was asked: the customer may have agreed since.
   * @param refused the binding whose authCode DOKU refused
   * @returns the error for the customer
   */
  async #codeRefused(customerId: string, refused: BindingRecord | undefined, cause?: unknown): Promise<ProblemError> {
    const current =
      refused?.status === 'active'
        ? (await this.#bindings.change(refused, (one) => withEvent(one, 'codeRefused', this.#ports.clock()))).binding
        : await this.#bindings.read(customerId)
    return bindingRequired(current?.status, cause)
  }

  /**
   * The refusal ends the link only if the binding still has this token: another process may have stored a newer one.
   * @returns the error for the customer
   */
  async #tokenRefused(customerId: string, token: string, cause: unknown): Promise<ProblemError> {
    const known = await this.#bindings.read(customerId)
    if (!known) return bindingRequired(undefined, cause)
    const { binding: current } = await this.#bindings.change(known, async (binding) => {
      const isRefused = (await this.#bindings.open(binding, 'customerToken')) === token
      return isRefused ? withEvent(binding, 'tokenRefused', this.#ports.clock()) : undefined
    })
    return bindingRequired(current.status, cause)
  }
}

function isInvalidCustomerToken(error: unknown): boolean {
  return error instanceof DokuError && error.meaning === 'customer-token-invalid'
}

/**
 * Whether DOKU's answer to an authCode says that the customer unlinked. DOKU answers `4017400` for a wrong key of the
 * merchant too, and that must not unlink every customer: then the message names the signature or the client.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#3
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#4
 */
function saysUnlinked(error: unknown): boolean {
  if (!(error instanceof DokuError)) return false
  if (error.meaning === 'customer-token-invalid') return true
  return error.meaning === 'unauthorized' && !/signature|unknown client/i.test(error.responseMessage)
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
