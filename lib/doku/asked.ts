import { isObject, type Json, type JsonObject } from '../primitives/json.ts'
import { readAmountValue } from '../primitives/money.ts'

/** The values of a request that its answer may repeat. */
export interface Asked {
  /** Our partnerReferenceNo of the payment. */
  readonly reference?: string
  readonly partnerRefundNo?: string
  /** In sen. */
  readonly sen?: bigint | undefined
}

/**
 * An answer must match its question: each repeated reference, refund number or amount that is present must equal what was
 * sent, in a refusal too. DOKU may leave all of them out.
 * @returns the first field that differs; undefined if none does
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-6
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#9
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#10
 */
export function differingField(body: JsonObject, { reference, partnerRefundNo, sen }: Asked): string | undefined {
  // A serialiser may write a reference of digits as a number.
  const isText = (value: Json, text: string) => value === text || (typeof value === 'number' && String(value) === text)
  const isReference = (value: Json) => reference === undefined || isText(value, reference)
  const isRefundNo = (value: Json) => partnerRefundNo === undefined || isText(value, partnerRefundNo)
  // DOKU's libraries call a refund's number partnerReferenceNo, so in a refund answer it may be either.
  const isEither = (value: Json) =>
    isReference(value) || (partnerRefundNo !== undefined && isText(value, partnerRefundNo))
  const isRupiah = (currency: Json | undefined) => isAbsent(currency) || currency === 'IDR'
  const isAmount = (value: Json) =>
    sen === undefined || (isObject(value) && readAmountValue(value.value) === sen && isRupiah(value.currency))
  const checks: Readonly<Record<string, (value: Json) => boolean>> = {
    partnerReferenceNo: (value) => reference === undefined || isEither(value),
    originalPartnerReferenceNo: isReference,
    partnerRefundNo: isRefundNo,
    ...(partnerRefundNo === undefined ? { amount: isAmount, transAmount: isAmount } : { refundAmount: isAmount }),
  }
  return Object.keys(checks).find((field) => {
    const value = Object.hasOwn(body, field) ? body[field] : undefined
    return !isAbsent(value) && !checks[field]?.(value)
  })
}

/** DOKU's serialisers write an absent value as `null`, `""` or `{}`. */
function isAbsent(value: Json | undefined): value is undefined | null | '' {
  if (isObject(value)) return Object.values(value).every((part) => part === null || part === '')
  return value === undefined || value === null || value === ''
}
