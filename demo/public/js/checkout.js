import { act } from './act.js'
import { ovo, shop } from './api.js'
import { el, replace } from './dom.js'
import { money, t, titleOf } from './language.js'
import { startPage } from './shell.js'
import { isLinked, linkForm, readWallet, showBalance } from './wallet.js'

startPage({
  needs: 'customer',
  async show({ view, session, refresh }) {
    const basket = await shop.basket()
    if (basket.lines.length === 0) return showEmpty(view)
    const wallet = await readWallet()
    replace(
      view,
      el('h1', {}, t('checkoutTitle')),
      el('div', { class: 'checkout' }, linesCard(basket, refresh), payCard(basket, wallet, session)),
    )
  },
})

async function showEmpty(view) {
  replace(
    view,
    el('h1', {}, t('checkoutTitle')),
    el(
      'section',
      { class: 'card empty' },
      el('p', {}, t('basketEmpty')),
      el(
        'div',
        { class: 'row' },
        el('a', { class: 'button', href: '/' }, t('lookAround')),
        el('a', { class: 'button quiet', href: '/orders' }, t('lookAtOrders')),
      ),
    ),
  )
}

const sumOf = ({ lines }) => lines.reduce((total, { price, quantity }) => total + price * quantity, 0)

function linesCard(basket, refresh) {
  return el(
    'section',
    { class: 'card' },
    el(
      'ul',
      { class: 'lines' },
      basket.lines.map((line) => lineRow(line, refresh)),
    ),
    el('p', { class: 'sum' }, el('span', {}, t('total')), el('b', { id: 'total' }, money(sumOf(basket)))),
  )
}

function lineRow({ itemId, price, quantity, ...names }, refresh) {
  const title = titleOf(names)
  const put = (next) => act(() => shop.put(itemId, next).then(refresh))
  const step = (name, sign, next) =>
    el(
      'button',
      {
        type: 'button',
        class: 'step',
        'data-focus': `${name}-${itemId}`,
        'aria-label': t(name, { title }),
        on: { click: () => put(next) },
      },
      el('span', { 'aria-hidden': 'true' }, sign),
    )
  return el(
    'li',
    {},
    el('img', { src: `/products/${itemId}.svg`, alt: '', width: 64, height: 48 }),
    el('div', { class: 'line' }, el('b', {}, title), el('span', { class: 'faint' }, money(price))),
    el(
      'div',
      { class: 'stepper' },
      step('less', '−', quantity - 1),
      el('output', {}, String(quantity)),
      step('more', '+', Math.min(9, quantity + 1)),
    ),
    el('span', { class: 'price' }, money(price * quantity)),
  )
}

function payCard(basket, wallet, { hint, canPayAtOnce }) {
  if (!isLinked(wallet)) {
    return el(
      'section',
      { class: 'card' },
      el('h2', {}, t('payWith')),
      el('p', {}, t('linkFirst')),
      linkForm(wallet, hint),
    )
  }
  const submit = (event) => {
    event.preventDefault()
    act(() => payFor(basket, new FormData(event.target)))
  }
  return el(
    'form',
    { class: 'card', id: 'pay', on: { submit } },
    el('h2', {}, t('payWith')),
    choices('payMethod', t('payFrom'), [
      ['CASH', t('cash'), showBalance(wallet.balance?.cash)],
      ['POINTS', t('points'), showBalance(wallet.balance?.points)],
    ]),
    canPayAtOnce &&
      choices('confirm', t('confirmHow'), [
        ['pin', t('withPin'), t('withPinText')],
        ['click', t('oneClick'), t('oneClickText')],
      ]),
    el('button', { type: 'submit' }, t('payNow', { amount: money(sumOf(basket)) })),
  )
}

function choices(name, legend, options) {
  const labels = options.map(([value, title, text], index) =>
    el(
      'label',
      { class: 'option' },
      el('input', { type: 'radio', name, value, checked: index === 0 }),
      el('span', {}, el('b', {}, title), el('small', {}, text)),
    ),
  )
  return el('fieldset', {}, el('legend', {}, legend), labels)
}

/** Orders the basket and pays the order. Both happen once, even if this runs several times or in several tabs. */
async function payFor(basket, form) {
  const order = await shop.order(basket.id, form.get('confirm') === 'click')
  const payment = await ovo.pay(order.id, form.get('payMethod')).catch((error) => {
    // The order exists now. The customer can pay it from the list of orders.
    sessionStorage.setItem('problem', JSON.stringify({ status: error.status, code: error.code, detail: error.message }))
    return {}
  })
  location.assign(payment.webRedirectUrl ?? `/orders?order=${encodeURIComponent(order.id)}`)
}
