import { ovo, Refusal, shop } from './api.js'
import { isLive, say, showBusy, showOrders, showSession, showWallet } from './view.js'

const firstPauseMs = 1000
const longestPauseMs = 10_000

/** The payments that are being watched, by reference; a new one for every person who signs in. */
let watched = new Set()

/** Runs what a click asks for, one at a time: what was clicked twice is done once. */
let isBusy = false
async function act(run) {
  if (isBusy) return
  isBusy = true
  showBusy(true)
  say('')
  try {
    await run()
  } catch (error) {
    await refresh().catch(() => {})
    say(error instanceof Refusal ? error.message : 'Something went wrong; reload the page.', true)
    if (!(error instanceof Refusal)) console.error(error)
  } finally {
    isBusy = false
    showBusy(false)
  }
}

/** Asks the shop how everything stands, and shows it. What the address says is never believed. */
async function refresh() {
  const session = await shop.session()
  showSession(session, (customerId) => act(() => signIn(customerId)))
  if (!session.customer) return
  const [orders, binding] = await Promise.all([shop.orders(), ovo.binding()])
  const isLinked = binding?.status === 'active'
  const balance = isLinked ? await ovo.balance().catch(() => undefined) : undefined
  showWallet(binding, balance)
  showOrders(orders, isLinked, (orderId) => act(() => pay(orderId)))
  for (const { payment } of orders)
    if (payment && isLive(payment)) watch(payment.partnerReferenceNo).catch(console.error)
}

async function signIn(customerId) {
  await shop.signIn(customerId)
  await refresh()
  document.getElementById('sign-out').focus()
}

async function signOut() {
  watched = new Set()
  await shop.signOut()
  await refresh()
  document.querySelector('#customers button').focus()
}

async function link(phoneNo) {
  const { redirectUrl } = await ovo.link(phoneNo)
  location.assign(redirectUrl)
}

async function unlink() {
  await ovo.unlink()
  await refresh()
  document.getElementById('phone').focus()
  say('Your OVO account is unlinked.')
}

/** The answer is the attempt that is live already, when there is one: then it goes on there. */
async function pay(orderId) {
  const payment = await ovo.pay(orderId)
  if (payment.webRedirectUrl) return location.assign(payment.webRedirectUrl)
  await refresh()
  if (payment.failure) say(`The payment failed: ${payment.failure.message}`, true)
}

/** Asks for the status until the payment is final, at longer and longer intervals; not while nobody looks. */
async function watch(reference) {
  const mine = watched
  if (mine.has(reference)) return
  mine.add(reference)
  const { status } = await settledPayment(reference, () => mine !== watched)
  if (mine !== watched) return
  mine.delete(reference)
  await refresh()
  say(status === 'paid' ? 'Your order is paid.' : 'The payment did not succeed; you can try again.', status !== 'paid')
}

async function settledPayment(reference, isOver) {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
    if (isOver()) return {}
    if (document.hidden) continue
    const payment = await ovo.payment(reference).catch(() => undefined)
    if (payment && !isLive(payment)) return payment
  }
}

/** OVO sends people back with a status in the address; the shop knows better. */
async function welcomeBack() {
  const came = new URLSearchParams(location.search)
  if (came.has('purpose')) history.replaceState(null, '', location.pathname)
  await refresh()
  if (came.get('purpose') === 'binding') await sayBinding()
  if (came.get('purpose') === 'payment') await sayPayment(came.get('partnerReferenceNo') ?? '')
}

async function sayBinding() {
  const isLinked = (await ovo.binding())?.status === 'active'
  say(isLinked ? 'Your OVO account is linked.' : 'Your OVO account is not linked.', !isLinked)
}

async function sayPayment(reference) {
  const payment = await ovo.payment(reference)
  if (isLive(payment)) say('The payment is in progress.')
  else if (payment.status === 'paid') say('Your order is paid.')
  else say(`The payment did not succeed${payment.failure ? `: ${payment.failure.message}` : ''}.`, true)
}

document.getElementById('sign-out').addEventListener('click', () => act(signOut))
document.getElementById('unlink').addEventListener('click', () => act(unlink))
document.getElementById('link').addEventListener('submit', (event) => {
  event.preventDefault()
  act(() => link(event.target.elements.phoneNo.value))
})
// A page that Back has brought to life again shows what was true before.
addEventListener('pageshow', (event) => event.persisted && act(refresh))
act(welcomeBack)
