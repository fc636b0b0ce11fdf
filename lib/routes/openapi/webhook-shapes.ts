import { z } from 'zod'
import type { SnapReply, SnapToken } from '../../doku/inbound.ts'
import { amount } from './answers.ts'
import { says, schemaOf, words } from './words.ts'

/** What DOKU posts to us, and what SNAP says to answer. New fields may come at any time (protocol.md §7.2). */

const text = (description: string, ...examples: unknown[]) =>
  z
    .string()
    .min(1)
    .max(2048)
    .register(words, says(description, ...examples))

/** What only informs stops nothing: when it is no text, it is not read. */
const information = (description: string, ...examples: unknown[]) =>
  z
    .unknown()
    .optional()
    .register(words, says(`${description} What is no text is not read.`, ...examples))

const tokenRequest = z
  .looseObject({ grantType: z.literal('client_credentials') })
  .register(words, { id: 'TokenRequest' })

/** @see protocol.md §7.2 */
const paymentNotification = z
  .looseObject({
    originalPartnerReferenceNo: text('The payment.', '6Q0Z4N7VX1C9H2JKMPR501AB3CD5EF7G'),
    latestTransactionStatus: z
      .string()
      .regex(/^0[0-7]$/)
      .register(
        words,
        says('00 paid, 01 initiated, 02 paying, 03 pending, 04 refunded, 05 cancelled, 06 failed, 07 not found.', '00'),
      ),
    amount: amount.optional().register(words, says('Has to be there with 00, and to be the amount of the payment.')),
    originalReferenceNo: information('DOKU’s own reference.'),
    transactionStatusDesc: information('For people.', 'Success'),
  })
  .register(words, { id: 'PaymentNotification', ...says('What became of a payment.') })

/** @see protocol.md §6.1 */
const bindingNotification = z
  .looseObject({
    additionalInfo: z.looseObject({
      custIdMerchant: text('The customer, as the shop calls it.', 'cust-001'),
      authCode: text('Of the answer to the binding request.'),
      status: z.enum(['SUCCESS', 'PENDING', 'FAILED']),
    }),
    originalExternalId: information('X-EXTERNAL-ID of the binding request.'),
  })
  .register(words, { id: 'BindingNotification', ...says('Whether the customer agreed to link the account.') })

const snap = {
  responseCode: z
    .string()
    .regex(/^\d{7}$/)
    .register(words, says('HTTP status, service and case.', '2005600')),
  responseMessage: z.string(),
}
const snapReply = schemaOf<SnapReply>()(z.object(snap)).register(words, {
  id: 'SnapReply',
  ...says('SNAP’s own shape.'),
})

/** @see protocol.md §7.1 */
const snapToken = schemaOf<SnapToken>()(
  z.object({
    ...snap,
    accessToken: z.string().max(2048).register(words, says('To be sent as `Authorization: Bearer …`.')),
    tokenType: z.literal('Bearer'),
    expiresIn: z.int().register(words, says('In seconds.', 900)),
    additionalInfo: z.literal(''),
  }),
).register(words, { id: 'SnapToken' })

export const webhookBodies = { tokenRequest, paymentNotification, bindingNotification } as const
export const webhookAnswers = { snapReply, snapToken } as const
