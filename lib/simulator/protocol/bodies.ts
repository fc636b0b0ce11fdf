import { Refusal } from './answers.ts'
import { AMOUNT } from './values.ts'

type Holds = Field['holds']

const CHANNEL_NAME = 'EMONEY_OVO_SNAP'

const LONGEST_URL = 2048

const text =
  (longest: number): Holds =>
  (value) =>
    typeof value === 'string' && value.length <= longest

const matches =
  (pattern: RegExp): Holds =>
  (value) =>
    typeof value === 'string' && pattern.test(value)

const oneOf =
  (...allowed: readonly string[]): Holds =>
  (value) =>
    allowed.some((one) => one === value)

const object: Holds = isObject

const listOfObjects: Holds = (value) => Array.isArray(value) && value.every(isObject)

const filledListOfObjects: Holds = (value) => Array.isArray(value) && value.length > 0 && value.every(isObject)

const url: Holds = (value) => {
  if (typeof value !== 'string' || value.length > LONGEST_URL || !URL.canParse(value)) return false
  return ['http:', 'https:'].includes(new URL(value).protocol)
}

/**
 * DOKU's page writes prices as text; DOKU's Node SDK writes numbers.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-25
 */
const price: Holds = (value) => (typeof value === 'number' ? value >= 0 : matches(AMOUNT)(value))

const quantity: Holds = (value) => (typeof value === 'number' ? Number.isInteger(value) : matches(/^\d+$/)(value))

const amount = (path: string, required?: true): readonly Field[] => [
  { path: `${path}.value`, holds: matches(AMOUNT), ...(required && { required }) },
  { path: `${path}.currency`, holds: oneOf('IDR'), ...(required && { required }) },
]

/** In every body of the generation that has a channel. */
export const CHANNEL: readonly Field[] = [
  { path: 'additionalInfo.channel', required: true, holds: oneOf(CHANNEL_NAME) },
]

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#3 */
export const TOKEN: readonly Field[] = [{ path: 'grantType', required: true, holds: oneOf('client_credentials') }]

/**
 * The grantType decides which of the two codes is needed. The operation checks that.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#4
 */
export const CUSTOMER_TOKEN: readonly Field[] = [
  { path: 'grantType', required: true, holds: oneOf('authorization_code', 'refresh_token') },
  { path: 'authCode', holds: text(256) },
  { path: 'refreshToken', holds: text(512) },
  { path: 'additionalInfo', holds: object },
]

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-4 */
export const BINDING: readonly Field[] = [
  { path: 'phoneNo', required: true, holds: matches(/^62\d{7,14}$/) },
  { path: 'additionalInfo.custIdMerchant', required: true, holds: text(64) },
  { path: 'additionalInfo.customerName', holds: text(70) },
  { path: 'additionalInfo.email', holds: matches(/^(?=.{3,64}$)[^@\s]+@[^@\s]+$/) },
  { path: 'additionalInfo.idCard', holds: text(20) },
  { path: 'additionalInfo.country', holds: text(60) },
  { path: 'additionalInfo.address', holds: text(255) },
  { path: 'additionalInfo.dateOfBirth', holds: matches(/^\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/) },
  { path: 'additionalInfo.successRegistrationUrl', required: true, holds: url },
  { path: 'additionalInfo.failedRegistrationUrl', required: true, holds: url },
]

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-5 */
export const BALANCE: readonly Field[] = [{ path: 'additionalInfo', holds: object }]

const PAY_OPTION: readonly Field[] = [
  { path: 'payMethod', required: true, holds: oneOf('CASH', 'POINTS') },
  ...amount('transAmount', true),
  ...amount('feeAmount'),
]

const LINE_ITEM: readonly Field[] = [
  { path: 'name', required: true, holds: text(32) },
  { path: 'price', required: true, holds: price },
  { path: 'quantity', required: true, holds: quantity },
]

/**
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-6
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-24 for payOptionDetails
 */
export const PAYMENT: readonly Field[] = [
  { path: 'partnerReferenceNo', required: true, holds: text(64) },
  ...amount('amount', true),
  { path: 'feeType', holds: oneOf('OUR', 'BEN', 'SHA') },
  { path: 'payOptionDetails', required: true, holds: filledListOfObjects, each: PAY_OPTION },
  { path: 'additionalInfo.lineItems', holds: listOfObjects, each: LINE_ITEM },
  { path: 'additionalInfo.remarks', holds: text(40) },
  { path: 'additionalInfo.successPaymentUrl', required: true, holds: url },
  { path: 'additionalInfo.failedPaymentUrl', required: true, holds: url },
]

/** Only in a generation that has a paymentType. */
export const PAYMENT_TYPE: readonly Field[] = [
  { path: 'additionalInfo.paymentType', holds: oneOf('SALE', 'RECURRING') },
]

/**
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#9
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-14 for serviceCode
 */
export const STATUS: readonly Field[] = [
  { path: 'originalPartnerReferenceNo', holds: text(64) },
  { path: 'originalReferenceNo', holds: text(64) },
  { path: 'originalExternalId', holds: matches(/^\d{1,36}$/) },
  { path: 'serviceCode', required: true, holds: oneOf('54', '55') },
  { path: 'transactionDate', holds: text(25) },
  ...amount('amount'),
  { path: 'merchantId', holds: text(64) },
  { path: 'additionalInfo.channel', holds: oneOf(CHANNEL_NAME) },
]

/**
 * The reference may be shorter here than in the payment request.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#10
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-21
 */
export const REFUND: readonly Field[] = [
  { path: 'originalPartnerReferenceNo', required: true, holds: text(32) },
  { path: 'originalExternalId', holds: text(36) },
  ...amount('refundAmount', true),
  { path: 'partnerRefundNo', required: true, holds: text(64) },
  { path: 'reason', holds: text(255) },
]

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-7 */
export const UNBINDING: readonly Field[] = [{ path: 'tokenId', required: true, holds: text(2048) }]

export type JsonObject = Readonly<Record<string, unknown>>

/** One field of a body: its path, whether it is required, and the check of its value. */
export interface Field {
  /** Dotted path from the field table's own root, e.g. `additionalInfo.channel`. */
  readonly path: string
  readonly required?: true
  readonly holds: (value: unknown) => boolean
  /** For a list: the fields of each of its items. */
  readonly each?: readonly Field[]
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a dotted path. JSON null and an empty string count as absent, because DOKU's own SDKs send both. */
function valueAt(body: JsonObject, path: string): unknown {
  let value: unknown = body
  for (const step of path.split('.')) value = isObject(value) ? value[step] : undefined
  return value === null || value === '' ? undefined : value
}

/** The text at a path. @returns undefined when there is none */
export function textAt(body: JsonObject, path: string): string | undefined {
  const value = valueAt(body, path)
  return typeof value === 'string' ? value : undefined
}

/** The text of a required field. @throws Refusal when it is absent */
export function requiredText(body: JsonObject, path: string): string {
  const value = textAt(body, path)
  if (value === undefined) throw new Refusal('invalidMandatoryField', path)
  return value
}

/** The objects in a list. Empty when there is no list. */
export function objectsAt(body: JsonObject, path: string): readonly JsonObject[] {
  const value = valueAt(body, path)
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** Checks a body against a field table, in the table's order. @throws Refusal at the first missing or malformed field */
export function checkFields(body: JsonObject, fields: readonly Field[], prefix = ''): void {
  for (const field of fields) checkField(body, field, prefix)
}

function checkField(body: JsonObject, { path, required, holds, each }: Field, prefix: string): void {
  const value = valueAt(body, path)
  const name = `${prefix}${path}`
  if (value === undefined) {
    if (required) throw new Refusal('invalidMandatoryField', name)
    return
  }
  if (!holds(value)) throw new Refusal('invalidFieldFormat', name)
  if (!each) return
  for (const [index, item] of objectsAt(body, path).entries()) checkFields(item, each, `${name}[${index}].`)
}
