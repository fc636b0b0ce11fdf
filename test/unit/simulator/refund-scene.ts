import type { SimulatorOptions } from '../../../lib/simulator/index.ts'
import { FaultScene } from './faults-scene.ts'
import type { CallOptions, Reply } from './merchant.ts'
import { CORE_V1 } from './paths.ts'

export const REFUND = '/direct-debit/core/v1/debit/refund'

export interface Wanted {
  partnerRefundNo?: string
  value?: string
  originalPartnerReferenceNo?: string
  originalExternalId?: string | undefined
  reason?: string
}

export function refundBody({ partnerRefundNo = 'R-1', value = '10000.00', ...rest }: Wanted = {}) {
  return {
    originalPartnerReferenceNo: 'INV-1',
    refundAmount: { value, currency: 'IDR' },
    partnerRefundNo,
    ...rest,
    additionalInfo: { ...CORE_V1.channel },
  }
}

/** A customer whose payments can be refunded. */
export class RefundScene extends FaultScene {
  static override async open(options: Partial<SimulatorOptions> = {}): Promise<RefundScene> {
    const scene = new RefundScene(options)
    await scene.begin()
    return scene
  }

  /** Of the whole of INV-1, with the customer's token, unless told otherwise. */
  refund(wanted: Wanted = {}, options: { customerToken?: string | undefined } = {}): Promise<Reply> {
    return this.callRefund(refundBody(wanted), options)
  }

  callRefund(body: object, options: { customerToken?: string | undefined } = {}): Promise<Reply> {
    const { customerToken } = { customerToken: this.customerToken, ...options }
    const call: CallOptions = customerToken === undefined ? {} : { customerToken }
    return this.merchant.call(REFUND, body, call)
  }

  cashOf(phoneNo: string): string | undefined {
    return this.simulator.accounts.find((account) => account.phoneNo === phoneNo)?.cash
  }
}
