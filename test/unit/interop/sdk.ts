import { createRequire } from 'node:module'
import type { Request } from 'express'

const require = createRequire(import.meta.url)

/** The answers of the official SDK, as far as these tests look into them. */
interface SdkAnswer {
  responseCode: string
  responseMessage: string
  redirectUrl: string
  webRedirectUrl?: string
  referenceNo: string
  accessToken: string
  latestTransactionStatus: string
  accountInfos: { balanceType: string; amount: { value: string } }[]
  additionalInfo: { authCode: string }
}

/** One `Snap` is what a merchant keeps per process. Hand-written: the SDK comes without types. */
export interface Snap {
  tokenB2B: string
  tokenB2b2c: string
  getTokenB2B(): Promise<SdkAnswer>
  getTokenB2B2c(authCode: string): Promise<SdkAnswer>
  doAccountBinding(dto: object, ipAddress: string, deviceId?: string): Promise<SdkAnswer>
  doAccountUnbinding(dto: object, ipAddress: string): Promise<SdkAnswer>
  doBalanceInquiry(dto: object, authCode: string, ipAddress: string): Promise<SdkAnswer>
  doPayment(dto: object, authCode: string, ipAddress: string): Promise<SdkAnswer>
  doRefund(dto: object, authCode: string, ipAddress: string): Promise<SdkAnswer>
  doCheckStatus(dto: object): Promise<SdkAnswer>
  doUnRegistCardUnBind(dto: object): Promise<SdkAnswer>
  validateSignatureAndGenerateToken(request: Request): { body: { accessToken: string } }
  validateSymmetricSignature(request: Request | object): boolean
  validateTokenB2B(authorization: string): unknown
}

export interface SnapOptions {
  isProduction: boolean
  privateKey: string
  clientID: string
  publicKey: string
  dokuPublicKey: string
  issuer: string
  secretKey: string
}

type Class = new (...parts: unknown[]) => object

const library = 'doku-nodejs-library'
const model = (file: string): Record<string, Class> => require(`${library}/_models/${file}`)
const onlyModel = (file: string): Class => require(`${library}/_models/${file}`)

export const SnapClass: { new (options: SnapOptions): Snap; prototype: Snap } = require(library).Snap

/** The SDK's own switchboard. Its base URL is a static that a test may point elsewhere. */
export const config: { CORE_SANDBOX_BASE_URL: string } = require(`${library}/_commons/config`)

export const tokenService: {
  createSignature(text: string, secretKey: string): string
  generateSymmetricSignature(...parts: [string, string, string, object, string, string]): string
} = require(`${library}/_services/tokenService`)

const { PaymentRequestDto, TotalAmountDto, PaymentAdditionalInfoRequestDto } = model('paymentRequestDirectDebitDTO')
const { AccountUnbindingRequestDto, AccountUnbindingAdditionalInfo } = model('accountUnbindingRequestDTO')

const make = (Dto: Class | undefined, ...parts: unknown[]): object => {
  if (!Dto) throw new Error('the official SDK has changed: a class is missing')
  return new Dto(...parts)
}

const CHANNEL = 'EMONEY_OVO_SNAP'
const SHOP = 'https://shop.example'

export function bindingDto(phoneNo: string, custIdMerchant: string): object {
  const Info = onlyModel('accountBindingAdditionalInfoRequestDTO')
  const profile = ['José & Siti', 'jose@example.com', '12345', 'Indonesia', 'Bali', '19990101']
  const info = make(Info, CHANNEL, custIdMerchant, ...profile, `${SHOP}/bound?s=1`, `${SHOP}/not-bound`)
  return make(onlyModel('accountBindingRequestDTO'), phoneNo, info)
}

export function balanceDto(): object {
  const info = make(onlyModel('balanceInquiryAdditionalInfoRequestDTO'), CHANNEL)
  return make(onlyModel('balanceInquiryRequestDTO'), info)
}

export function paymentDto(partnerReferenceNo: string, value: string, paymentType: 'SALE' | 'RECURRING'): object {
  const amount = () => make(TotalAmountDto, value, 'IDR')
  const option = { payMethod: 'CASH', transAmount: amount(), feeAmount: make(TotalAmountDto, '0.00', 'IDR') }
  const lineItems = [{ name: 'masker', price: Number(value), quantity: 1 }]
  const info = make(PaymentAdditionalInfoRequestDto, CHANNEL, 'thanks', `${SHOP}/paid`, `${SHOP}/not-paid`, lineItems)
  return make(PaymentRequestDto, partnerReferenceNo, amount(), [option], Object.assign(info, { paymentType }))
}

export function statusDto(partnerReferenceNo: string): object {
  const unused = [undefined, undefined, undefined, undefined]
  const parts = [partnerReferenceNo, undefined, undefined, '55', undefined, ...unused, { channel: CHANNEL }]
  return make(onlyModel('checkStatusDirectDebitRequestDTO'), ...parts)
}

export function refundDto(partnerReferenceNo: string, partnerRefundNo: string, value: string): object {
  const amount = make(TotalAmountDto, value, 'IDR')
  const parts = [partnerReferenceNo, amount, partnerRefundNo, '', 'torn', { channel: CHANNEL }]
  return make(onlyModel('refundRequestDTO'), ...parts)
}

export function unbindingDto(tokenId: string): object {
  return make(AccountUnbindingRequestDto, tokenId, make(AccountUnbindingAdditionalInfo, CHANNEL))
}

/** Its model for unregistering a card: the one call of the SDK that writes the access token to the log. */
export function cardUnbindingDto(): object {
  return { validateCardUnRegistRequestDTO: () => {}, additionalInfo: {} }
}
