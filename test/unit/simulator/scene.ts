import { generateKeyPairSync } from 'node:crypto'
import { createSimulator, type Simulator, type SimulatorOptions } from '../../../lib/simulator/index.ts'
import { Merchant } from './merchant.ts'
import { ALICE, type Api, bindingBody, paymentBody } from './paths.ts'

export const merchantKeys = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const dokuKeys = generateKeyPairSync('rsa', { modulusLength: 2048 })

export const CLIENT_ID = 'BRN-0001-1700000000001'
export const SECRET_KEY = 'SK-simulator-tests'

/** Noon in Jakarta. */
const START = Date.parse('2026-03-01T05:00:00Z')

export const baseOptions: SimulatorOptions = {
  clientId: CLIENT_ID,
  secretKey: SECRET_KEY,
  merchantPublicKey: merchantKeys.publicKey,
  dokuPrivateKey: dokuKeys.privateKey,
}

/** A simulator that listens, a merchant that has logged in, and a clock that stands until it is moved. */
export class Scene {
  readonly simulator: Simulator
  readonly merchant: Merchant
  #now = START

  constructor(options: Partial<SimulatorOptions> = {}) {
    const clock = () => this.#now
    this.simulator = createSimulator({ ...baseOptions, clock, ...options })
    const identity = { clientId: CLIENT_ID, secretKey: SECRET_KEY, privateKey: merchantKeys.privateKey }
    this.merchant = new Merchant(identity, clock)
  }

  static async open(options: Partial<SimulatorOptions> = {}): Promise<Scene> {
    const scene = new Scene(options)
    const { url } = await scene.simulator.listen()
    scene.merchant.url = url
    await scene.merchant.logIn()
    return scene
  }

  get now(): number {
    return this.#now
  }

  passSeconds(seconds: number): void {
    this.#now += seconds * 1000
  }

  /** A customer with a linked account: returns the authCode and a customer token. */
  async bind(api: Api, phoneNo = ALICE.phoneNo, custIdMerchant = 'alice') {
    const { body } = await this.merchant.call(api.binding, bindingBody(api, phoneNo, custIdMerchant))
    this.simulator.approveBinding(body.redirectUrl)
    const { authCode } = body.additionalInfo
    const token = await this.merchant.customerToken(authCode)
    return { authCode, customerToken: token.body.accessToken }
  }

  /** A payment of a linked customer, up to DOKU's answer. */
  async pay(api: Api, customerToken: string, partnerReferenceNo: string, value?: string, additionalInfo?: object) {
    const body = paymentBody(api, partnerReferenceNo, value, additionalInfo)
    return this.merchant.call(api.payment, body, { customerToken })
  }

  async statusOf(originalPartnerReferenceNo: string) {
    const body = { originalPartnerReferenceNo, serviceCode: '55' }
    return (await this.merchant.call('/orders/v1.0/debit/status', body)).body
  }
}
