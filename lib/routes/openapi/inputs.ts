import { bindingInput, paymentInput, refundInput } from '../../flows/input.ts'
import { says, words } from './words.ts'

/** What customers and staff send, in the very schemas that the flows read it with; here it gets its words. */

/** What `normalisePhoneNo` takes. */
const phonePattern = String.raw`^\s*(\+[\s().-]*6[\s().-]*2|6[\s().-]*2|0)[\s().-]*[1-9]([\s().-]*\d){6,13}[\s().-]*$`

const { phoneNo, dateOfBirth } = bindingInput.shape
phoneNo.register(words, {
  ...says('The OVO account’s: 08…, +62… or 62…, with or without blanks and hyphens.', '0812-0000-0001'),
  pattern: phonePattern,
})
dateOfBirth.register(words, says('YYYYMMDD', '19900131'))
bindingInput.register(words, { id: 'BindingInput', ...says('Beyond the phone number, whatever the shop knows.') })

const { orderId, payMethod } = paymentInput.shape
orderId.register(words, says('What it costs is not asked for: the shop knows.', 'order-1'))
payMethod.register(words, says('Which of the account’s two purses pays. Default: what the shop says, else CASH.'))
paymentInput.register(words, { id: 'PaymentInput' })

const { amount, reason, partnerRefundNo } = refundInput.shape
amount.register(words, says('Rupiah with two decimals, as text. Default: what is left of the payment.', '2500.00'))
reason.register(words, says('For people.', 'Out of stock'))
partnerRefundNo.register(words, says('With the same number it is the same refund again. Default: a new one.'))
refundInput.register(words, { id: 'RefundInput', ...says('`{}` gives back what is left.') })

export const inputs = { bindingInput, paymentInput, refundInput } as const
