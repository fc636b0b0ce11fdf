import { z } from 'zod'
import { parseAmountValue } from '../primitives/money.ts'
import { parseTimestamp } from './timestamp.ts'

/** Unknown fields are fine everywhere: DOKU may add some at any time. @see protocol.md §7.3 */

const shortText = z.string().max(150)
const webUrl = z.url({ protocol: /^https?$/ }).max(2048)
const amount = z.object({
  value: z.string().refine((value) => parseAmountValue(value) !== undefined),
  currency: z.literal('IDR'),
})

/** @see protocol.md §3: `expiresIn` is a number on one page and text on another (C-19) */
export const accessTokenAnswer = z.object({
  accessToken: z.string().min(1).max(4096),
  expiresIn: z.coerce.number().positive().catch(900),
})

/** @see protocol.md §4 */
export const customerTokenAnswer = z.object({
  accessToken: z.string().min(1).max(4096),
  accessTokenExpiryTime: z.union([z.string(), z.number()]).optional(),
})

/** The status key is `accountStatus` in DOKU's page, `status` in two SDKs (C-16). @see protocol.md §5.4 */
export const bindingAnswer = z.object({
  referenceNo: shortText.optional(),
  redirectUrl: webUrl,
  additionalInfo: z.object({ authCode: z.string().min(1).max(2048) }),
})

/** @see protocol.md §5.5; C-15 */
export const balanceAnswer = z.object({
  accountInfos: z.array(
    z.object({ balanceType: z.string(), amount: amount.optional(), availableBalance: amount.optional() }),
  ),
})

/** With `webRedirectUrl` the customer has to confirm; without it DOKU is at work. Neither means paid. @see protocol.md §5.6 */
export const paymentAnswer = z.object({ referenceNo: shortText.optional(), webRedirectUrl: webUrl.optional() })

/** @see protocol.md §9 */
export const statusAnswer = z.object({
  latestTransactionStatus: z.string().regex(/^0[0-7]$/),
  transactionStatusDesc: shortText.optional(),
  originalPartnerReferenceNo: shortText.optional(),
  originalReferenceNo: shortText.optional(),
  transAmount: amount.optional(),
  amount: amount.optional(),
})

export type StatusAnswer = z.infer<typeof statusAnswer>

const fallbackLifeMs = 900_000

/**
 * When a customer token ends, in ms since the epoch. DOKU's sources give an ISO time, seconds as text, seconds as a
 * number, or nothing; whatever cannot be read counts as 900 s. @see protocol.md §4, C-18
 */
export function readExpiry(expiry: string | number | undefined, now: number): number {
  const seconds = typeof expiry === 'number' ? expiry : Number(expiry?.trim() || Number.NaN)
  if (Number.isFinite(seconds) && seconds > 0) return now + seconds * 1000
  return (typeof expiry === 'string' ? parseTimestamp(expiry) : undefined) ?? now + fallbackLifeMs
}
