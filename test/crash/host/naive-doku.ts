import { resolveEndpoints } from '../../../lib/doku/api.ts'
import { type Credentials, DokuClient } from '../../../lib/doku/client.ts'
import { parsePrivateKey } from '../../../lib/doku/keys.ts'
import { createTransport } from '../../../lib/doku/transport.ts'
import { externalId } from '../../../lib/primitives/ids.ts'
import { dyingDispatcher } from './dying.ts'
import { findOrder } from './orders.ts'
import type { HostParts } from './plugin-host.ts'

/** What DOKU said to a payment request. */
export interface Paid {
  readonly webRedirectUrl?: string | undefined
}

const largestAnswerBytes = 256 * 1024
const deadlineMs = 1_500

/** Speaks SNAP correctly: what is naive about the naive host is not its signatures. */
export class NaiveDoku {
  readonly #client: DokuClient
  readonly #clock: () => number

  constructor({ setup, clock, passing }: HostParts) {
    const dispatcher = dyingDispatcher(setup.dokuUrl, passing)
    const transport = createTransport({ baseUrl: setup.dokuUrl, maxAnswerBytes: largestAnswerBytes, dispatcher })
    const endpoints = resolveEndpoints('core-v1', { payment: { deadlineMs } })
    const privateKey = parsePrivateKey(setup.merchant.privateKey)
    this.#client = new DokuClient({ ...setup.merchant, privateKey, endpoints, transport, clock })
    this.#clock = clock
  }

  async bind(customerId: string, phoneNo: string): Promise<{ redirectUrl: string; authCode: string }> {
    const url = 'https://shop.example/bound'
    const { redirectUrl, additionalInfo } = await this.#client.bind(await this.#credentials(), {
      phoneNo,
      additionalInfo: { custIdMerchant: customerId, successRegistrationUrl: url, failedRegistrationUrl: url },
    })
    return { redirectUrl, authCode: additionalInfo.authCode }
  }

  async pay(authCode: string, orderId: string, partnerReferenceNo: string): Promise<Paid> {
    const { customerToken } = await this.#client.fetchCustomerToken(authCode)
    const { amount, paymentType = 'SALE', remarks = '' } = findOrder(orderId)
    const money = { value: amount, currency: 'IDR' } as const
    const url = 'https://shop.example/paid'
    return this.#client.pay(await this.#credentials(customerToken), {
      partnerReferenceNo,
      amount: money,
      payOptionDetails: [{ payMethod: 'CASH', transAmount: money, feeAmount: { value: '0.00', currency: 'IDR' } }],
      additionalInfo: { successPaymentUrl: url, failedPaymentUrl: url, paymentType, remarks },
    })
  }

  async #credentials(customerToken?: string): Promise<Credentials> {
    const { accessToken } = await this.#client.fetchAccessToken()
    return { accessToken, customerToken, externalId: externalId(this.#clock) }
  }
}
