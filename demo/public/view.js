const byId = (id) => document.getElementById(id)

const rupiah = new Intl.NumberFormat('id-ID', { style: 'currency', currency: 'IDR', maximumFractionDigits: 0 })
const money = (value) => rupiah.format(Number(value))

const working = { label: 'In progress', tone: '' }
const standings = {
  'awaiting-customer': { label: 'Confirm at OVO', tone: '', action: 'Go on' },
  paid: { label: 'Paid', tone: 'good' },
  failed: { label: 'Failed', tone: 'bad', action: 'Try again' },
  cancelled: { label: 'Cancelled', tone: 'bad', action: 'Try again' },
  refunded: { label: 'Refunded', tone: '' },
  'partially-refunded': { label: 'Partly refunded', tone: '' },
}

/** Whether somebody should keep asking how the payment stands. */
export const isLive = ({ status }) => ['sending', 'unknown', 'processing', 'awaiting-customer'].includes(status)

export function showBusy(isBusy) {
  document.querySelector('main').ariaBusy = String(isBusy)
}

/** All text from outside goes in as text, never as HTML. */
export function say(text, isBad = false) {
  byId('message').textContent = text
  byId('message').className = isBad ? 'bad' : ''
}

export function showSession({ customers, customer, hint }, onSignIn) {
  byId('sign-in').hidden = Boolean(customer)
  for (const id of ['who', 'wallet', 'shop']) byId(id).hidden = !customer
  byId('name').textContent = customer?.name ?? ''
  byId('customers').replaceChildren(...customers.map((one) => signInButton(one, onSignIn)))
  byId('hint').hidden = !hint
  byId('otp').textContent = hint?.otp ?? ''
  byId('pin').textContent = hint?.pin ?? ''
  byId('phone').value = hint?.phoneNo ?? ''
}

function signInButton({ id, name }, onSignIn) {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = name
  button.setAttribute('aria-label', `Sign in as ${name}`)
  button.addEventListener('click', () => onSignIn(id))
  return button
}

export function showWallet(binding, balance) {
  const isLinked = binding?.status === 'active'
  byId('link').hidden = isLinked
  byId('linked').hidden = !isLinked
  byId('unfinished').hidden = !binding?.redirectUrl
  if (binding?.redirectUrl) byId('redirect').href = binding.redirectUrl
  byId('account').textContent = binding?.phoneNo ?? ''
  byId('cash').textContent = balance ? money(balance.cash.value) : 'not known'
  byId('points').textContent = balance?.points ? money(balance.points.value) : 'none'
}

export function showOrders(orders, isLinked, onPay) {
  const focused = document.activeElement?.closest('[data-order]')?.dataset.order
  byId('link-first').hidden = isLinked
  byId('orders').replaceChildren(...orders.map((order) => orderRow(order, isLinked, onPay)))
  if (focused) document.querySelector(`[data-order="${CSS.escape(focused)}"] button`)?.focus()
}

function orderRow(order, isLinked, onPay) {
  const row = byId('order').content.cloneNode(true).firstElementChild
  const part = (name) => row.querySelector(`[data-part=${name}]`)
  const { label, tone, action } = order.payment
    ? (standings[order.payment.status] ?? working)
    : { label: 'Not paid', tone: '', action: 'Pay' }
  row.dataset.order = order.id
  part('title').textContent = order.title
  part('id').textContent = order.id
  part('amount').textContent = money(order.amount)
  part('status').textContent = label
  part('status').className = `badge ${tone}`
  part('pay').hidden = !action
  part('pay').disabled = !isLinked
  part('pay').textContent = action ?? ''
  part('pay').setAttribute('aria-label', `${action ?? 'Pay'}: ${order.title}`)
  part('pay').addEventListener('click', () => onPay(order.id))
  return row
}
