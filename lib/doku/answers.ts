import { z } from 'zod'
import { parseAmountValue } from '../primitives/money.ts'
import { oneLine } from '../redaction.ts'
import { parseTimestamp } from './timestamp.ts'

/** The fields of a success that we read. */
export type AnswerSchema<T> = z.ZodType<T>

/**
 * `null` and `''` count as absent, because DOKU's serialisers write all three. Every schema here allows further fields:
 * DOKU may add some at any time.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-3
 */
const maybe = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === null || value === '' ? undefined : value), schema.optional())

const shortText = z.string().max(150)
/** A field that decides nothing. If it cannot be read it counts as absent, so that it never makes a success doubtful. */
const information = maybe(shortText.transform(oneLine)).catch(undefined)
/** Printable ASCII without spaces, because it becomes part of a header. */
const token = z.string().regex(/^[\x21-\x7e]{1,4096}$/)
const webUrl = z.url({ protocol: /^https?$/ }).max(2048)
const amount = z.object({
  value: z.string().refine((value) => parseAmountValue(value) !== undefined),
  currency: z.literal('IDR'),
})

/** The life of a token whose answer does not say it, in seconds: DOKU's documents name it everywhere. */
const fallbackLifeSeconds = 900
/** Ten years. A larger number is a point in time and not a life. */
const longestLifeSeconds = 315_360_000

/**
 * `expiresIn` is a number on one of DOKU's pages and text on another.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#3
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-19
 */
export const accessTokenAnswer = z.object({
  accessToken: token,
  expiresIn: z.coerce.number().positive().max(longestLifeSeconds).catch(fallbackLifeSeconds),
})

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#4 */
export const customerTokenAnswer = z.object({
  accessToken: token,
  accessTokenExpiryTime: z.union([z.string(), z.number()]).optional().catch(undefined),
})

/**
 * Without the status: its key is `accountStatus` on DOKU's page and `status` in two SDKs.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-4
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-16
 */
export const bindingAnswer = z.object({
  referenceNo: information,
  redirectUrl: webUrl,
  additionalInfo: z.object({ authCode: z.string().min(1).max(2048) }),
})

/**
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-5
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-15
 */
export const balanceAnswer = z.object({
  accountInfos: z.array(z.object({ balanceType: z.string(), amount: maybe(amount), availableBalance: maybe(amount) })),
})

/**
 * With `webRedirectUrl` the customer must confirm. Without it DOKU is at work. Neither means paid.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-6
 */
export const paymentAnswer = z.object({ referenceNo: information, webRedirectUrl: maybe(webUrl) })

/**
 * The responseCode says everything.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-7
 */
export const unbindingAnswer = z.object({})

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#9 */
export const statusAnswer = z.object({
  latestTransactionStatus: z.string().regex(/^0[0-7]$/),
  transactionStatusDesc: information,
  originalReferenceNo: information,
  /** SNAP calls the number of a refund `partnerRefundNo`. DOKU's libraries call it `partnerReferenceNo`. */
  refundHistory: maybe(
    z.array(
      z
        .object({
          partnerRefundNo: information,
          partnerReferenceNo: information,
          refundNo: information,
          refundStatus: information,
          refundAmount: maybe(z.looseObject({ value: z.unknown() })).catch(undefined),
        })
        .transform(({ partnerReferenceNo, ...entry }) => ({
          ...entry,
          partnerRefundNo: entry.partnerRefundNo ?? partnerReferenceNo,
        })),
    ),
  ).catch(undefined),
})

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#10 */
export const refundAnswer = z.object({ refundNo: information, partnerRefundNo: information })

export type RefundAnswer = z.infer<typeof refundAnswer>
export type PaymentAnswer = z.infer<typeof paymentAnswer>
export type StatusAnswer = z.infer<typeof statusAnswer>

/**
 * When a customer token ends, in ms since the epoch. DOKU's sources give an ISO time, seconds as text, seconds as a
 * number, or nothing. A value that cannot be read counts as 900 s.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#4
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-18
 */
export function readExpiry(expiry: string | number | undefined, now: number): number {
  const text = String(expiry ?? '').trim()
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0
  if (seconds > 0 && seconds <= longestLifeSeconds) return now + seconds * 1000
  return parseTimestamp(text) ?? now + fallbackLifeSeconds * 1000
}
