import type { Generation } from '../protocol/routes.ts'
import type { Account } from './accounts.ts'

/** `awaiting-otp -> awaiting-pin -> linked -> unlinked`; or `failed` before it is linked. */
export type BindingStatus = 'awaiting-otp' | 'awaiting-pin' | 'linked' | 'failed' | 'unlinked'

/** A merchant's customer linking an OVO account, from the request on. */
export interface Binding {
  /** The last part of `redirectUrl`. Differs from the authCode, as it does on DOKU's page (protocol.md section 6). */
  readonly id: string
  readonly authCode: string
  /** The X-EXTERNAL-ID of the binding request, which the notification repeats. */
  readonly externalId: string
  readonly custIdMerchant: string
  readonly account: Account
  readonly generation: Generation
  readonly successUrl: string
  readonly failedUrl: string
  status: BindingStatus
}

export class Bindings {
  readonly #all: Binding[] = []

  add(binding: Binding): void {
    this.#all.push(binding)
  }

  byId(id: string): Binding | undefined {
    return this.#all.find((binding) => binding.id === id)
  }

  byAuthCode(authCode: string): Binding | undefined {
    return this.#all.find((binding) => binding.authCode === authCode)
  }

  /** The newest binding of a customer, in whatever state. */
  newestOf(custIdMerchant: string): Binding | undefined {
    return this.#all.findLast((binding) => binding.custIdMerchant === custIdMerchant)
  }

  linkedOf(custIdMerchant: string): Binding | undefined {
    return this.#all.find((binding) => binding.custIdMerchant === custIdMerchant && binding.status === 'linked')
  }
}

export function link(binding: Binding): void {
  binding.status = 'linked'
  binding.account.linkedTo = binding.custIdMerchant
}

/** From here on its authCode and its customer tokens are dead, and the account may be bound again. */
export function unlink(binding: Binding): void {
  binding.status = 'unlinked'
  binding.account.linkedTo = undefined
}
