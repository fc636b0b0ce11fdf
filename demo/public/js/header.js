import { act } from './act.js'
import { shop } from './api.js'
import { el, replace } from './dom.js'
import { choose, language, languages, t } from './language.js'

const here = document.body.dataset.page

/** The pages, and the role that each one needs. */
const places = [
  { name: 'catalogue', href: '/', roles: [undefined, 'customer', 'operator'] },
  { name: 'checkout', href: '/checkout', roles: ['customer'] },
  { name: 'orders', href: '/orders', roles: ['customer'] },
  { name: 'account', href: '/account', roles: ['customer'] },
  { name: 'operator', href: '/operator', roles: ['operator'] },
  { name: 'backstage', href: '/backstage', roles: [undefined, 'customer', 'operator'] },
]

/** @param onSignOut called when the person has signed out */
export async function showHeader({ person }, onSignOut) {
  const basket = person?.role === 'customer' ? await shop.basket() : undefined
  const links = places.filter(({ roles }) => roles.includes(person?.role)).map((place) => placeLink(place, basket))
  replace(
    document.getElementById('top'),
    brand(),
    el('nav', { 'aria-label': t('mainNav') }, links),
    el('div', { class: 'tools' }, person && personTool(person, onSignOut), languageTool()),
  )
  // On a small screen the links scroll.
  document.querySelector('nav [aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' })
}

function brand() {
  const icon = el('img', { src: '/icon.svg', alt: '', width: 32, height: 32 })
  return el('a', { class: 'brand', href: '/' }, icon, el('span', { class: 'brand-name' }, t('shopName')))
}

function placeLink({ name, href }, basket) {
  const link = el('a', { href, 'aria-current': name === here && 'page' }, t(name))
  if (name === 'checkout') link.append(...count(basket))
  return link
}

function count({ lines }) {
  const pieces = lines.reduce((total, { quantity }) => total + quantity, 0)
  return pieces > 0 ? [' ', el('span', { class: 'count' }, String(pieces))] : []
}

function personTool({ name }, onSignOut) {
  const signOut = async () => {
    await shop.signOut()
    await onSignOut()
  }
  return el(
    'span',
    { class: 'person' },
    el('span', { class: 'avatar', 'aria-hidden': 'true' }, name.slice(0, 1)),
    el('span', { class: 'name' }, name),
    el('button', { type: 'button', class: 'plain', id: 'sign-out', on: { click: () => act(signOut) } }, t('signOut')),
  )
}

function languageTool() {
  return el('span', { class: 'languages', role: 'group', 'aria-label': t('language') }, languages.map(languageButton))
}

function languageButton(one) {
  const attributes = { type: 'button', class: 'plain', lang: one, 'aria-pressed': String(one === language) }
  return el('button', { ...attributes, on: { click: () => choose(one) } }, one.toUpperCase())
}
