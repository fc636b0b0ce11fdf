import { act, say } from './act.js'
import { shop } from './api.js'
import { el, replace } from './dom.js'
import { showHeader } from './header.js'
import { money, t, titleOf } from './language.js'
import { startPage } from './shell.js'
import { signInCard } from './sign-in.js'

startPage({
  async show({ view, session, refresh }) {
    const items = await shop.catalogue()
    const isCustomer = session.person?.role === 'customer'
    replace(
      view,
      !session.person && signInCard(t('signInText'), session.people, refresh),
      el('h1', {}, t('tagline')),
      el(
        'ul',
        { class: 'shelf' },
        items.map((item) => card(item, isCustomer, session, refresh)),
      ),
    )
  },
})

function card(item, isCustomer, session, refresh) {
  const title = titleOf(item)
  const click = () => act(() => add(item, session, refresh))
  const button = el('button', { type: 'button', on: { click } }, t('add'), el('span', { class: 'unseen' }, title))
  return el(
    'li',
    { class: 'card item' },
    el('img', { src: `/products/${item.id}.svg`, alt: '', width: 320, height: 240 }),
    el(
      'div',
      { class: 'about' },
      el('h2', {}, title),
      el('p', { class: 'price' }, money(item.price)),
      isCustomer && button,
    ),
  )
}

async function add(item, session, refresh) {
  const { lines } = await shop.basket()
  const quantity = lines.find(({ itemId }) => itemId === item.id)?.quantity ?? 0
  await shop.put(item.id, quantity + 1)
  await showHeader(session, refresh)
  say(t('added', { title: titleOf(item) }), 'good')
}
