import type { Generation } from '../protocol/routes.ts'
import type { Account } from './accounts.ts'

/** `awaiting-otp -> awaiting-pin -> linked -> unlinked`, or `failed` before it is linked. */
type BindingStatus = 'awaiting-otp' | 'awaiting-pin' | 'linked' | 'failed' | 'unlinked'

/** The link between a merchant's customer and an OVO account, from the first request on. */
export interface Binding {
  /**
   * The last part of `redirectUrl`. It differs from the authCode, as on DOKU's page.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#6
   */
  readonly id: string
  readonly authCode: string
  /** The X-EXTERNAL-ID of the binding request, which the notification repeats. */
  readonly externalId: string
  readonly custIdMerchant: string
  readonly account: Account
  readonly generation: Generation
  readonly successUrl: string
  readonly failedUrl: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  status: BindingStatus
}

/** The bindings, by each of their ids. */
export interface BindingMemory {
  readonly byId: Map<string, Binding>
  readonly byAuthCode: Map<string, Binding>
  /** By custIdMerchant. */
  readonly newest: Map<string, Binding>
  /** By custIdMerchant. */
  readonly linked: Map<string, Binding>
}

export function noBindings(): BindingMemory {
  return { byId: new Map(), byAuthCode: new Map(), newest: new Map(), linked: new Map() }
}

/** All bindings that were ever requested. Linking and unlinking happen here, so that a customer has at most one link. */
export class Bindings {
  readonly #memory: BindingMemory

  constructor(memory: BindingMemory) {
    this.#memory = memory
  }

  add(binding: Binding): void {
    this.#memory.byId.set(binding.id, binding)
    this.#memory.byAuthCode.set(binding.authCode, binding)
    this.#memory.newest.set(binding.custIdMerchant, binding)
  }

  byId(id: string): Binding | undefined {
    return this.#memory.byId.get(id)
  }

  byAuthCode(authCode: string): Binding | undefined {
    return this.#memory.byAuthCode.get(authCode)
  }

  /** The newest binding of a customer, in any state. */
  newestOf(custIdMerchant: string): Binding | undefined {
    return this.#memory.newest.get(custIdMerchant)
  }

  linkedOf(custIdMerchant: string): Binding | undefined {
    return this.#memory.linked.get(custIdMerchant)
  }

  link(binding: Binding): void {
    binding.status = 'linked'
    binding.account.linkedTo = binding.custIdMerchant
    this.#memory.linked.set(binding.custIdMerchant, binding)
  }

  /** Ends the link. Its authCode and its customer tokens stop working, and the account can be linked again. */
  unlink(binding: Binding): void {
    binding.status = 'unlinked'
    binding.account.linkedTo = undefined
    this.#memory.linked.delete(binding.custIdMerchant)
  }
}
