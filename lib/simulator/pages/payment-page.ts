import { declinePayment, enterPaymentPin, openPayment, standingOfPayment } from '../customer.ts'
import { fromSen } from '../protocol/money.ts'
import type { Payment } from '../state/payments.ts'
import type { World } from '../world.ts'
import { escapeHtml, form } from './html.ts'
import type { Page } from './page.ts'

/** The amount and the PIN, as on the page behind DOKU's `webRedirectUrl`. @see protocol.md section 5.2 */
export function paymentPage(world: World, payment: Payment): Page {
  return {
    title: 'Pay with OVO',
    standing: () => standingOfPayment(payment),
    open: () => openPayment(world, payment),
    render: (message) => `<p>Pay IDR ${fromSen(payment.sen)} for ${escapeHtml(payment.partnerReferenceNo)}
from OVO account ${escapeHtml(payment.binding.account.phoneNo)}</p>
${form({ name: 'pin', label: 'OVO PIN', submit: 'Pay', message })}`,
    submit(sent) {
      if (sent.get('action') === 'cancel') return declinePayment(world, payment)
      return enterPaymentPin(world, payment, sent.get('pin') ?? '')
    },
  }
}
