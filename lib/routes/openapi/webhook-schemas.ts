import { z } from 'zod'
import type { SnapReply, SnapToken } from '../../doku/snap-reply.ts'
import { amount } from './answer-schemas.ts'
import { says, schemaOf, words } from './words.ts'

// The requests of DOKU, and the answers that SNAP prescribes. New fields may come at any time ([protocol §7.2](https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-2)).

const text = (description: string, ...examples: unknown[]) =>
  z
    .string()
    .min(1)
    .max(2048)
    .register(words, says(description, ...examples))

/** A field that decides nothing. The router ignores it if it is not text. */
const information = (description: string, ...examples: unknown[]) =>
  z
    .unknown()
    .optional()
    .register(words, says(`${description} If it is not text, it is ignored.`, ...examples))

export const tokenRequest = z.looseObject({ grantType: z.literal('client_credentials') })

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-2 */
export const paymentNotification = z
  .looseObject({
    originalPartnerReferenceNo: text('The payment.', '6Q0Z4N7VX1C9H2JKMPR501AB3CD5EF7G'),
    latestTransactionStatus: z
      .string()
      .regex(/^0[0-7]$/)
      .register(
        words,
        says('00 paid, 01 initiated, 02 paying, 03 pending, 04 refunded, 05 cancelled, 06 failed, 07 not found.', '00'),
      ),
    amount: amount.optional().register(words, says('Required with 00, and equal to the amount of the payment.')),
    originalReferenceNo: information('DOKU’s own reference.'),
    transactionStatusDesc: information('For people.', 'Success'),
  })
  .register(words, says('The outcome of a payment.'))

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#6-1 */
export const bindingNotification = z
  .looseObject({
    additionalInfo: z.looseObject({
      custIdMerchant: text('The shop’s id of the customer.', 'cust-001'),
      authCode: text('From the answer to the binding request.'),
      status: z.enum(['SUCCESS', 'PENDING', 'FAILED']),
    }),
    originalExternalId: information('X-EXTERNAL-ID of the binding request.'),
  })
  .register(words, says('Whether the customer agreed to link the account.'))

const snap = {
  responseCode: z
    .string()
    .regex(/^\d{7}$/)
    .register(words, says('HTTP status, service and case.', '2005600')),
  responseMessage: z.string(),
}

export const snapReply = schemaOf<SnapReply>()(z.object(snap)).register(words, says('SNAP’s own shape.'))

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-1 */
export const snapToken = schemaOf<SnapToken>()(
  z.object({
    ...snap,
    accessToken: z.string().max(2048).register(words, says('Send it as `Authorization: Bearer …`.')),
    tokenType: z.literal('Bearer'),
    expiresIn: z.int().register(words, says('In seconds.', 900)),
    additionalInfo: z.literal(''),
  }),
)
