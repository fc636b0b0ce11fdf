import type { SimulatorOptions } from '../../../lib/simulator/index.ts'
import type { CallOptions, RawReply } from './merchant.ts'
import { CORE_V1, paymentBody } from './paths.ts'
import { Scene } from './scene.ts'

export const RECURRING = { paymentType: 'RECURRING' }

/** A scene with a linked customer, in core-v1, where a RECURRING payment is charged in the call itself. */
export class FaultScene extends Scene {
  customerToken = ''

  static override async open(options: Partial<SimulatorOptions> = {}): Promise<FaultScene> {
    const scene = new FaultScene(options)
    await scene.begin()
    return scene
  }

  async begin(): Promise<void> {
    this.merchant.url = (await this.simulator.listen()).url
    await this.merchant.logIn()
    this.customerToken = (await this.bind(CORE_V1)).customerToken
    await this.simulator.settled()
  }

  /** Charges at once. Rejects when the connection is cut. */
  charge(partnerReferenceNo = 'INV-1', options: CallOptions = {}): Promise<RawReply> {
    const body = paymentBody(CORE_V1, partnerReferenceNo, '10000.00', RECURRING)
    return this.merchant.callRaw(CORE_V1.payment, body, { customerToken: this.customerToken, ...options })
  }

  /** HTTP status and text, or how the connection ended. */
  async outcomeOfCharge(
    partnerReferenceNo?: string,
    options?: CallOptions,
  ): Promise<{ status: number; text: string } | string> {
    try {
      const { status, text } = await this.charge(partnerReferenceNo, options)
      return { status, text }
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  /** A payment that the customer confirms on the page. */
  async confirm(partnerReferenceNo = 'INV-1'): Promise<string | undefined> {
    const { body } = await this.pay(CORE_V1, this.customerToken, partnerReferenceNo)
    return this.simulator.approvePayment(body.webRedirectUrl).status
  }

  get charges(): number {
    return this.simulator.ledger.length
  }
}
