import { act, say } from './act.js'
import { ovo } from './api.js'
import { el } from './dom.js'
import { money, t } from './language.js'

/** The rupiah that can still be refunded. An open refund counts as done. */
export function leftOf({ amount, refunds = [] }) {
  const given = refunds.filter(({ status }) => status !== 'failed')
  return given.reduce((left, refund) => left - Number(refund.amount.value), Number(amount.value))
}

/** Asks for the amount and the reason. The refund's number is chosen once, so that a form that is sent twice refunds once. */
export function askRefund(orderId, payment, refresh) {
  const partnerRefundNo = crypto.randomUUID()
  const dialog = refundDialog(orderId, payment, (form) => {
    const reason = form.get('reason').trim()
    const wish = { partnerRefundNo, amount: `${Number(form.get('amount'))}.00`, ...(reason && { reason }) }
    act(() => refund(payment, wish, refresh))
  })
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
}

async function refund({ partnerReferenceNo }, wish, refresh) {
  const { status, amount, failure } = await ovo.refund(partnerReferenceNo, wish)
  await refresh()
  if (status === 'succeeded') say(t('refunded', { amount: money(amount.value) }), 'good')
  else if (status === 'failed') say(t('refundFailed', { detail: failure?.message ?? '' }), 'bad')
  else say(t('refundUnknown'), 'odd')
}

function refundDialog(orderId, payment, send) {
  const left = leftOf(payment)
  const submit = (event) => {
    const isWanted = event.submitter?.value !== 'cancel'
    event.preventDefault()
    dialog.close()
    if (isWanted) send(new FormData(event.target))
  }
  const dialog = el(
    'dialog',
    { 'aria-labelledby': 'refund-title', id: 'refund' },
    el(
      'form',
      { on: { submit } },
      el('h2', { id: 'refund-title' }, t('refundOrder', { id: orderId })),
      el('p', { class: 'faint', id: 'refund-left' }, t('refundLeft', { amount: money(left) })),
      el('label', { for: 'refund-amount' }, t('refundAmount')),
      el('input', {
        id: 'refund-amount',
        name: 'amount',
        type: 'number',
        min: 1,
        max: left,
        step: 1,
        value: left,
        required: true,
        'aria-describedby': 'refund-left',
      }),
      el('label', { for: 'refund-reason' }, t('reason')),
      el('input', { id: 'refund-reason', name: 'reason', maxlength: 255, autocomplete: 'off' }),
      el(
        'div',
        { class: 'row' },
        el('button', { type: 'submit' }, t('refund')),
        el('button', { type: 'submit', value: 'cancel', formnovalidate: true, class: 'quiet' }, t('cancel')),
      ),
    ),
  )
  return dialog
}
