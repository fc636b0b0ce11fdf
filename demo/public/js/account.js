import { act, say } from './act.js'
import { ovo } from './api.js'
import { el, replace } from './dom.js'
import { t } from './language.js'
import { startPage } from './shell.js'
import { isLinked, linkForm, readWallet, showBalance } from './wallet.js'

/** OVO sends people back with a status in the URL. The shop uses it only to show a notice, and asks the plug-in for the real status. */
const isBack = new URLSearchParams(location.search).get('purpose') === 'binding'
if (isBack) history.replaceState(null, '', location.pathname)
let isGreeted = !isBack

startPage({
  needs: 'customer',
  async show({ view, session, refresh }) {
    const wallet = await readWallet()
    const isActive = isLinked(wallet)
    replace(
      view,
      el('h1', {}, t('accountTitle')),
      isActive ? walletCard(wallet, refresh) : linkCard(wallet, session.hint),
    )
    if (!isGreeted) say(t(isActive ? 'linkedNow' : 'notLinkedNow'), isActive ? 'good' : 'bad')
    isGreeted = true
  },
})

function walletCard({ binding, balance }, refresh) {
  const unlink = async () => {
    await ovo.unlink()
    await refreshAndSay(refresh)
  }
  return el(
    'section',
    { id: 'wallet' },
    el(
      'div',
      { class: 'wallet' },
      el('p', { class: 'wallet-name' }, el('b', {}, 'OVO'), el('span', { id: 'phone-masked' }, binding.phoneNo)),
      el('dl', {}, fact('cash', balance?.cash, t('cash')), fact('points', balance?.points, t('points'))),
    ),
    el(
      'div',
      { class: 'row' },
      el('a', { class: 'button', href: '/checkout' }, t('toBasket')),
      el('button', { type: 'button', class: 'quiet', id: 'unlink', on: { click: () => act(unlink) } }, t('unlink')),
    ),
  )
}

async function refreshAndSay(refresh) {
  await refresh()
  say(t('unlinkedNow'), 'good')
  document.getElementById('phone')?.focus()
}

function fact(id, amount, name) {
  return el('div', {}, el('dt', {}, name), el('dd', { id }, showBalance(amount)))
}

function linkCard(wallet, hint) {
  return el('section', { class: 'card', id: 'wallet' }, el('p', {}, t('notLinkedText')), linkForm(wallet, hint))
}
