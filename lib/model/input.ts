import { z } from 'zod'
import { HostError, ProblemError } from '../errors.ts'
import { amountPattern } from '../primitives/money.ts'
import { oneLine } from '../redaction.ts'
import { isReference } from './reference.ts'

/**
 * `0812-3456 789`, `+62 812…` and `62812…` all mean one number; DOKU wants `62812…`, 9 to 16 digits.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-4
 */
export function normalisePhoneNo(text: string): string | undefined {
  const compact = text.trim().replace(/(?<=.)[\s().-]/g, '')
  const national = /^(?:\+?62|0)([1-9]\d{6,13})$/.exec(compact)?.[1]
  return national && `62${national}`
}

const phoneNo = z
  .string()
  .max(40)
  .transform((text, context) => {
    const normalised = normalisePhoneNo(text)
    if (normalised !== undefined) return normalised
    context.addIssue('write the phone number as 08…, +62… or 62…')
    return z.NEVER
  })

const wholeCharacters = 'no half of a character: the text was cut inside an emoji'

/** Text without halves of characters, which could not be written as UTF-8. */
const wholeText = (longest: number) =>
  z
    .string()
    .max(longest, `at most ${longest} characters`)
    .regex(/^\P{Cs}*$/u, wholeCharacters)

/** Text that a person typed: no control characters. */
const plainText = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .regex(/^\P{Cc}*$/u, 'no control characters')
    .regex(/^\P{Cs}*$/u, wholeCharacters)

/**
 * The body of `POST /bindings`.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-4 for the lengths
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-26 for the email's
 */
export const bindingInput = z.strictObject({
  phoneNo,
  customerName: plainText(70).optional(),
  email: z.email().max(64).optional(),
  idCard: plainText(20).optional(),
  country: plainText(60).optional(),
  address: plainText(255).optional(),
  dateOfBirth: z
    .string()
    .regex(/^(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/, 'write the date as YYYYMMDD')
    .optional(),
})

export const payMethods = ['CASH', 'POINTS'] as const

export type PayMethod = (typeof payMethods)[number]

const payMethod = z.enum(payMethods)

/** The body of `POST /payments`. The price is not in it: `findOrder` names it. */
export const paymentInput = z.strictObject({ orderId: plainText(128), payMethod: payMethod.optional() })

const amountValue = z
  .string()
  .regex(amountPattern, "write rupiah without a sign and with two decimals as text, like '10000.00'")

const positiveAmount = amountValue.regex(/^(?!0\.00$)/, 'must be more than 0.00')

const partnerRefundNo = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'at most 64 letters, digits and _ . -')

/**
 * The body of `POST /payments/:partnerReferenceNo/refunds`.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#10
 */
export const refundInput = z.strictObject({
  amount: positiveAmount.optional(),
  reason: plainText(255).optional(),
  partnerRefundNo: partnerRefundNo.optional(),
})

/** The member of staff who acts: kept with the change and in the log. */
const by = plainText(100)

/** The argument of what a member of staff does. */
export const staffInput = z.strictObject({ by })

/** The member of staff who acts, for `release` and `dropLink`: `by` has 1 to 100 characters and is kept with the change. */
export type StaffInput = z.input<typeof staffInput>

/** The arguments of `service.settleRefund`. */
export const settleInput = z.strictObject({ outcome: z.enum(['succeeded', 'failed']), by })

/** The argument of `service.recordRefund`. `evidence`: for example the number in DOKU's dashboard. */
export const recordRefundInput = z.strictObject({
  amount: positiveAmount,
  partnerRefundNo,
  by,
  evidence: plainText(500),
})

/**
 * The fields that the host's `findOrder` returns.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-6 for the lengths
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-25 for the line items
 */
const orderFields = z.strictObject({
  /** The host's own id of the order, exactly as the host writes it: the customer may have written it otherwise. */
  orderId: wholeText(128)
    .min(1)
    .regex(/^\P{Cc}*$/u, 'no control characters')
    .optional(),
  amount: positiveAmount,
  lineItems: z
    .array(z.strictObject({ name: wholeText(32).min(1), price: amountValue, quantity: z.int().min(1) }))
    .max(100)
    .optional(),
  feeType: z.enum(['OUR', 'BEN', 'SHA']).optional(),
  feeAmount: amountValue.optional(),
  payMethod: payMethod.optional(),
  payMethods: z.array(payMethod).min(1).optional(),
  paymentType: z.enum(['SALE', 'RECURRING']).optional(),
  remarks: wholeText(40).optional(),
  partnerReferenceNo: z.string().refine(isReference, 'at most 32 letters, digits and _ . -').optional(),
})

/** The answer of the host's `findOrder`: its fields, and the rules between them. */
export const orderOutput = orderFields.refine(
  ({ payMethod, payMethods }) => payMethod === undefined || payMethods === undefined,
  { path: ['payMethods'], error: 'give payMethod, which fixes it, or payMethods, among which the customer chooses' },
)

/**
 * The input of `bind`, and the body of `POST /bindings`. `phoneNo` is an Indonesian number as `08…`, `+62…` or `62…`; `dateOfBirth` is
 * `YYYYMMDD`. The longest values: `customerName` 70 characters, `email` 64, `idCard` 20, `country` 60, `address` 255.
 */
export type BindingInput = z.input<typeof bindingInput>

/**
 * The input of `pay`, and the body of `POST /payments`. `orderId` has 1 to 128 characters. Default of `payMethod`: that of the order, else
 * `CASH`. The price is not in it: `findOrder` names it.
 */
export type PaymentInput = z.input<typeof paymentInput>

/**
 * The input of `refund`, and the body of `POST /payments/:partnerReferenceNo/refunds`. `amount` is rupiah with two decimals as text; default:
 * all that is left. `reason` has at most 255 characters. `partnerRefundNo` names the refund, with at most 64 letters, digits and `_ . -`; default: a new one.
 */
export type RefundInput = z.input<typeof refundInput>

/** The outcome that a member of staff found for a refund, and the person: the arguments of `settleRefund`. */
export type SettleInput = z.input<typeof settleInput>

/** A refund that was made in DOKU's dashboard: the argument of `recordRefund`. */
export type RecordRefundInput = z.input<typeof recordRefundInput>

/**
 * The order that `findOrder` returns. Amounts and prices are rupiah with two decimals as text, such as `10000.00`. A line item's `name` has at
 * most 32 characters. `partnerReferenceNo` has at most 32 letters, digits and `_ . -`. An unknown field is a `HostError`.
 */
export type Order = z.input<typeof orderOutput>

/** The answer of the host's `identify`, and the customer that the host gives to the service. */
export const customerOutput = z.strictObject({
  id: z.string().regex(/^[\x21-\x7e]{1,64}$/, 'must be 1 to 64 printable ASCII characters without blanks'),
  deviceId: z.string().max(256).optional(),
  ipAddress: z.string().max(64).optional(),
})

interface Issue {
  readonly code?: string
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly keys?: readonly string[]
}

/** The field at fault, and why. An unknown field is at fault itself, not the object that contains it. */
function describe(issue: Issue): { field: string; why: string } {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys?.[0] : undefined
  const path = unknown === undefined ? issue.path : [...issue.path, unknown]
  return {
    field: oneLine(path.map(String).join('.').slice(0, 100)),
    why: unknown === undefined ? issue.message : 'is not a field here',
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a whole number',
  int: 'a whole number',
  array: 'a list',
  object: 'an object',
}

/** Replaces zod's words for a wrong type, which do not say what to do. */
function inOurWords({ code, expected = '', input }: { code?: string; expected?: string; input?: unknown }) {
  if (code !== 'invalid_type') return undefined
  return input === undefined ? 'is missing' : `must be ${kinds[expected] ?? expected}, not ${nameOf(input)}`
}

function nameOf(input: unknown): string {
  if (input === null) return 'null'
  if (typeof input === 'number' && !Number.isInteger(input)) return String(input)
  return Array.isArray(input) ? 'a list' : `a ${typeof input}`.replace('a object', 'an object')
}

/**
 * Reads a body of a customer.
 * @throws ProblemError INVALID_FIELD naming the first field at fault
 */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input, { error: inOurWords })
  if (result.success) return result.data
  const { field, why } = describe(result.error.issues[0] as Issue)
  if (field === '') throw new ProblemError('INVALID_BODY', 'The body must be a JSON object.')
  throw new ProblemError('INVALID_FIELD', `${field}: ${why}`, { field })
}

/**
 * Reads the result of a function of the host.
 * @throws HostError naming the function and every field at fault
 */
export function parseOutput<T>(schema: z.ZodType<T>, name: string, output: unknown): T {
  const result = schema.safeParse(output, { error: inOurWords })
  if (result.success) return result.data
  const faults = result.error.issues.map((issue) => {
    const { field, why } = describe(issue as Issue)
    return field ? `${name}.${field}: ${why}` : `${name}: ${why}`
  })
  throw new HostError(faults.join('; '))
}
