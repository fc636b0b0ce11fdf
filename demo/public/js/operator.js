import { act, say } from './act.js'
import { operator } from './api.js'
import { el, replace } from './dom.js'
import { money, t, when } from './language.js'
import { askRefund, leftOf } from './refund.js'
import { startPage } from './shell.js'
import { badge, tookMoney } from './standing.js'

let view
let shown = ''

startPage({
  needs: 'operator',
  async show(page) {
    view = page.view
    shown = ''
    await refresh()
  },
  watch: () => (view ? refresh() : Promise.resolve()),
})

/** Draws only if something has changed, and never under an open dialog. */
async function refresh() {
  const overview = await operator.overview()
  const state = JSON.stringify(overview)
  if (state === shown || document.querySelector('dialog[open]')) return
  shown = state
  replace(view, heading(), paymentsCard(overview.orders), bindingsCard(overview.bindings), parkedCard(overview.parked))
}

function heading() {
  const reconcile = async () => {
    const { tended } = await operator.reconcile()
    await refresh()
    say(t('reconciled', { count: tended }), 'good')
  }
  const button = el('button', { type: 'button', class: 'quiet', on: { click: () => act(reconcile) } }, t('reconcile'))
  return el('div', { class: 'heading' }, el('h1', {}, t('operatorTitle')), button)
}

function paymentsCard(orders) {
  const rows = orders.flatMap((order) => order.payments.map((payment) => paymentRow(order, payment)).reverse())
  const names = ['order', 'who', 'amount', 'status', 'reference', 'action']
  const table = el(
    'table',
    {},
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        names.map((name) => el('th', { scope: 'col' }, t(name))),
      ),
    ),
    el('tbody', {}, rows),
  )
  return section('payments', rows.length > 0 ? el('div', { class: 'scroll' }, table) : el('p', {}, t('noPayments')))
}

function paymentRow(order, payment) {
  const { partnerReferenceNo, amount, status, updatedAt } = payment
  const warning = order.isPaidTwice && tookMoney(payment) && el('small', { class: 'warning' }, t('paidTwice'))
  const cell = (name, ...children) => el('td', { 'data-name': t(name) }, el('div', {}, children))
  return el(
    'tr',
    { 'data-payment': partnerReferenceNo },
    cell('order', el('b', {}, order.id), el('small', {}, when(updatedAt)), warning),
    cell('who', order.customerId),
    cell('amount', el('span', { class: 'price' }, money(amount.value)), refundedText(payment)),
    cell('status', badge(status)),
    cell('reference', el('code', {}, partnerReferenceNo)),
    cell('action', refundButton(order, payment)),
  )
}

function refundedText({ amount, refunds = [] }) {
  const left = leftOf({ amount, refunds })
  return refunds.length > 0 && el('small', {}, t('refundLeft', { amount: money(left) }))
}

function refundButton({ id }, payment) {
  if (!tookMoney(payment) || leftOf(payment) <= 0) return '–'
  const click = () => askRefund(id, payment, refresh)
  const attributes = { 'data-focus': `refund-${payment.partnerReferenceNo}`, 'aria-label': t('refundOrder', { id }) }
  return el('button', { type: 'button', class: 'quiet small', ...attributes, on: { click } }, t('refund'))
}

function bindingsCard(bindings) {
  const rows = bindings.map(({ name, phoneNo, status }) =>
    el(
      'li',
      {},
      el('b', {}, name),
      el('code', {}, phoneNo ?? '–'),
      status ? badge(status) : el('span', { class: 'faint' }, t('neverLinked')),
    ),
  )
  return section('bindings', el('ul', { class: 'rows' }, rows))
}

function parkedCard(events) {
  const rows = events.map((event) =>
    el(
      'li',
      {},
      el('b', {}, event.type),
      el('code', {}, event.payment?.orderId ?? event.customerId ?? event.id),
      redeliverButton(event),
    ),
  )
  const list = rows.length > 0 ? el('ul', { class: 'rows' }, rows) : el('p', {}, t('nothingParked'))
  return section('parked', el('p', { class: 'faint' }, t('parkedText')), list)
}

function redeliverButton({ id }) {
  const redeliver = async () => {
    await operator.redeliver(id)
    await refresh()
    say(t('redelivered'), 'good')
  }
  return el('button', { type: 'button', class: 'quiet small', on: { click: () => act(redeliver) } }, t('redeliver'))
}

function section(name, ...children) {
  return el(
    'section',
    { class: 'card', id: name, 'aria-labelledby': `${name}-title` },
    el('h2', { id: `${name}-title` }, t(name)),
    children,
  )
}
