import { act, describe, say } from './act.js'
import { ovo, Refusal, shop } from './api.js'
import { el, replace } from './dom.js'
import { money, t, titleOf, when } from './language.js'
import { startPage } from './shell.js'
import { badge, isLive, standingOf, tookMoney } from './standing.js'

/** The page before this one: OVO's page or the checkout. The shop never trusts the URL about money. */
const query = new URLSearchParams(location.search)
const cameFor = { reference: query.get('partnerReferenceNo'), orderId: query.get('order') }
if (query.size > 0) history.replaceState(null, '', location.pathname)

/** The order that the customer waits for, and its last shown status. A new status is shown as a notice. */
let awaited
let told = ''
let shown = ''
let view

startPage({
  needs: 'customer',
  async show(page) {
    view = page.view
    shown = ''
    const orders = await shop.orders()
    awaited ??= orders.find(isAwaited)?.id
    show(orders)
    tellProblem()
  },
  watch: async () => view && show(await shop.orders()),
})

function isAwaited({ id, payments }) {
  return id === cameFor.orderId || payments.some(({ partnerReferenceNo }) => partnerReferenceNo === cameFor.reference)
}

/** Draws only if something has changed, so that the page does not change while a person uses it. */
function show(orders) {
  const state = JSON.stringify(orders)
  if (state === shown) return
  shown = state
  replace(view, el('h1', {}, t('ordersTitle')), orders.length === 0 ? emptyCard() : orderList(orders))
  tellNews(orders.find(({ id }) => id === awaited))
}

function emptyCard() {
  return el(
    'section',
    { class: 'card empty' },
    el('p', {}, t('noOrders')),
    el('a', { class: 'button', href: '/' }, t('lookAround')),
  )
}

function orderList(orders) {
  return el('ol', { class: 'orders' }, orders.map(orderCard))
}

function orderCard(order) {
  const { id, lines, amount, orderedAt, payments } = order
  const standing = standingOf(payments)
  return el(
    'li',
    { class: 'card order', 'data-order': id },
    el('div', { class: 'pictures', 'aria-hidden': 'true' }, lines.map(picture)),
    el(
      'div',
      { class: 'line' },
      el('h2', {}, t('orderNo', { id })),
      el('p', {}, lines.map(pieces).join(', ')),
      el('p', { class: 'faint small' }, when(orderedAt)),
    ),
    el('div', { class: 'standing' }, el('b', { class: 'price' }, money(amount)), badge(standing?.status ?? 'none')),
    actionButton(order, standing),
    payments.length > 1 && attemptList(payments),
  )
}

function pieces(line) {
  return line.quantity > 1 ? `${line.quantity} × ${titleOf(line)}` : titleOf(line)
}

function picture({ itemId }) {
  return el('img', { src: `/products/${itemId}.svg`, alt: '', width: 64, height: 48 })
}

function attemptList(payments) {
  const attempts = payments.map(({ status, updatedAt }, index) =>
    el('li', {}, el('span', {}, t('attempt', { number: index + 1 })), badge(status), el('time', {}, when(updatedAt))),
  )
  return el('details', { class: 'attempts' }, el('summary', {}, t('attempts')), el('ol', {}, attempts))
}

const actions = { none: 'pay', 'awaiting-customer': 'goOn', failed: 'tryAgain', cancelled: 'tryAgain' }

function actionButton({ id }, standing) {
  const name = actions[standing?.status ?? 'none']
  if (!name) return undefined
  const attributes = { 'data-focus': `pay-${id}`, 'aria-label': t('orderAction', { action: t(name), id }) }
  const click = () => act(() => pay(id))
  return el('button', { type: 'button', ...attributes, on: { click } }, t(name))
}

/** If an attempt is live already, the plug-in returns that one, and the customer continues there. */
async function pay(orderId) {
  awaited = orderId
  told = ''
  const payment = await ovo.pay(orderId)
  if (payment.webRedirectUrl) return location.assign(payment.webRedirectUrl)
  shown = ''
  show(await shop.orders())
}

function tellNews(order) {
  const standing = order && standingOf(order.payments)
  if (!standing || standing.status === told) return
  told = standing.status
  const name = ['failed', 'cancelled', 'unknown'].find((status) => status === standing.status)
  if (tookMoney(standing)) say(t('notice.paid', order), 'good')
  else if (name) say(t(`notice.${name}`, order), name === 'unknown' ? 'odd' : 'bad')
  else if (isLive(standing)) say(t('notice.live', order))
}

/** A notice that the checkout left for this page. */
function tellProblem() {
  const problem = sessionStorage.getItem('problem')
  sessionStorage.removeItem('problem')
  if (!problem) return
  const { status, ...rest } = JSON.parse(problem)
  say(describe(new Refusal(status, rest)), 'bad')
}
