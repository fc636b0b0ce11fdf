import type { Credentials, Device, DokuClient } from '../../doku/client.ts'
import { toDeviceId } from '../../doku/requests.ts'
import { sha256Hex } from '../../doku/signature.ts'
import type { Customer } from '../../model/views.ts'
import { externalId } from '../../primitives/ids.ts'
import type { BindingRecord } from '../bindings/binding-record.ts'
import type { BindingStore } from '../bindings/binding-store.ts'
import { type CustomerTokens, isWithoutToken } from '../bindings/customer-token.ts'
import type { Ports } from '../ports.ts'
import type { AccessTokens } from './access-token.ts'

type Run<T> = (doku: DokuClient, credentials: Credentials) => Promise<T>

/** Makes signed calls to DOKU with the tokens that they need, and with new ones if DOKU refuses the old. */
export class Session {
  readonly #ports: Ports
  readonly #accessTokens: AccessTokens
  readonly #customerTokens: CustomerTokens
  readonly #bindings: BindingStore

  constructor(ports: Ports, accessTokens: AccessTokens, customerTokens: CustomerTokens, bindings: BindingStore) {
    this.#ports = ports
    this.#accessTokens = accessTokens
    this.#customerTokens = customerTokens
    this.#bindings = bindings
  }

  /** Calls with the merchant's token alone. Each request, a repeated one too, has its own X-EXTERNAL-ID. */
  asMerchant<T>(customer: Customer | undefined, run: Run<T>, firstExternalId?: string): Promise<T> {
    const device = customer && this.#device(customer)
    const nextExternalId = this.#externalIds(firstExternalId)
    return this.#accessTokens.use((accessToken) =>
      run(this.#ports.doku, { accessToken, device, externalId: nextExternalId() }),
    )
  }

  /** Calls with the customer's own token as well. The first try can use the one that was prepared. */
  asCustomer<T>(customer: Customer, run: Run<T>, firstExternalId?: string, prepared?: string): Promise<T> {
    const device = this.#device(customer)
    const nextExternalId = this.#externalIds(firstExternalId)
    const asThem = (customerToken: string) =>
      this.#accessTokens.use((accessToken) =>
        run(this.#ports.doku, { accessToken, customerToken, device, externalId: nextExternalId() }),
      )
    return this.#customerTokens.use(customer.id, asThem, { known: prepared })
  }

  /**
   * A call for a customer who may have unlinked meanwhile: with the customer's token if there is one, else without. DOKU
   * looks at no request whose token it refuses, so the second call is no second act.
   */
  async forCustomer<T>(customer: Customer, run: Run<T>, firstExternalId?: string): Promise<T> {
    const device = this.#device(customer)
    const nextExternalId = this.#externalIds(firstExternalId)
    const send = (customerToken?: string) =>
      this.#accessTokens.use((accessToken) =>
        run(this.#ports.doku, { accessToken, customerToken, device, externalId: nextExternalId() }),
      )
    try {
      return await this.#customerTokens.use(customer.id, send)
    } catch (error) {
      if (!isWithoutToken(error)) throw error
      return send()
    }
  }

  /** The first id can be given, because a record has it already. */
  #externalIds(first: string | undefined): () => string {
    let next = first
    return () => {
      const id = next ?? externalId(this.#ports.clock, this.#ports.randomBytes)
      next = undefined
      return id
    }
  }

  /** Reads the customer's binding for `prepare`, so that a caller can read other records at the same time. */
  readBinding(customer: Customer): Promise<BindingRecord | undefined> {
    return this.#bindings.read(customer.id)
  }

  /**
   * Fetches the tokens that a later call as this customer needs, so that only the call itself can fail then.
   * @returns the customer's token
   */
  async prepare(customer: Customer, binding?: BindingRecord): Promise<string> {
    await this.#accessTokens.get()
    return await this.#customerTokens.get(customer.id, binding)
  }

  /**
   * DOKU's archive api requires a device id; a customer without a usable one gets a stable made-up one.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-12
   */
  #device(customer: Customer): Device {
    const madeUp = this.#ports.endpoints.binding.deviceRequired ? sha256Hex(customer.id).slice(0, 32) : undefined
    return { deviceId: toDeviceId(customer.deviceId ?? '') || madeUp, ipAddress: customer.ipAddress }
  }
}
